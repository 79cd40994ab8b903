"""Source tables and their columns, as far as they are known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from syncrules.schema.pattern import TablePattern
from syncrules.schema.stored_type import stored_type
from syncrules.values.kinds import Kind, Kinds


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column by its PostgreSQL type, such as `numeric(10, 2)`, `uuid` or `text[]`."""

    type: str
    nullable: bool = True

    @property
    def stored(self) -> Kinds:
        """The storage classes that its values have once they are stored."""
        kinds = stored_type(self.type)
        return kinds if self.nullable else kinds - {Kind.NULL}


@dataclass(frozen=True, slots=True)
class Schema:
    """Tables by schema and name, each with its columns.

    >>> schema = Schema.from_mapping({"lists": {"id": "uuid not null"}, "audit.log": {"id": "int8"}})
    >>> sorted(schema.tables)
    [('audit', 'log'), ('public', 'lists')]
    >>> schema.tables["public", "lists"]["id"]
    SourceColumn(type='uuid', nullable=False)
    """

    tables: Mapping[tuple[str, str], Mapping[str, SourceColumn]]
    default_schema: str = "public"

    @classmethod
    def from_mapping(cls, tables: Mapping[str, Mapping[str, str]], default_schema: str = "public") -> Self:
        """A schema from `{"table": {"column": "type"}}`, or `"type not null"`; `"schema.table"` names another schema."""
        named: dict[tuple[str, str], Mapping[str, SourceColumn]] = {}
        for name, columns in tables.items():
            schema, _, table = name.rpartition(".")
            named[(schema or default_schema, table)] = {column: _column(text) for column, text in columns.items()}
        return cls(named, default_schema)

    def columns_of(self, pattern: TablePattern) -> frozenset[str] | None:
        """The columns of all tables that a pattern matches; None if it matches no table.

        Tables of other connections are not known, so they match nothing.
        """
        matching = self._matching(pattern)
        return frozenset().union(*matching) if matching else None

    def stored_types(self, pattern: TablePattern) -> Mapping[str, Kinds] | None:
        """What the values of each column can be in the tables that a pattern matches; None if it matches none.

        A column that only some of the tables have can be NULL.
        """
        matching = self._matching(pattern)
        types: dict[str, Kinds] = {}
        for columns in matching:
            for name, column in columns.items():
                types[name] = types.get(name, frozenset()) | column.stored
        everywhere = frozenset.intersection(*map(frozenset, matching)) if matching else frozenset()
        whole = {name: kinds if name in everywhere else kinds | {Kind.NULL} for name, kinds in types.items()}
        return whole if matching else None

    def source_types(self, pattern: TablePattern) -> Mapping[str, frozenset[str]]:
        """The PostgreSQL types that each column has in the tables that a pattern matches."""
        types: dict[str, frozenset[str]] = {}
        for columns in self._matching(pattern):
            for name, column in columns.items():
                types[name] = types.get(name, frozenset()) | {column.type}
        return types

    def _matching(self, pattern: TablePattern) -> list[Mapping[str, SourceColumn]]:
        if pattern.tag is None and pattern.schema.match == pattern.name.match == "exact":
            found = self.tables.get((pattern.schema.text, pattern.name.text))
            return [] if found is None else [found]
        return [
            columns
            for (schema, name), columns in self.tables.items()
            if pattern.tag is None and pattern.schema.matches(schema) and pattern.name.matches(name)
        ]


def _column(text: str) -> SourceColumn:
    source_type = text.strip().removesuffix("not null").rstrip()
    return SourceColumn(source_type, nullable=source_type == text.strip())
