"""A timestamp is compared with a text that has a space in the middle.

Since edition 2, timestamps are stored as `2025-01-01T12:00:00Z`. They are compared as texts, letter by letter, and `T`
sorts after the space: every moment of that day passes `> '2025-01-01 12:00:00'`.

**Avoid**

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id() AND at > '2025-01-01 12:00:00'
```

**Prefer**

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id() AND at > '2025-01-01T12:00:00Z'
```

**When it is fine**: never, unless `timestamps_iso8601` is switched off.
"""

import re
from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.example import row_example
from syncrules.lint.subject import Subject, comparisons, text_of
from syncrules.plan.expression import Column

SEVERITY = Severity.WARNING
_WITH_SPACE = re.compile(r"\d{4}-\d\d-\d\d \d\d:?")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Comparisons of timestamps with texts that are written in the other form."""
    if not subject.options.timestamps_iso8601:
        return
    for rule in subject.table_rules():
        for condition, span in subject.conditions(rule):
            for _, left, right in comparisons(condition):
                types = subject.source_types(rule, left)
                text = text_of(right)
                if text and _WITH_SPACE.match(text) and any(one.startswith("timestamp") for one in types):
                    message = f"timestamps are stored with a `T`, which sorts after the space in `{text}`"
                    advice = f"write `'{text.replace(' ', 'T', 1)}'`, with a `Z` for UTC"
                    row = {left.name: f"{text[:10]}T00:00:00Z"} if isinstance(left, Column) else {}
                    example = row_example(condition, subject.plan.semantics, row) if row else None
                    yield Diagnostic("timestamp-with-space", message, span, SEVERITY, advice, example)
