"""Conditions on one value, decided by trying every value that can make a difference.

A condition that only compares a value with constants changes its answer at these constants alone. So it is enough
to try NULL, the constants, one value between each two that are neighbours, and one beyond them at either end, of
each storage class. What fails counts as false, as it does for rows and requests.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from syncrules.engine.expression_value import condition_holds
from syncrules.plan.expression import Call, Column, Constant, Expression, subexpressions
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError, SqlValue

_COMPARING: Final = frozenset("= != < <= > >= between in not and or".split()) | {
    "legacy !=",
    "is null",
    "is not null",
    "is true",
    "is false",
    "is not true",
    "is not false",
}


def compared_value(condition: Expression) -> Expression | None:
    """The one expression that a condition compares with constants; None if there are several, or none."""
    found = {*_compared(condition)}
    return found.pop() if len(found) == 1 else None


def answers(value: Expression, conditions: Sequence[Expression], semantics: Semantics) -> list[tuple[SqlValue, bool]]:
    """Whether all conditions on a value hold, for each value worth trying.

    >>> n, three = Column(0, "n"), Constant("integer", "3")
    >>> any(holds for _, holds in answers(n, [Call(">", (n, three)), Call("<", (n, three))], Semantics.SQLITE))
    False
    """
    constants = [found.value for each in conditions for found in subexpressions(each) if isinstance(found, Constant)]
    forms = [_named(each, value) for each in conditions]
    return [(tried, all(_holds(form, semantics, tried) for form in forms)) for tried in _worth_trying(constants)]


def _holds(form: Expression, semantics: Semantics, value: SqlValue) -> bool:
    try:
        return condition_holds(form, semantics, lambda _: value)
    except EvaluationError:
        return False


def _compared(condition: Expression) -> Iterator[Expression]:
    match condition:
        case Constant():
            pass
        case Call(function=function, arguments=arguments) if function in _COMPARING:
            for argument in arguments:
                yield from _compared(argument)
        case _:
            yield condition


def _named(condition: Expression, value: Expression) -> Expression:
    """The condition with the compared expression as a column."""
    match condition:
        case _ if condition == value:
            return Column(0, "value")
        case Call(function=function, arguments=arguments) if function in _COMPARING:
            return Call(function, tuple(_named(argument, value) for argument in arguments))
        case _:
            return condition


def _worth_trying(constants: Sequence[SqlValue]) -> Iterator[SqlValue]:
    yield None
    numbers = sorted({0, 1, *(each for each in constants if isinstance(each, int | float))})
    for number in (numbers[0] - 1, *numbers, numbers[-1] + 1):
        yield from (number, float(number))
    yield from ((low + high) / 2 for low, high in pairwise(numbers))
    for text in {"": None, "1": None, **{each: None for each in constants if isinstance(each, str)}}:
        yield text
        yield text + "\0"
    for blob in {b"": None, **{each: None for each in constants if isinstance(each, bytes)}}:
        yield blob
        yield blob + b"\0"
