"""What the pieces of a plan read: the expressions of steps, and through them the request."""

from collections.abc import Iterable, Iterator

from syncrules.plan.expression import Call, Column, Expression, RequestValue, leaves, subexpressions
from syncrules.plan.nodes import Expand, Filter, Lookup, Part


def expressions_of(steps: Iterable[Filter | Expand | Lookup]) -> Iterator[Expression]:
    """Every expression of some steps, in order."""
    for step in steps:
        match step:
            case Filter():
                yield step.condition
            case Expand():
                yield step.argument
            case Lookup():
                yield from step.keys


def request_parts(expressions: Iterable[Expression]) -> set[str]:
    """Which parts of the request some expressions read: `user_id`, `token`, …"""
    return {leaf.part for e in expressions for leaf in leaves(e) if isinstance(leaf, RequestValue)}


def reads_subscription(part: Part) -> bool:
    """Whether a part depends on the subscription's parameters."""
    return "subscription" in request_parts([*expressions_of(part.steps), *part.outputs])


def looks_up(part: Part) -> bool:
    """Whether a part needs rows of the store."""
    return any(isinstance(step, Lookup) for step in part.steps)


def columns_in(expressions: Iterable[Expression]) -> list[Column]:
    """The columns that some expressions read, each once, by source and name."""
    found = {leaf for expression in expressions for leaf in leaves(expression) if isinstance(leaf, Column)}
    return sorted(found, key=lambda column: (column.source, column.name))


def read_by_value(part: Part) -> frozenset[Column]:
    """Bound values that only keys, equalities and outputs read, to which 1 and 1.0 are one value."""
    others: set[Column] = set()
    for expression in [*expressions_of(part.steps), *part.outputs]:
        match expression:
            case Column():
                continue
            case Call(function="=" | "is key", arguments=arguments):
                read = [argument for argument in arguments if not isinstance(argument, Column)]
            case _:
                read = [expression]
        others.update(columns_in(read))
    return frozenset(columns_in([*expressions_of(part.steps), *part.outputs])) - others


def is_written(condition: Expression) -> bool:
    """Whether a condition is one of the file's, not one that the compiler adds to keys."""
    return not any(isinstance(each, Call) and each.function == "is key" for each in subexpressions(condition))
