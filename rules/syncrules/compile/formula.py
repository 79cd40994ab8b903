"""The condition of a query as a formula over atoms that each stage of evaluation can decide.

`Predicate` is decided within one group; `Equal` is where two groups meet; `Some` asks for rows of
further sources. Everything a WHERE clause can say is made of these.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from syncrules.compile.sources import QuerySource
from syncrules.diagnostics import Span
from syncrules.plan.expression import Call, Expression
from syncrules.values.frozen import through_slots


@through_slots
@dataclass(frozen=True, slots=True)
class Predicate:
    """The condition is true; it reads one group, or none."""

    condition: Expression
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Equal:
    """Two expressions of different groups have one value, which is not NULL."""

    left: Expression
    right: Expression
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Some:
    """There are rows of `sources` that make `condition` hold."""

    sources: tuple[QuerySource, ...]
    condition: "Formula"
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class All:
    """Every operand holds."""

    operands: tuple["Formula", ...]


@through_slots
@dataclass(frozen=True, slots=True)
class Any:
    """At least one operand holds."""

    operands: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """An `Equal` or `Some` that does not hold: only another NOT around it can save it."""

    operand: Equal | Some


Formula = Predicate | Equal | Some | All | Any | Not


TRUE: Final = All(())
"""What always holds."""


def all_of(formulas: Iterable[Formula]) -> Formula:
    """Every formula holds: what always holds is left out, and a single one stands for itself."""
    said = [each for each in formulas if each is not TRUE]
    if not said:
        return TRUE
    return said[0] if len(said) == 1 else All(tuple(said))


def negate(formula: Formula) -> Formula:
    """NOT, pushed inwards by De Morgan as far as it goes."""
    match formula:
        case Predicate():
            return Predicate(Call("not", (formula.condition,)), formula.span)
        case All():
            return Any(tuple(map(negate, formula.operands)))
        case Any():
            return All(tuple(map(negate, formula.operands)))
        case Not():
            return formula.operand
        case Equal() | Some():
            return Not(formula)
