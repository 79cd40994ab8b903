"""A negation lets rows with NULL through.

Under the default semantics `NOT x`, `x != y` and `x NOT IN …` are true where `x` is NULL, unlike in SQL. So rows whose
column is not filled in sync to everybody who gets the others.

**Avoid**

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id() AND NOT archived
```

**Prefer** to say what must hold, or to say what NULL means:

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id() AND archived = false
```

**When it is fine**: the column is never NULL. Give the schema with `--schema`, and columns that are `NOT NULL` are
left alone. Under `unstable_sqlite_expression_engine: true` the question does not arise.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.example import row_example
from syncrules.lint.subject import Subject
from syncrules.plan.expression import Call, Column, Expression, leaves, subexpressions
from syncrules.values.kinds import Kind
from syncrules.values.semantics import Semantics

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Negated conditions on columns that can be NULL."""
    if subject.plan.semantics is not Semantics.POWERSYNC:
        return
    for rule in subject.table_rules():
        for condition, span in subject.conditions(rule):
            for negated in _negated(condition):
                names = [leaf.name for leaf in leaves(negated) if isinstance(leaf, Column) and leaf.source == 0]
                if names and Kind.NULL in subject.kinds(rule, negated):
                    message = f"rows whose `{names[0]}` is NULL pass this condition"
                    advice = f"compare with `=`, or add `AND {names[0]} IS NOT NULL`"
                    example = row_example(condition, subject.plan.semantics, {names[0]: None})
                    yield Diagnostic("null-rows", message, span, SEVERITY, advice, example)
                    break


def _negated(condition: Expression) -> Iterator[Expression]:
    """What is negated in a condition, unless a null test stands beside it."""
    guarded = any(
        isinstance(found, Call) and found.function in {"is null", "is not null"} for found in subexpressions(condition)
    )
    for found in () if guarded else subexpressions(condition):
        match found:
            case Call(function="not", arguments=(Call(function="is key"),)):
                pass
            case Call(function="not", arguments=(inner,)):
                yield inner
            case Call(function="!="):
                yield found.arguments[0] if isinstance(found.arguments[0], Column) else found.arguments[1]
            case _:
                pass
