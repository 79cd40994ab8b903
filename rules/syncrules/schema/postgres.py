"""The schema of a live PostgreSQL database: one query of its catalogue, in a read-only transaction."""

from collections.abc import Mapping
from typing import Final

from syncrules.schema.tables import Schema, SourceColumn

_COLUMNS: Final = """
SELECT c.table_schema, c.table_name, c.column_name, c.data_type, c.udt_schema, c.udt_name, c.is_nullable = 'YES'
FROM information_schema.columns AS c
JOIN information_schema.tables AS t USING (table_schema, table_name)
WHERE t.table_type = 'BASE TABLE'
  AND c.table_schema NOT IN ('pg_catalog', 'information_schema') AND c.table_schema NOT LIKE 'pg\\_temp\\_%'
ORDER BY c.table_schema, c.table_name, c.ordinal_position
"""


def read_database(url: str, default_schema: str = "public", seconds: int = 10) -> Schema:
    """The tables that a connection may see. Needs the `postgres` extra.

    `seconds` is how long connecting, and then the query, may take. Raises psycopg.Error, and ImportError without
    the extra.
    """
    import psycopg

    tables: dict[tuple[str, str], Mapping[str, SourceColumn]] = {}
    with psycopg.connect(url, connect_timeout=seconds, autocommit=False) as connection:
        connection.read_only = True
        connection.execute(f"SET LOCAL statement_timeout = {seconds * 1000:d}".encode())
        for schema, table, name, data_type, udt_schema, udt_name, nullable in connection.execute(_COLUMNS):
            columns = {
                **tables.get((schema, table), {}),
                name: SourceColumn(_type(data_type, udt_schema, udt_name), nullable),
            }
            tables[schema, table] = columns
    return Schema(tables, default_schema)


def _type(data_type: str, udt_schema: str, udt_name: str) -> str:
    """A column's type; the catalogue already sees through domains."""
    match data_type:
        case "ARRAY":
            return f"{udt_name.removeprefix('_')}[]"
        case "USER-DEFINED":
            return f"{udt_schema}.{udt_name}"
        case _:
            return data_type
