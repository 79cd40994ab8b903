"""The affinity of casts in comparisons, made explicit (SQLite's documentation of datatypes, section 4.2).

Columns and bound values have none, so only CAST brings one: a text compared with a cast to a number is
read as a number, a number compared with a cast to text is written as text. Here that becomes a call on
the other operand, so that everything behind the front end compares storage values. PowerSync's semantics has
no affinity, so nothing is converted there.
"""

from collections.abc import Sequence
from typing import Final

from syncrules.plan.expression import BucketParameter, Call, Constant, Expression, RequestValue
from syncrules.values.semantics import Semantics

COMPARISONS: Final = frozenset({"=", "!=", "legacy !=", "<", "<=", ">", ">=", "between", "in"})
"""The operators whose operands are compared with the first one."""

_AFFINITIES: Final = {
    "cast text": "text affinity",
    "cast integer": "numeric affinity",
    "cast real": "numeric affinity",
    "cast numeric": "numeric affinity",
}


def compared(left: Expression, right: Expression, semantics: Semantics) -> tuple[Expression, Expression]:
    """Two operands of a comparison, the one without affinity converted to that of the other.

    >>> from syncrules.plan.expression import Column, constant
    >>> compared(Call("cast integer", (Column(0, "n"),)), constant("7"), Semantics.SQLITE)[1].function
    'numeric affinity'
    """
    ours, theirs = _affinity(left, semantics), _affinity(right, semantics)
    match ours, theirs:
        case "numeric affinity", None | "text affinity":
            return left, _converted("numeric affinity", right)
        case None | "text affinity", "numeric affinity":
            return _converted("numeric affinity", left), right
        case "text affinity", None:
            return left, _converted("text affinity", right)
        case None, "text affinity":
            return _converted("text affinity", left), right
        case _:
            return left, right


def comparison(function: str, operands: Sequence[Expression], semantics: Semantics) -> Expression:
    """A comparison by its name. The list of IN has no affinity of its own."""
    first, *rest = operands
    match function:
        case "in":
            affinity = _affinity(first, semantics)
            items = rest if affinity is None else [_converted(affinity, item) for item in rest]
            return Call("in", (first, *items))
        case "between":
            low, high = (compared(first, bound, semantics) for bound in rest)
            if low[0] == high[0]:
                return Call("between", (low[0], low[1], high[1]))
            return Call("and", (Call(">=", low), Call("<=", high)))
        case _:
            return Call(function, compared(first, rest[0], semantics))


def in_array(value: Expression, array: Expression, semantics: Semantics) -> Expression:
    """`value IN array`, for the text of a JSON array."""
    affinity = _affinity(value, semantics)
    return Call("in json", (value, array if affinity is None else Call(f"elements under {affinity}", (array,))))


def _affinity(expression: Expression, semantics: Semantics) -> str | None:
    if semantics is Semantics.POWERSYNC:
        return None
    return _AFFINITIES.get(expression.function) if isinstance(expression, Call) else None


def _converted(affinity: str, expression: Expression) -> Expression:
    """The operand under an affinity; none where it can be seen to change nothing.

    A bucket parameter keeps its storage class: it stands for the bucket's id, which all queries share. A
    verified user id is text.
    """
    match affinity, expression:
        case _, BucketParameter() | Constant(type="null" | "blob"):
            return expression
        case "text affinity", RequestValue(part="user_id"):
            return expression
        case _:
            pass
    return Call(affinity, (expression,))
