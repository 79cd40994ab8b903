"""A stream selects no `id`.

Clients keep each synced row under its `id`. Without one, all rows of the query become one row.

**Avoid**

```yaml
query: SELECT title FROM notes WHERE owner_id = auth.user_id()
```

**Prefer**

```yaml
query: SELECT id, title FROM notes WHERE owner_id = auth.user_id()
```

**When it is fine**: never. If the table's key has another name, write `key AS id`.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.nodes import OutputStar, RowRule

SEVERITY = Severity.ERROR


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Row rules without a column `id`."""
    for rule in subject.plan.row_rules:
        if not _has_id(subject, rule):
            message = f"rows of `{rule.table.name}` sync without an `id`"
            yield Diagnostic("missing-id", message, rule.spans[0], SEVERITY, "select `id`, or `… AS id`")


def _has_id(subject: Subject, rule: RowRule) -> bool:
    for column in rule.columns:
        match column:
            case OutputStar():
                known = subject.schema.columns_of(rule.table) if subject.schema is not None else None
                if known is None or "id" in known:
                    return True
            case _ if column.name == "id":
                return True
            case _:
                pass
    return False
