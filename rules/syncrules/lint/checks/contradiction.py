"""Conditions that nothing can satisfy, so the query gives nothing.

Every value that could make a difference was tried, and none passes.

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

from collections.abc import Iterable, Iterator

from syncrules.diagnostics import Diagnostic, Severity, Span
from syncrules.engine.domain import answers, compared_value
from syncrules.lint.subject import Subject, name_of
from syncrules.plan.expression import Expression
from syncrules.plan.nodes import Filter
from syncrules.values.kinds import ANYTHING, Kind, Kinds

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Conditions on one value, of a row or of a request, that exclude each other."""
    for rule in subject.table_rules():
        for value, conditions in _by_value(subject.conditions(rule)):
            yield from _contradiction(subject, value, conditions, subject.kinds(rule, value))
    for query in subject.plan.bucket_queries:
        for part in query.parts:
            filters = ((s.condition, (s.spans or query.spans)[0]) for s in part.steps if isinstance(s, Filter))
            for value, conditions in _by_value(filters):
                yield from _contradiction(subject, value, conditions, ANYTHING)


def _by_value(
    conditions: Iterable[tuple[Expression, Span]],
) -> Iterable[tuple[Expression, list[tuple[Expression, Span]]]]:
    grouped: dict[Expression, list[tuple[Expression, Span]]] = {}
    for condition, span in conditions:
        value = compared_value(condition)
        if value is not None:
            grouped.setdefault(value, []).append((condition, span))
    return grouped.items()


def _contradiction(
    subject: Subject, value: Expression, conditions: list[tuple[Expression, Span]], kinds: Kinds
) -> Iterator[Diagnostic]:
    tried = answers(value, [condition for condition, _ in conditions], subject.plan.semantics)
    if not any(holds for each, holds in tried if each is not None or Kind.NULL in kinds):
        together = "this" if len(conditions) == 1 else "all of the conditions on it"
        message = f"nothing that {name_of(value)} can be satisfies {together}"
        advice = "write OR between alternatives, or remove a condition"
        yield Diagnostic("contradiction", message, conditions[-1][1], SEVERITY, advice)
