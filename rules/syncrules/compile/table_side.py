"""The side of a branch that runs when a row changes: filters and expansions of one table.

Row rules and lookup rules are made alike: filters that need no expansion first, so that a row which
is filtered out anyway raises no error; then each expansion with the filters it enables.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from syncrules.compile.canonical import canonical
from syncrules.compile.formula import Predicate
from syncrules.compile.sources import Expansion
from syncrules.plan.expression import Call, Column, Expression, Leaf, TableName, leaves, substitute
from syncrules.plan.nodes import Expand, Filter, RowStep
from syncrules.values.frozen import through_slots

Rename = Callable[[Expression], Expression]


@through_slots
@dataclass(frozen=True, slots=True)
class TableSide:
    """The steps over a table's rows, and how its expressions are written inside the rule."""

    steps: tuple[RowStep, ...]
    rename: Rename


def table_side(table: int, expansions: Sequence[Expansion], predicates: Iterable[Predicate]) -> TableSide:
    """Orders the predicates and expansions of one table."""
    number = {table: 0} | {expansion.id: place for place, expansion in enumerate(expansions, start=1)}

    def rename(expression: Expression) -> Expression:
        return substitute(expression, lambda leaf: _renumber(leaf, number))

    conditions = {rename(p.condition): p for p in predicates}
    filters = [(_last_source(p, number), Filter(written, (p.span,))) for written, p in conditions.items()]
    steps: list[RowStep] = [step for place, step in filters if place == 0]
    for place, expansion in enumerate(expansions, start=1):
        steps.append(Expand(expansion.function, rename(expansion.argument), (expansion.span,)))
        steps += [step for last, step in filters if last == place]
    return TableSide(tuple(steps), rename)


def conjunction(predicate: Predicate) -> list[Predicate]:
    """The conditions that an AND joins, each by itself."""
    match predicate.condition:
        case Call(function="and", arguments=arguments):
            return [part for argument in arguments for part in conjunction(Predicate(argument, predicate.span))]
        case _:
            return [predicate]


def representative(members: Sequence[Expression]) -> Expression:
    """The member of a class that stands for the others: the same however the query was spelled."""
    return canonical(members, by=lambda member: member)[0]


def equal_to_representative(members: Sequence[Expression]) -> list[Expression]:
    """Conditions that make every member equal to the representative."""
    first, *others = canonical(members, by=lambda member: member)
    return [Call("=", (first, other)) for other in others if other != first]


def _renumber(leaf: Leaf, number: dict[int, int]) -> Expression:
    match leaf:
        case Column():
            return Column(number[leaf.source], leaf.name)
        case TableName():
            return TableName(number[leaf.source], leaf.part)
        case _:
            return leaf


def _last_source(predicate: Predicate, number: dict[int, int]) -> int:
    read = (number[leaf.source] for leaf in leaves(predicate.condition) if isinstance(leaf, Column | TableName))
    return max(read, default=0)
