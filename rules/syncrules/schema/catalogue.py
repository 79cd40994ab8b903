"""A database's tables in the making: what statements create, change and drop, in order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from syncrules.schema.tables import Schema, SourceColumn

Name = tuple[str, str]
"""Schema and name."""
Columns = dict[str, SourceColumn]

_ENUMERATION = SourceColumn("text")
_MAXIMUM_DOMAINS = 16


@dataclass(slots=True)
class Catalogue:
    """Tables, and the types that a database defines itself.

    A type of its own is known by what it is stored as: a domain by the type it restricts, anything else by text.
    """

    default_schema: str = "public"
    tables: dict[Name, Columns] = field(default_factory=dict)
    types: dict[Name, SourceColumn] = field(default_factory=dict)

    def create(self, table: Name, columns: Columns) -> None:
        """A new table, unless there is one by that name."""
        self.tables.setdefault(table, columns)

    def drop(self, table: Name) -> None:
        """A table is gone, if it was there."""
        self.tables.pop(table, None)

    def drop_schema(self, schema: str) -> None:
        """Everything in a schema is gone."""
        self.tables = {name: columns for name, columns in self.tables.items() if name[0] != schema}
        self.types = {name: base for name, base in self.types.items() if name[0] != schema}

    def move(self, table: Name, target: Name) -> None:
        """A table has another name or schema."""
        if table in self.tables:
            self.tables[target] = self.tables.pop(table)

    def change(self, table: Name, edit: Callable[[Columns], None]) -> bool:
        """Edit a table's columns; whether the table is known."""
        columns = self.tables.get(table)
        if columns is None:
            return False
        edit(columns)
        return True

    def define_type(self, name: Name, base: SourceColumn = _ENUMERATION) -> None:
        """A domain over `base`, or a type that is stored as text."""
        self.types[name] = base

    def schema(self) -> Schema:
        """What the database has in the end, with its own types resolved."""
        tables: dict[Name, Mapping[str, SourceColumn]] = {}
        for name, columns in self.tables.items():
            tables[name] = {column: self._resolved(found) for column, found in columns.items()}
        return Schema(tables, self.default_schema)

    def _resolved(self, column: SourceColumn) -> SourceColumn:
        for _ in range(_MAXIMUM_DOMAINS):
            schema, _, name = column.type.rpartition(".")
            base = self.types.get((schema or self.default_schema, name)) or self.types.get((schema, name))
            if base is None:
                return column
            column = SourceColumn(base.type, column.nullable and base.nullable)
        return column
