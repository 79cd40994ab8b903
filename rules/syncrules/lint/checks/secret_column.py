"""A column that looks like a secret syncs.

`SELECT *` takes along every column that the table has, and every one that it will have. Whoever holds the device can
read what was synced.

**Avoid**

```yaml
query: SELECT * FROM users WHERE id = auth.user_id()
```

**Prefer** to name the columns that clients need

```yaml
query: SELECT id, name, avatar FROM users WHERE id = auth.user_id()
```

**When it is fine**: the column only sounds like one. Needs `--schema` for columns under `*`.
"""

import re
from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.expression import Column
from syncrules.plan.nodes import Output, RowRule

SEVERITY = Severity.WARNING
_SECRET = re.compile(
    r"(?:^|_)(?:passwords?|passwd|password_hash|password_digest|pwd|secrets?|api_?keys?|private_?keys?|salt|otp|totp"
    r"|(?:access|refresh|auth|bearer|reset|verification)_?tokens?|ssn|cvv|card_?number|credentials?)(?:$|_(?:hash|digest|salt|encrypted)$)",
    re.IGNORECASE,
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Synced columns whose names are those of secrets."""
    for rule in subject.plan.row_rules:
        for name in sorted({*_columns(subject, rule)}):
            if _SECRET.search(name):
                message = f"column `{name}` of `{rule.table.name}` looks like a secret, and syncs"
                yield Diagnostic(
                    "secret-column", message, rule.spans[0], SEVERITY, "name the columns that clients need"
                )


def _columns(subject: Subject, rule: RowRule) -> Iterator[str]:
    for column in rule.columns:
        match column:
            case Output(expression=Column(source=0, name=name)):
                yield name
            case Output():
                pass
            case _ if subject.schema is not None:
                yield from subject.schema.columns_of(rule.table) or ()
            case _:
                pass
