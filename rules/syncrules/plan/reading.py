"""What the pieces of a plan read: the expressions of steps, and through them the request."""

from collections.abc import Iterable, Iterator

from syncrules.plan.expression import Call, Expression, RequestValue, leaves, subexpressions
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


def is_written(condition: Expression) -> bool:
    """Whether a condition is one of the file's, not one that the compiler adds to keys."""
    return not any(isinstance(each, Call) and each.function == "is key" for each in subexpressions(condition))
