"""A formula as alternatives: each a conjunction of predicates and equalities over known sources.

An OR whose operands all read one group stays one predicate; only an OR across groups is distributed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from math import prod
from typing import Final

from syncrules.compile.formula import All, Any, Equal, Formula, Not, Predicate, Some
from syncrules.compile.sources import QuerySource, Sources
from syncrules.diagnostics import Span
from syncrules.plan.expression import Call
from syncrules.values.frozen import through_slots

MAXIMUM_BRANCHES: Final = 100
"""Alternatives of one query."""


@through_slots
@dataclass(frozen=True, slots=True)
class Branch:
    """One alternative: all of it must hold."""

    sources: tuple[QuerySource, ...] = ()
    predicates: tuple[Predicate, ...] = ()
    equalities: tuple[Equal, ...] = ()

    @classmethod
    def all_of(cls, branches: Sequence["Branch"]) -> "Branch":
        """All of some alternatives at once."""
        return cls(
            tuple([source for branch in branches for source in branch.sources]),
            tuple([predicate for branch in branches for predicate in branch.predicates]),
            tuple([equality for branch in branches for equality in branch.equalities]),
        )


class TooManyBranches(Exception):
    """The alternatives would exceed `MAXIMUM_BRANCHES`."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


def refused_negations(formula: Formula) -> Iterator[Span]:
    """Where a NOT is left over something that can only be looked up, never ruled out."""
    match formula:
        case Not():
            yield formula.operand.span
        case All() | Any():
            for operand in formula.operands:
                yield from refused_negations(operand)
        case Some():
            yield from refused_negations(formula.condition)
        case Predicate() | Equal():
            pass


def branches(formula: Formula, sources: Sources) -> tuple[Branch, ...]:
    """The alternatives of a formula without `Not`, in the order of the text.

    Raises `TooManyBranches`.
    """
    gathered = _gather(formula, sources)
    count = _count(gathered)
    if count > MAXIMUM_BRANCHES:
        raise TooManyBranches(count)
    return tuple(_distribute(gathered))


def _gather(formula: Formula, sources: Sources) -> Formula:
    """The same formula with alternatives of one group made one predicate."""
    match formula:
        case All():
            return All(tuple([_gather(operand, sources) for operand in formula.operands]))
        case Any():
            operands = tuple([_as_one(_gather(operand, sources), sources) for operand in formula.operands])
            alternatives: dict[object, list[Formula]] = {}
            for index, operand in enumerate(operands):
                alternatives.setdefault(_one_group(operand, sources, index), []).append(operand)
            merged = tuple(_alternative(group) for group in alternatives.values())
            return merged[0] if len(merged) == 1 else Any(merged)
        case Some():
            return Some(formula.sources, _gather(formula.condition, sources), formula.span)
        case _:
            return formula


def _as_one(formula: Formula, sources: Sources) -> Formula:
    """An alternative as one predicate, if all that it asks for is of one group."""
    match formula:
        case All():
            operands = [_as_one(operand, sources) for operand in formula.operands]
            predicates = [operand for operand in operands if isinstance(operand, Predicate)]
            if not predicates or len(predicates) < len(operands):
                return formula
            groups = frozenset[int]().union(*[sources.groups_of(each.condition) for each in predicates])
            return _combined("and", predicates) if len(groups) <= 1 else formula
        case _:
            return formula


def _one_group(formula: Formula, sources: Sources, index: int) -> object:
    """What an alternative can be merged by: its group, or nothing but itself."""
    match formula:
        case Predicate() if len(groups := sources.groups_of(formula.condition)) <= 1:
            return groups
        case _:
            return index


def _alternative(operands: list[Formula]) -> Formula:
    predicates = [operand for operand in operands if isinstance(operand, Predicate)]
    return _combined("or", predicates) if predicates else operands[0]


def _combined(operator: str, predicates: list[Predicate]) -> Predicate:
    if len(predicates) == 1:
        return predicates[0]
    span = reduce(Span.cover, (predicate.span for predicate in predicates))
    return Predicate(Call(operator, tuple(predicate.condition for predicate in predicates)), span)


def _count(formula: Formula) -> int:
    match formula:
        case All():
            return prod(map(_count, formula.operands))
        case Any():
            return sum(map(_count, formula.operands))
        case Some():
            return _count(formula.condition)
        case _:
            return 1


def _distribute(formula: Formula) -> Iterator[Branch]:
    match formula:
        case Predicate():
            yield Branch(predicates=(formula,))
        case Equal():
            yield Branch(equalities=(formula,))
        case Some():
            for branch in _distribute(formula.condition):
                yield Branch(formula.sources + branch.sources, branch.predicates, branch.equalities)
        case Any():
            for operand in formula.operands:
                yield from _distribute(operand)
        case All():
            for combination in product(*(tuple(_distribute(operand)) for operand in formula.operands)):
                yield combination[0] if len(combination) == 1 else Branch.all_of(combination)
        case Not():
            msg = "a refused negation reached the normal form"
            raise AssertionError(msg)
