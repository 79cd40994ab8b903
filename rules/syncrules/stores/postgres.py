"""A store in PostgreSQL: the lookups that the servers of many machines share. Needs the extra `postgres`.

Its tables lie in a schema of their own, so that several stores (for rules with other lookups, say, while one takes the
other's place) can share a database. A batch is one transaction; a read is one statement, in one round trip, and is
tried once more where its connection was broken.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

from syncrules.engine.found import Answers, LookupKey
from syncrules.stores.change import Change
from syncrules.stores.entries import Entries, Query, Row, Rows, Script
from syncrules.stores.postgres_options import (
    DEFAULT_OPTIONS,
    LIMIT,
    OPENING,
    BrokenConnection,
    PostgresOptions,
    milliseconds,
    store_errors,
)
from syncrules.stores.protocol import Applied, HasProgram, State
from syncrules.stores.statements import Statements, copied, postgres

if TYPE_CHECKING:
    from psycopg import Connection

T = TypeVar("T")


class PostgresStore:
    """Lookup entries of the source rows it was given, in a PostgreSQL database.

    `PostgresStore(rules, "postgresql://…")`. A schema that was made for other lookups is refused. Threads may share it.
    Close it, or use it as a context manager. Raises StoreError, StoreMismatchError.
    """

    def __init__(self, rules: HasProgram, url: str, options: PostgresOptions = DEFAULT_OPTIONS) -> None:
        from psycopg_pool import ConnectionPool

        self.rules = rules
        self._options = options
        self._dialect = postgres(options.schema)
        self._entries = Entries.of(rules, Statements.of(self._dialect), options.where, options.history)
        with store_errors(options.where):
            self._pool = ConnectionPool(url, configure=self._configure, **options.pool)
        try:
            with store_errors(options.where):
                self._pool.open(wait=True, timeout=options.timeout)
                with self._writing() as connection:
                    connection.execute("SELECT pg_advisory_xact_lock(%s)", (OPENING,))
                    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self._dialect.schema}")
                    self._run(self._entries.open(), connection)
        except BaseException:
            self._pool.close()
            raise

    def at(self, checkpoint: int | None = None) -> "PostgresView":
        """The store as of a checkpoint, or of the last one."""
        return PostgresView(self, checkpoint)

    def state(self) -> State:
        """Where the store is. Raises StoreError."""
        return self._read(self._entries.state)

    def apply(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Takes a batch of changes in, as a new checkpoint, in one transaction. Raises StoreError."""
        return self._written(self._entries.apply(changes, position))

    def fill(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Holds exactly these source rows from now on, in one transaction. Raises StoreError."""
        return self._written(self._entries.fill(changes, position))

    def changes_since(self, checkpoint: int) -> frozenset[LookupKey]:
        """The keys whose answers changed after a checkpoint. Raises CheckpointError, StoreError."""
        return self._read(lambda: self._entries.changes_since(checkpoint))

    def lookup(self, keys: Sequence[LookupKey], checkpoint: int | None) -> tuple[int, Answers]:
        """What is under the keys, and the checkpoint it was read at. Raises CheckpointError, StoreError."""
        return self._read(lambda: self._entries.lookup(keys, checkpoint))

    def close(self) -> None:
        """Closes the connections."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _configure(self, connection: "Connection[Any]") -> None:
        connection.execute(LIMIT, (milliseconds(self._options.timeout), False))

    def _read(self, script: Callable[[], Script[T]]) -> T:
        with store_errors(self._options.where):
            try:
                return self._read_once(script())
            except BrokenConnection:
                self._pool.check()
                return self._read_once(script())

    def _read_once(self, script: Script[T]) -> T:
        from psycopg import OperationalError

        with self._pool.connection() as connection:
            try:
                return self._run(script, connection)
            except OperationalError as error:
                if connection.broken:
                    raise BrokenConnection(str(error)) from error
                raise

    def _written(self, script: Script[T]) -> T:
        with store_errors(self._options.where), self._writing() as connection:
            return self._run(script, connection)

    @contextmanager
    def _writing(self) -> Iterator["Connection[Any]"]:
        with self._pool.connection() as connection, connection.transaction():
            connection.execute(LIMIT, (milliseconds(self._options.write_timeout), True))
            yield connection

    def _run(self, script: Script[T], connection: "Connection[Any]") -> T:
        try:
            step = next(script)
            while True:
                step = script.send(self._done(step, connection))
        except StopIteration as finished:
            result: T = finished.value
            return result

    def _done(self, step: Query | Rows, connection: "Connection[Any]") -> Sequence[Row]:
        match step:
            case Query(sql, parameters):
                cursor = connection.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else ()
            case Rows(rows=rows):
                if rows:
                    with (
                        connection.cursor() as cursor,
                        cursor.copy(copied(self._dialect, step.table, step.columns)) as copy,
                    ):
                        for row in rows:
                            copy.write_row(row)
                return ()


class PostgresView:
    """A store in PostgreSQL, as of one checkpoint."""

    def __init__(self, store: PostgresStore, checkpoint: int | None) -> None:
        self._store = store
        self.checkpoint = checkpoint

    def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        """What is under each of the keys, in one round trip. Raises CheckpointError, StoreError."""
        self.checkpoint, answers = self._store.lookup(keys, self.checkpoint)
        return answers
