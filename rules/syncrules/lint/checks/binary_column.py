"""A binary column is selected, and does not sync.

Values of `bytea` columns are left out of synced rows. The column is missing on the client.

**Avoid**

```yaml
query: SELECT id, thumbnail FROM photos WHERE owner_id = auth.user_id()
```

**Prefer** to convert it

```yaml
query: SELECT id, base64(thumbnail) AS thumbnail FROM photos WHERE owner_id = auth.user_id()
```

or to keep files in object storage, and their addresses in the table.

**When it is fine**: never, if it is named. Under `*`, binary columns are left out without harm, and are not reported.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.nodes import Output
from syncrules.values.kinds import Kind

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Named columns whose values are always binary."""
    for rule in subject.plan.row_rules:
        for column in rule.columns:
            if isinstance(column, Output):
                kinds = subject.kinds(rule, column.expression) - {Kind.NULL}
                if kinds == {Kind.BLOB}:
                    message = f"`{column.name}` is binary, and is left out of the rows that sync"
                    yield Diagnostic(
                        "binary-column", message, rule.spans[0], SEVERITY, f"write `base64({column.name})`"
                    )
