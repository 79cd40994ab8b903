"""What a PostgreSQL database says of itself: its tables, their columns and keys, and the types of those columns.

The queries need a server of version 14 or later, and a connection that gives every value as text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from syncrules.engine.table import SourceTable
from syncrules.sources.postgres_values import SourceType

if TYPE_CHECKING:
    from psycopg import Connection

_RELATIONS: Final = """
SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples::bigint, c.relreplident
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY n.nspname, c.relname
"""
_COLUMNS: Final = """
SELECT attrelid, attname, atttypid FROM pg_catalog.pg_attribute
WHERE attrelid = ANY(%s::oid[]) AND attnum > 0 AND NOT attisdropped
ORDER BY attrelid, attnum
"""
_KEYS: Final = """
SELECT i.indrelid, CASE WHEN i.indisreplident THEN 'i' ELSE 'p' END, a.attname
FROM pg_catalog.pg_index AS i
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = ANY(%s::oid[]) AND i.indisvalid AND k.place <= i.indnkeyatts
  AND (i.indisreplident OR i.indisprimary)
ORDER BY i.indrelid, k.place
"""
_TYPES: Final = """
WITH RECURSIVE used (oid) AS (
  SELECT unnest(%s::oid[])
  UNION
  SELECT inner_type.oid
  FROM used JOIN pg_catalog.pg_type AS t ON t.oid = used.oid
  CROSS JOIN LATERAL (
    SELECT t.typelem UNION ALL SELECT t.typbasetype
    UNION ALL SELECT rngsubtype FROM pg_catalog.pg_range WHERE t.oid IN (rngtypid, rngmultitypid)
    UNION ALL SELECT atttypid FROM pg_catalog.pg_attribute
      WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped
  ) AS inner_type (oid)
  WHERE inner_type.oid <> 0
)
SELECT t.oid, t.typname, t.typtype, e.typdelim, CASE t.typtype
    WHEN 'b' THEN e.oid
    WHEN 'd' THEN t.typbasetype
    WHEN 'r' THEN (SELECT rngsubtype FROM pg_catalog.pg_range WHERE rngtypid = t.oid)
    WHEN 'm' THEN (SELECT rngsubtype FROM pg_catalog.pg_range WHERE rngmultitypid = t.oid)
  END, CASE WHEN t.typtype = 'c' THEN t.typrelid END
FROM used JOIN pg_catalog.pg_type AS t ON t.oid = used.oid
LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND e.typarray = t.oid
"""

Kind = Literal["table", "partitioned table", "view", "materialized view", "foreign table"]
_KINDS: Final[Mapping[str, Kind]] = {
    "r": "table",
    "p": "partitioned table",
    "v": "view",
    "m": "materialized view",
    "f": "foreign table",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """Something with rows. `estimate` is how many the server thinks there are; None if it never counted."""

    oid: int
    table: SourceTable
    kind: Kind
    estimate: int | None
    identity: str


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """A table to read: its columns with their types, and which of them tell its rows apart."""

    table: SourceTable
    columns: tuple[tuple[str, int], ...]
    key: tuple[str, ...] | None
    estimate: int | None


def read_relations(connection: "Connection[Any]") -> list[Relation]:
    """Everything with rows that is not the server's own. Raises psycopg.Error."""
    return [
        Relation(int(oid), SourceTable(name, schema), _KINDS[kind], max(0, int(rows)) if int(rows) >= 0 else None, own)
        for oid, schema, name, kind, rows, own in connection.execute(_RELATIONS)
    ]


def read_tables(connection: "Connection[Any]", relations: Sequence[Relation]) -> list[DatabaseTable]:
    """The columns and keys of tables. Raises psycopg.Error.

    A row is told from others as in replication: by the index that is the table's replica identity, else by its primary
    key. Where there is neither, `key` is None.
    """
    oids = [relation.oid for relation in relations]
    columns: dict[int, list[tuple[str, int]]] = {oid: [] for oid in oids}
    for table, name, kind in connection.execute(_COLUMNS, (oids,)):
        columns[int(table)].append((name, int(kind)))
    keys: dict[tuple[int, str], list[str]] = {}
    for table, role, name in connection.execute(_KEYS, (oids,)):
        keys.setdefault((int(table), role), []).append(name)
    return [DatabaseTable(each.table, tuple(columns[each.oid]), _key(each, keys), each.estimate) for each in relations]


def _key(relation: Relation, keys: Mapping[tuple[int, str], list[str]]) -> tuple[str, ...] | None:
    found = keys.get((relation.oid, "i")) or keys.get((relation.oid, "p"))
    return tuple(found) if found else None


def read_types(connection: "Connection[Any]", tables: Iterable[DatabaseTable]) -> dict[int, SourceType]:
    """The types of the tables' columns, and those that they are made of. Raises psycopg.Error."""
    used = sorted({kind for table in tables for _, kind in table.columns})
    rows = connection.execute(_TYPES, (used,)).fetchall()
    members: dict[int, list[tuple[str, int]]] = {}
    relations = [int(relation) for *_, relation in rows if relation is not None]
    for relation, name, kind in connection.execute(_COLUMNS, (relations,)):
        members.setdefault(int(relation), []).append((name, int(kind)))
    return {
        int(oid): SourceType(
            int(oid),
            name,
            kind,
            None if inner is None else int(inner),
            delimiter,
            () if relation is None else tuple(members.get(int(relation), ())),
        )
        for oid, name, kind, delimiter, inner, relation in rows
    }
