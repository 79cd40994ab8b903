"""Which arrays of the request a query may read: each must meet one other place, and no other value of the request.

Deployed services look up what a client gets element by element, and refuse an array that is compared with
two tables or with a second value of the request.
"""

from collections.abc import Iterator

from syncrules.compile.context import Context
from syncrules.compile.normal_form import Branch
from syncrules.compile.sources import REQUEST, Expansion, Sources
from syncrules.plan.expression import Column, Expression, RequestValue, TableName, leaves

_Place = int
"""A table or an expansion by its source id; the request's plain values are `REQUEST`."""


def refuse_arrays_that_meet_much(branch: Branch, sources: Sources, context: Context) -> bool:
    """Reports each array of the request that meets too much in one alternative; whether there is any."""
    refused = [
        source
        for source in branch.sources
        if isinstance(source, Expansion) and sources.groups_of(source.argument) == {REQUEST}
        if _is_too_much(set(_places_met(source, branch, sources)))
    ]
    for source in refused:
        message = "this array of the request is compared with a second table, or with another value of the request"
        instead = "compare its elements with one table only, and that table with the others"
        context.error("array-meets-too-much", message, source.span, instead)
    return bool(refused)


def _is_too_much(places: set[_Place]) -> bool:
    return REQUEST in places or len(places) > 1


def _places_met(expansion: Expansion, branch: Branch, sources: Sources) -> Iterator[_Place]:
    """What the elements of an expansion are compared with by `=`, other than constants."""
    for equality in branch.equalities:
        for own, other in ((equality.left, equality.right), (equality.right, equality.left)):
            if expansion.id in _sources_read(own):
                yield from (place for place in _places_read(other, sources) if place != expansion.id)
    for predicate in branch.predicates:
        places = set(_places_read(predicate.condition, sources))
        if expansion.id in places:
            yield from places - {expansion.id}


def _sources_read(expression: Expression) -> set[int]:
    return {leaf.source for leaf in leaves(expression) if isinstance(leaf, Column | TableName)}


def _places_read(expression: Expression, sources: Sources) -> Iterator[_Place]:
    for leaf in leaves(expression):
        match leaf:
            case Column() | TableName():
                group = sources.groups[leaf.source]
                yield leaf.source if group == REQUEST else group
            case RequestValue():
                yield REQUEST
            case _:
                pass
