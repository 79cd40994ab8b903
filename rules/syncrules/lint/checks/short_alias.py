"""An alias for the query becomes the table's name on the client.

The alias of the selected table is what clients call the table. A short one, written to save typing, makes a table `t`
that no client looks for.

**Avoid**

```yaml
query: SELECT t.* FROM todos t WHERE t.owner_id = auth.user_id()
```

**Prefer**

```yaml
query: SELECT * FROM todos WHERE owner_id = auth.user_id()
```

**When it is fine**: the client's schema has a table of that name. Longer aliases are taken to be meant.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject

SEVERITY = Severity.WARNING
_LONGEST = 3


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Output tables of one to three letters that are not the source table's own name."""
    for rule in subject.plan.row_rules:
        name = rule.output_table
        if name is not None and len(name) <= _LONGEST and name != rule.table.name.text:
            message = f"clients see the rows of `{rule.table.name}` as a table `{name}`"
            advice = f"leave the alias out, or write `AS {rule.table.name.text}`"
            yield Diagnostic("short-alias", message, rule.spans[0], SEVERITY, advice)
