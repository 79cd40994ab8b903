"""The side of a branch that puts rows of the synced table into buckets."""

from dataclasses import dataclass

from syncrules.compile.classes import ValueClass
from syncrules.compile.formula import Predicate
from syncrules.compile.join import Join
from syncrules.compile.sources import Table
from syncrules.compile.table_side import equal_to_representative, representative, table_side
from syncrules.plan.expression import Constant, Expression
from syncrules.plan.nodes import RowStep
from syncrules.values.frozen import through_slots


@through_slots
@dataclass(frozen=True, slots=True)
class RowSide:
    """The steps over the table's rows, and a key for each class that has a member on them."""

    steps: tuple[RowStep, ...]
    keys: dict[ValueClass, Expression]


def row_side(join: Join, table: Table) -> RowSide:
    """The filters of the synced table, and the values its rows are found by."""
    predicates = join.predicates_of(table.id)
    first: dict[ValueClass, Expression] = {}
    for cls in join.classes:
        members = [*cls.of_group(table.id), *(member for member in cls.members if isinstance(member, Constant))]
        if members:
            if join.meets_elsewhere(cls, table):
                first[cls] = representative(members)
            predicates += [Predicate(condition, table.span) for condition in equal_to_representative(members)]
    side = table_side(table.id, join.expansions_of(table), predicates)
    return RowSide(side.steps, {cls: side.rename(member) for cls, member in first.items()})
