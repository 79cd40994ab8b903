"""One branch of a query, seen as a join: its units, its classes, and who needs whom.

*Units* are what binds values on the request side: looked-up tables, and expansions of request
values. Expansions of a table's columns belong to the table and run where its rows are seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from syncrules.compile.classes import ValueClass, value_classes
from syncrules.compile.formula import Predicate
from syncrules.compile.normal_form import Branch
from syncrules.compile.sources import BUCKET, REQUEST, Expansion, Group, Sources, Table
from syncrules.compile.table_side import conjunction, representative
from syncrules.plan.expression import Column, Constant, Expression, Leaf, TableName, leaves

Unit = Table | Expansion

Target = ValueClass | Expression
"""What the request side must find a value for: a bucket key's class, or a selected expression."""


@dataclass(frozen=True)
class Join:
    """A branch with its synced table set apart; see `join_of`."""

    branch: Branch
    sources: Sources
    row: Table | None
    constants: Group

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """What binds values for the request, in the order of the text."""
        tables = [s for s in self.branch.sources if isinstance(s, Table) and s != self.row]
        expansions = [s for s in self.branch.sources if isinstance(s, Expansion) and s.group == REQUEST]
        return (*tables, *expansions)

    @cached_property
    def classes(self) -> tuple[ValueClass, ...]:
        """The classes of equal values."""
        return value_classes(self.branch.equalities, self.sources)

    @cached_property
    def conjuncts(self) -> tuple[Predicate, ...]:
        """The predicates, with every AND taken apart."""
        return tuple(part for predicate in self.branch.predicates for part in conjunction(predicate))

    def expansions_of(self, table: Table) -> list[Expansion]:
        """The expansions of a table's columns."""
        return [s for s in self.branch.sources if isinstance(s, Expansion) and s.group == table.id]

    def predicates_of(self, group: Group) -> list[Predicate]:
        """The conjuncts that read exactly one group, and for the group of constants those that read none."""
        groups_of = self.sources.groups_of
        return [p for p in self.conjuncts if (groups_of(p.condition) or {self.constants}) == {group}]

    def needs(self, expression: Expression) -> frozenset[int]:
        """The units that must be bound before an expression has a value."""
        return frozenset(
            self._unit_of(leaf.source) for leaf in leaves(expression) if isinstance(leaf, Column | TableName)
        )

    def plain_value(self, cls: ValueClass) -> Expression | None:
        """A class's value where the request alone gives it."""
        plain = self.plain_members(cls)
        return representative(plain) if plain else None

    def plain_members(self, cls: ValueClass) -> list[Expression]:
        """The members of a class that are known from the request alone."""
        return [member for member in cls.of_group(REQUEST) if not self.needs(member)]

    def meets_elsewhere(self, cls: ValueClass, table: Table) -> bool:
        """Whether a class has members outside a table, so that its value links the table to others."""
        return any(groups - {table.id} for groups in cls.groups)

    def components(self, targets: Sequence[Target]) -> list[list[Unit]]:
        """The units in groups that must be run together."""
        known = {unit.id for unit in self.units}
        links = [
            frozenset[int]().union(*map(self.needs, cls.members))
            for cls in self.classes
            if self.plain_value(cls) is None
        ]
        links += [self.needs(predicate.condition) for predicate in self.conjuncts]
        links += [self.needs(target) for target in targets if not isinstance(target, ValueClass)]
        links += [self.needs(unit.argument) | {unit.id} for unit in self.units if isinstance(unit, Expansion)]
        groups: list[set[int]] = [{unit.id} for unit in self.units]
        for link in links:
            touched = [group for group in groups if group & link & known]
            if len(touched) > 1:
                groups = [group for group in groups if group not in touched]
                groups.append(set[int]().union(*touched))
        return [[unit for unit in self.units if unit.id in group] for group in sorted(groups, key=min)]

    def _unit_of(self, source: int) -> int:
        group = self.sources.groups[source]
        return source if group == REQUEST else group


def join_of(branch: Branch, sources: Sources, row: Table | None, constants: Group) -> Join:
    """A branch as a join. `row` is the synced table, None where no table is synced; `constants` is the
    group that decides conditions which read nothing, such as `WHERE false`.

    An expansion of a constant moves to the table it is compared with, if that is only one and nothing else
    of the request is compared with it: it then filters the rows of that table instead of multiplying the
    request's values. In a data query, where there is no request, it belongs to the row.

    Raises AssertionError for a condition that no side would decide: it must never be lost.
    """
    groups = dict(sources.groups)
    moved: dict[int, Group] = {}
    for source in branch.sources:
        if isinstance(source, Expansion) and not sources.groups_of(source.argument):
            home = _home_of_constant(source, branch, sources, row)
            if home is not None:
                moved[source.id] = groups[source.id] = home
    if moved:
        settled = [
            replace(source, group=moved[source.id]) if isinstance(source, Expansion) and source.id in moved else source
            for source in branch.sources
        ]
        branch, sources = replace(branch, sources=tuple(settled)), Sources(groups)
    join = Join(branch, sources, row, constants)
    _assert_nothing_is_lost(join)
    return join


def _home_of_constant(expansion: Expansion, branch: Branch, sources: Sources, row: Table | None) -> Group | None:
    """The table that an expansion of a constant moves to, if any."""
    for predicate in branch.predicates:
        read = set(leaves(predicate.condition))
        own = {leaf for leaf in read if _is_of(leaf, expansion)}
        if own and sources.groups_of(predicate.condition) and read - own - _constants(read):
            return None
    linked: set[Group] = set()
    for equality in branch.equalities:
        for own_side, other in ((equality.left, equality.right), (equality.right, equality.left)):
            if any(_is_of(leaf, expansion) for leaf in leaves(own_side)):
                linked |= sources.groups_of(other)
    if BUCKET in linked:
        return row.id if row else None
    return linked.pop() if len(linked) == 1 and REQUEST not in linked else None


def _is_of(leaf: Leaf, expansion: Expansion) -> bool:
    return isinstance(leaf, Column) and leaf.source == expansion.id


def _constants(read: set[Leaf]) -> set[Leaf]:
    return {leaf for leaf in read if isinstance(leaf, Constant)}


def _assert_nothing_is_lost(join: Join) -> None:
    """Every condition reads one group that some side runs, and so does every member of a class."""
    decided = {REQUEST, join.constants, *(unit.id for unit in join.units), *({join.row.id} if join.row else ())}
    read = [join.sources.groups_of(predicate.condition) for predicate in join.conjuncts]
    read += [groups - {BUCKET} for cls in join.classes for groups in cls.groups]
    if any(len(groups) > 1 or not groups <= decided for groups in read):
        message = "a condition is decided on no side"
        raise AssertionError(message)
