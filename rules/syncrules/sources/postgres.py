"""Source rows from a PostgreSQL database: the tables that rules name, as of one moment. Needs the extra `postgres`.

Everything is read in one transaction that only reads (REPEATABLE READ), through cursors of the server, so that any size
fits. A partition is a table of its own; the partitioned table has no rows. Row security is not obeyed: where it would
hide rows, the read is refused.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from syncrules.plan.nodes import Plan
from syncrules.sources.files import RowsError
from syncrules.sources.postgres_catalogue import DatabaseTable, read_relations, read_tables, read_types
from syncrules.sources.postgres_errors import password_of, refusals
from syncrules.sources.postgres_patterns import chosen
from syncrules.sources.postgres_values import Reader, ValueReaders
from syncrules.stores.change import Change

if TYPE_CHECKING:
    from psycopg import Connection

_SETTINGS: Final = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "standard_conforming_strings": "on",
    "row_security": "off",
}
_SETTING: Final = "SELECT set_config(%s, %s, true)"
# The position is asked for before the moment of the snapshot is settled: what was written up to it is then in, but for
# transactions that were just being committed.
_POSITION: Final = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a database is read: how long to wait, in seconds, to connect and for each answer; rows that come at a time."""

    connect_timeout: int = 10
    timeout: float = 60.0
    batch: int = 2000


DEFAULT_OPTIONS: Final = ReadOptions()
OLDEST_SERVER: Final = 140000
"""As libpq numbers versions: 14.0."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A database as of one moment, as long as its transaction lasts.

    `position` is where the server's log was, `notes` say what rules name and the database does not have.
    """

    position: str
    tables: tuple[DatabaseTable, ...]
    notes: tuple[str, ...]
    _connection: "Connection[Any]"
    _readers: ValueReaders
    _options: ReadOptions

    def changes(self, tables: Iterable[DatabaseTable] | None = None) -> Iterator[Change]:
        """Every row of the tables (of all of them, unless some are given), as a change. Raises RowsError.

        A row's key is that of its replica identity or primary key; without one, it is the whole row.
        """
        for table in self.tables if tables is None else tables:
            name = f"`{table.table.schema}.{table.table.name}`"
            with refusals(name, self._connection.info.password), self._connection.cursor("syncrules_rows") as cursor:
                cursor.itersize = self._options.batch
                cursor.execute(_select(table))
                columns = [(column, self._readers.column(kind)) for column, kind in table.columns]
                for values in cursor:
                    yield _change(table, columns, values)


@contextmanager
def snapshot(url: str, plan: Plan, options: ReadOptions = DEFAULT_OPTIONS) -> Iterator[Snapshot]:
    """The rows that a plan's rules are about, as of now, in the database at a URL or a connection string of libpq.

    Values are written as the plan says (`plan.source_format`). Raises RowsError, which never holds a password.
    """
    password = password_of(url)
    import psycopg

    with refusals("the database", password):
        connection = psycopg.connect(
            url,
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=options.connect_timeout,
            client_encoding="utf-8",
            fallback_application_name="syncrules",
        )
    with connection:
        with refusals("the database", password):
            made = _begun(connection, plan, options)
        yield made
        connection.rollback()


def _begun(connection: "Connection[Any]", plan: Plan, options: ReadOptions) -> Snapshot:
    from psycopg import IsolationLevel

    if connection.info.server_version < OLDEST_SERVER:
        message = f"the server is of version {connection.info.server_version // 10000}: versions from 14 can be read"
        raise RowsError("database-version", message)
    _read_as_text(connection)
    (position,) = connection.execute(_POSITION).fetchone() or ("0/0",)
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    connection.autocommit = False
    waiting = str(max(1, round(options.timeout * 1000)))
    for name, value in {**_SETTINGS, "statement_timeout": waiting, "lock_timeout": waiting}.items():
        connection.execute(_SETTING, (name, value))
    relations, notes = chosen(read_relations(connection), plan)
    tables = read_tables(connection, relations)
    readers = ValueReaders(read_types(connection, tables), plan.source_format)
    return Snapshot(str(position), tuple(tables), tuple(notes), connection, readers, options)


def _read_as_text(connection: "Connection[Any]") -> None:
    """Gives every value as the server writes it, whatever the driver would make of it."""
    from psycopg.types.string import TextLoader

    adapters = connection.adapters
    for kind in adapters.types:
        for oid in filter(None, (kind.oid, kind.array_oid)):
            adapters.register_loader(oid, TextLoader)


def _select(table: DatabaseTable) -> Any:
    from psycopg import sql

    columns = sql.SQL(", ").join(sql.Identifier(name) for name, _ in table.columns)
    return sql.SQL("SELECT {} FROM ONLY {}").format(columns, sql.Identifier(table.table.schema, table.table.name))


def _change(table: DatabaseTable, columns: Sequence[tuple[str, Reader]], values: Sequence[str | None]) -> Change:
    row = {name: None if text is None else read(text) for (name, read), text in zip(columns, values, strict=True)}
    return Change.put(table.table, row, _key(table.key, row))


def _key(key: tuple[str, ...] | None, row: Mapping[str, object]) -> Hashable:
    if key is None:
        return tuple(row.values())
    return row[key[0]] if len(key) == 1 else tuple(row[name] for name in key)
