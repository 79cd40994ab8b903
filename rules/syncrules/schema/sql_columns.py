"""What sqlglot's nodes name: tables, columns and their types, with names folded as PostgreSQL folds them."""

from collections.abc import Iterator

from sqlglot import exp

from syncrules.schema.catalogue import Columns, Name
from syncrules.schema.tables import SourceColumn

_NOT_NULL = (exp.NotNullColumnConstraint, exp.PrimaryKeyColumnConstraint, exp.GeneratedAsIdentityColumnConstraint)


def folded(name: exp.Expression) -> str:
    """An identifier as PostgreSQL keeps it: in lower case unless it is quoted."""
    found = name if isinstance(name, exp.Identifier) else name.find(exp.Identifier)
    if found is None:
        return name.name.lower()
    return found.name if found.args.get("quoted") else found.name.lower()


def table_name(node: exp.Expression, search_path: str) -> Name:
    """Schema and name of the table that a node names first."""
    table = node if isinstance(node, exp.Table) else node.find(exp.Table)
    assert table is not None
    schema = table.args.get("db")
    return (folded(schema) if schema is not None else search_path, folded(table.this))


def columns_of(definitions: list[exp.Expression]) -> Columns:
    """The columns in a table's definition."""
    keys = {folded(key) for found in definitions for key in _keys(found.find(exp.PrimaryKey))}
    columns: Columns = {}
    for definition in definitions:
        if isinstance(definition, exp.ColumnDef):
            name, column = column_of(definition)
            columns[name] = SourceColumn(column.type, column.nullable and name not in keys)
    return columns


def column_of(definition: exp.ColumnDef) -> tuple[str, SourceColumn]:
    """A column's name, type, and whether it can be NULL."""
    constraints = [one.args.get("kind") for one in definition.args.get("constraints") or ()]
    nullable = not any(isinstance(kind, _NOT_NULL) and not kind.args.get("allow_null") for kind in constraints)
    kind = definition.args.get("kind")
    source_type = type_of(kind) if isinstance(kind, exp.DataType) else "text"
    return folded(definition.this), SourceColumn(source_type, nullable and "serial" not in source_type)


def type_of(data_type: exp.DataType) -> str:
    """A type as PostgreSQL writes it; one of the database's own by its name."""
    if data_type.is_type(exp.DataType.Type.ARRAY):
        inner = data_type.expressions[0] if data_type.expressions else None
        return f"{type_of(inner) if isinstance(inner, exp.DataType) else 'text'}[]"
    own = data_type.args.get("kind")
    if isinstance(own, exp.Expression):
        return ".".join(folded(part) for part in _parts(own))
    return data_type.sql("postgres").lower()


def _parts(name: exp.Expression) -> Iterator[exp.Expression]:
    if isinstance(name, exp.Dot):
        yield from _parts(name.this)
        yield from _parts(name.expression)
    else:
        yield name


def _keys(primary_key: exp.PrimaryKey | None) -> list[exp.Expression]:
    return primary_key.expressions if primary_key is not None else []
