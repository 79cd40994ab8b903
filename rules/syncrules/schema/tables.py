"""Source tables and their columns, as far as they are known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from syncrules.schema.pattern import TablePattern
from syncrules.schema.stored_type import stored_type
from syncrules.values.kinds import Kinds


@dataclass(frozen=True, slots=True)
class Schema:
    """Tables by schema and name, each with its columns and their source types.

    >>> schema = Schema.from_mapping({"lists": {"id": "uuid"}, "audit.log": {"id": "int8"}})
    >>> sorted(schema.tables)
    [('audit', 'log'), ('public', 'lists')]
    """

    tables: Mapping[tuple[str, str], Mapping[str, str]]
    default_schema: str = "public"

    @classmethod
    def from_mapping(cls, tables: Mapping[str, Mapping[str, str]], default_schema: str = "public") -> Self:
        """A schema from `{"table": {"column": "type"}}`; `"schema.table"` names another schema."""
        named: dict[tuple[str, str], Mapping[str, str]] = {}
        for name, columns in tables.items():
            schema, _, table = name.rpartition(".")
            named[(schema or default_schema, table)] = columns
        return cls(named, default_schema)

    def columns_of(self, pattern: TablePattern) -> frozenset[str] | None:
        """The columns of all tables that a pattern matches; None if it matches no table.

        Tables of other connections are not known, so they match nothing.
        """
        matching = self._matching(pattern)
        return frozenset().union(*matching) if matching else None

    def stored_types(self, pattern: TablePattern) -> Mapping[str, Kinds] | None:
        """What the values of each column can be in the tables that a pattern matches; None if it matches none.

        A column that only some of the tables have can be NULL, as any column can be.
        """
        matching = self._matching(pattern)
        types: dict[str, Kinds] = {}
        for columns in matching:
            for name, source_type in columns.items():
                types[name] = types.get(name, frozenset()) | stored_type(source_type)
        return types if matching else None

    def _matching(self, pattern: TablePattern) -> list[Mapping[str, str]]:
        return [
            columns
            for (schema, name), columns in self.tables.items()
            if pattern.tag is None and pattern.schema.matches(schema) and pattern.name.matches(name)
        ]
