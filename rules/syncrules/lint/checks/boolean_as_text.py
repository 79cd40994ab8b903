"""A boolean column is compared with a text.

Booleans are stored as 1 and 0, and a text is never equal to a number: `done = 'true'` matches nothing.

**Avoid**

```yaml
query: SELECT * FROM todos WHERE owner_id = auth.user_id() AND done = 'true'
```

**Prefer**

```yaml
query: SELECT * FROM todos WHERE owner_id = auth.user_id() AND done = true
```

**When it is fine**: never.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.example import row_example
from syncrules.lint.subject import Subject, comparisons, text_of

SEVERITY = Severity.ERROR


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Comparisons of boolean columns with text constants."""
    for rule in subject.table_rules():
        for condition, span in subject.conditions(rule):
            for _, left, right in comparisons(condition):
                types = subject.source_types(rule, left)
                if text_of(right) is not None and types and types <= {"bool", "boolean"}:
                    name = getattr(left, "name", "the column")
                    message = f"`{name}` is a boolean, stored as 1 or 0, and never equals the text `{text_of(right)}`"
                    example = row_example(condition, subject.plan.semantics, {name: 1})
                    yield Diagnostic("boolean-as-text", message, span, SEVERITY, "write `= true` or `= false`", example)
