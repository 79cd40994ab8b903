"""A condition that everything satisfies, so it keeps nothing out.

Every value that could make a difference was tried, and all pass.

**Avoid**

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id() AND (status != 'secret' OR status != 'private')
```

**Prefer** what was meant: mostly AND, where NOT is about

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id() AND status NOT IN ARRAY['secret', 'private']
```

**When it is fine**: never; without it the query says the same.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.engine.domain import answers, compared_value
from syncrules.lint.subject import Subject, name_of
from syncrules.plan.expression import Expression
from syncrules.values.kinds import ANYTHING, Kind, Kinds

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Conditions on one value, of a row or of a request, that hold for all it can be."""
    for rule in subject.table_rules():
        for condition, span in subject.conditions(rule):
            value = compared_value(condition)
            if value is not None and _holds(subject, condition, value, subject.kinds(rule, value)):
                yield Diagnostic("tautology", _message(value), span, SEVERITY, "remove the condition, or mend it")
    for condition, span in subject.request_conditions():
        value = compared_value(condition)
        if value is not None and _holds(subject, condition, value, ANYTHING):
            yield Diagnostic("tautology", _message(value), span, SEVERITY, "remove the condition, or mend it")


def _holds(subject: Subject, condition: Expression, value: Expression, kinds: Kinds) -> bool:
    tried = answers(value, [condition], subject.plan.semantics)
    return all(holds for each, holds in tried if each is not None or Kind.NULL in kinds)


def _message(value: Expression) -> str:
    return f"everything that {name_of(value)} can be satisfies this"
