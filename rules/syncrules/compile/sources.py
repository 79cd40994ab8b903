"""What a query reads from, by number, and what may be combined freely with what.

Each table, and each expansion of a table-valued function, is a source with an id. Sources belong to
a *group*: a table together with the expansions of its columns; or the request together with the
expansions of its values. An expression may read one group only, because a row and a request are
evaluated at different times and meet in nothing but equal values.
"""

from dataclasses import dataclass, field
from typing import Final

from syncrules.diagnostics import Span
from syncrules.plan.expression import (
    BucketParameter,
    Column,
    Constant,
    Expression,
    RequestValue,
    TableName,
    leaves,
)
from syncrules.schema import TablePattern
from syncrules.values.frozen import through_slots

Group = int

REQUEST: Final[Group] = 0
"""The group of the request; tables are the groups of their own source id, counted from 1."""

BUCKET: Final[Group] = -1
"""The group of the bucket parameters in a data query of Sync Rules."""


@through_slots
@dataclass(frozen=True, slots=True)
class Table:
    """A table of the query; `alias` is the name it was given, which its rows then bear, too."""

    id: int
    pattern: TablePattern
    alias: str | None
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Expansion:
    """A table-valued function of the query, applied to a value of `group`."""

    id: int
    function: str
    argument: Expression
    group: Group
    span: Span


QuerySource = Table | Expansion


@dataclass(slots=True)
class Sources:
    """Hands out source ids, and knows the group of each.

    `client_calls` are the calls that read what the client chose to send, in the order of reading.
    """

    groups: dict[int, Group] = field(default_factory=dict)
    client_calls: list[tuple[Expression, Span]] = field(default_factory=list)

    def table(self, pattern: TablePattern, alias: str | None, span: Span) -> Table:
        """A new table, which is a group of its own."""
        table = Table(len(self.groups) + 1, pattern, alias, span)
        self.groups[table.id] = table.id
        return table

    def expansion(self, function: str, argument: Expression, span: Span) -> Expansion:
        """A new expansion, in the group of its argument (a constant's is the request)."""
        group = next(iter(self.groups_of(argument)), REQUEST)
        expansion = Expansion(len(self.groups) + 1, function, argument, group, span)
        self.groups[expansion.id] = group
        return expansion

    def is_expansion(self, source: int) -> bool:
        """Whether a source is an expansion: a table is its own group."""
        return self.groups[source] != source

    def groups_of(self, expression: Expression) -> frozenset[Group]:
        """Which groups an expression reads; none for a constant."""
        if isinstance(expression, Column):
            return frozenset((self.groups[expression.source],))
        return frozenset([group for leaf in leaves(expression) if (group := self._group(leaf)) is not None])

    def _group(self, leaf: Expression) -> Group | None:
        match leaf:
            case Column() | TableName():
                return self.groups[leaf.source]
            case RequestValue():
                return REQUEST
            case BucketParameter():
                return BUCKET
            case Constant() | _:
                return None
