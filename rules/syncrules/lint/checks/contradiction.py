"""Two conditions cannot both hold, so the query gives nothing.

**Avoid**

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind = 'a' AND kind = 'b'
```

**Prefer** one of the two, or both as alternatives:

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind IN ARRAY['a', 'b']
```

**When it is fine**: never.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.expression import Call, Constant, Expression

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """One value that must equal two different constants."""
    for rule in subject.table_rules():
        wanted: dict[Expression, Constant] = {}
        for condition, span in subject.conditions(rule):
            match condition:
                case Call(function="=", arguments=(value, Constant() as other) | (Constant() as other, value)):
                    first = wanted.setdefault(value, other)
                    if first.value != other.value:
                        name = getattr(value, "name", "the value")
                        message = f"`{name}` cannot be both `{first.text}` and `{other.text}`, so no row passes"
                        yield Diagnostic("contradiction", message, span, SEVERITY, "write OR, or remove one of the two")
                case _:
                    pass
