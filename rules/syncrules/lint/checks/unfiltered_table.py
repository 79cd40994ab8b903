"""A whole table syncs to everybody.

Nothing in the query depends on the row or on who asks, so every user gets every row of the table.

**Avoid**

```yaml
streams:
  accounts:
    auto_subscribe: true
    query: SELECT * FROM accounts
```

**Prefer** a condition that ties the rows to whoever asks:

```yaml
streams:
  accounts:
    auto_subscribe: true
    query: SELECT * FROM accounts WHERE owner_id = auth.user_id()
```

**When it is fine**: the table is public on purpose, such as a list of countries. Say so in a comment,
`# syncrules: ignore[unfiltered-table] countries are public`.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Rows without a condition, in a bucket that everybody gets."""
    for rule in subject.plan.row_rules:
        everybody = any(not query.parts for query in subject.queries_of(rule))
        if everybody and not rule.steps and not rule.keys:
            message = f"every user syncs every row of `{rule.table.name}`"
            yield Diagnostic("unfiltered-table", message, rule.spans[0], SEVERITY, "add a condition on who asks")
