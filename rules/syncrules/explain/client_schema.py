"""The client's side of a rules file: the tables that its rows make there, and the types of their columns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from syncrules.plan.nodes import Output, OutputStar, Plan, RowRule
from syncrules.plan.static_type import static_type, type_of_row_leaf
from syncrules.schema import Schema, TablePattern
from syncrules.values.kinds import Kind, Kinds

ColumnType = Literal["text", "integer", "real"]


class UnknownColumnsError(Exception):
    """`*` selects columns that no schema names. The text says of which table."""


@dataclass(frozen=True, slots=True)
class ClientTable:
    """A table on the client: its columns by name, without `id`, which every table has."""

    name: str
    columns: tuple[tuple[str, ColumnType], ...]


def client_tables(plan: Plan, schema: Schema | None) -> tuple[ClientTable, ...]:
    """The tables that a plan's rows sync into, by name, each with the columns of all queries that feed it.

    A column that some queries give as another type, or whose type is not known, is text: any value can be kept in
    it. Blobs do not sync and are left out. Raises UnknownColumnsError.
    """
    found: dict[str, dict[str, Kinds]] = {}
    for rule in plan.row_rules:
        for name in _names(rule, schema):
            columns = found.setdefault(name, {})
            for column, kinds in _columns(rule, schema):
                columns[column] = columns.get(column, frozenset()) | kinds
    return tuple(ClientTable(name, _typed(columns)) for name, columns in sorted(found.items()))


def _names(rule: RowRule, schema: Schema | None) -> Iterable[str]:
    """What the client calls the table: the alias, or the name of every source table that a wildcard stands for."""
    pattern = rule.table
    if rule.output_table is not None:
        return [rule.output_table]
    if pattern.name.match == "exact":
        return [pattern.name.text]
    tables = () if schema is None else schema.tables
    matching = sorted(name for place, name in tables if pattern.schema.matches(place) and pattern.name.matches(name))
    if not matching:
        raise UnknownColumnsError(_message(pattern))
    return matching


def _columns(rule: RowRule, schema: Schema | None) -> Iterator[tuple[str, Kinds]]:
    of_leaf = type_of_row_leaf(rule.table, schema)
    for column in rule.columns:
        match column:
            case Output(name=name, expression=expression):
                yield name, static_type(expression, of_leaf)
            case OutputStar(hidden_prefix=prefix):
                stored = None if schema is None else schema.stored_types(rule.table)
                if stored is None:
                    raise UnknownColumnsError(_message(rule.table))
                yield from ((n, kinds) for n, kinds in stored.items() if prefix is None or not n.startswith(prefix))


def _typed(columns: dict[str, Kinds]) -> tuple[tuple[str, ColumnType], ...]:
    return tuple((name, _type(kinds)) for name, kinds in columns.items() if name != "id" and not _is_blob(kinds))


def _type(kinds: Kinds) -> ColumnType:
    match kinds - {Kind.NULL, Kind.BLOB}:
        case only if only == {Kind.INTEGER}:
            return "integer"
        case numbers if numbers and numbers <= {Kind.INTEGER, Kind.REAL}:
            return "real"
        case _:
            return "text"


def _is_blob(kinds: Kinds) -> bool:
    return kinds - {Kind.NULL} == {Kind.BLOB}


def _message(pattern: TablePattern) -> str:
    return f"the columns of `{pattern}` are not known, and a query selects all of them"
