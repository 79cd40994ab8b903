"""The store in PostgreSQL that is awaited: for servers that run an event loop. See `postgres.py`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
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
    from psycopg import AsyncConnection

T = TypeVar("T")


class AsyncPostgresStore:
    """Lookup entries of the source rows it was given, in a PostgreSQL database; every call is awaited.

    Made by `await AsyncPostgresStore.open(rules, "postgresql://…")`, in the loop that uses it. Close it, or use it as an
    async context manager.
    """

    def __init__(self, rules: HasProgram, url: str, options: PostgresOptions = DEFAULT_OPTIONS) -> None:
        from psycopg_pool import AsyncConnectionPool

        self.rules = rules
        self._url = url
        self._options = options
        self._dialect = postgres(options.schema)
        self._entries = Entries.of(rules, Statements.of(self._dialect), options.where, options.history)
        with store_errors(options.where):
            self._pool = AsyncConnectionPool(url, configure=self._configure, **options.pool)

    @classmethod
    async def open(cls, rules: HasProgram, url: str, options: PostgresOptions = DEFAULT_OPTIONS) -> Self:
        """Connects, and makes the tables where there are none. Raises StoreError, StoreMismatchError."""
        store = cls(rules, url, options)
        try:
            with store_errors(options.where):
                await store._pool.open(wait=True, timeout=options.timeout)
                async with store._writing() as connection:
                    await connection.execute("SELECT pg_advisory_xact_lock(%s)", (OPENING,))
                    await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {store._dialect.schema}")
                    await store._run(store._entries.open(), connection)
        except BaseException:
            await store.close()
            raise
        return store

    def at(self, checkpoint: int | None = None) -> "AsyncPostgresView":
        """The store as of a checkpoint, or of the last one."""
        return AsyncPostgresView(self, checkpoint)

    async def state(self) -> State:
        """Where the store is. Raises StoreError."""
        return await self._read(self._entries.state)

    async def apply(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Takes a batch of changes in, as a new checkpoint, in one transaction. Raises StoreError."""
        return await self._written(self._entries.apply(changes, position))

    async def fill(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Holds exactly these source rows from now on, in one transaction. Raises StoreError."""
        return await self._written(self._entries.fill(changes, position))

    async def changes_since(self, checkpoint: int) -> frozenset[LookupKey]:
        """The keys whose answers changed after a checkpoint. Raises CheckpointError, StoreError."""
        return await self._read(lambda: self._entries.changes_since(checkpoint))

    async def lookup(self, keys: Sequence[LookupKey], checkpoint: int | None) -> tuple[int, Answers]:
        """What is under the keys, and the checkpoint it was read at. Raises CheckpointError, StoreError."""
        return await self._read(lambda: self._entries.lookup(keys, checkpoint))

    async def checkpoints(self, patience: float = 30.0) -> AsyncIterator[int]:
        """The last checkpoint, now and whenever another one is there, whoever wrote it.

        The server tells at once; besides, it is asked every `patience` seconds, and when the connection was lost.
        """
        from psycopg import AsyncConnection, Error

        known = -1
        while True:
            try:
                async with await AsyncConnection.connect(self._url, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {self._dialect.schema}")
                    while True:
                        current = (await self.state()).checkpoint
                        if current != known:
                            known = current
                            yield current
                        async for _ in connection.notifies(timeout=patience, stop_after=1):
                            pass
            except Error:
                await asyncio.sleep(1)

    async def close(self) -> None:
        """Closes the connections."""
        await self._pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _configure(self, connection: "AsyncConnection[Any]") -> None:
        await connection.execute(LIMIT, (milliseconds(self._options.timeout), False))

    async def _read(self, script: Callable[[], Script[T]]) -> T:
        with store_errors(self._options.where):
            try:
                return await self._read_once(script())
            except BrokenConnection:
                await self._pool.check()
                return await self._read_once(script())

    async def _read_once(self, script: Script[T]) -> T:
        from psycopg import OperationalError

        async with self._pool.connection() as connection:
            try:
                return await self._run(script, connection)
            except OperationalError as error:
                if connection.broken:
                    raise BrokenConnection(str(error)) from error
                raise

    async def _written(self, script: Script[T]) -> T:
        with store_errors(self._options.where):
            async with self._writing() as connection:
                return await self._run(script, connection)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator["AsyncConnection[Any]"]:
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(LIMIT, (milliseconds(self._options.write_timeout), True))
            yield connection

    async def _run(self, script: Script[T], connection: "AsyncConnection[Any]") -> T:
        try:
            step = next(script)
            while True:
                step = script.send(await self._done(step, connection))
        except StopIteration as finished:
            result: T = finished.value
            return result

    async def _done(self, step: Query | Rows, connection: "AsyncConnection[Any]") -> Sequence[Row]:
        match step:
            case Query(sql, parameters):
                cursor = await connection.execute(sql, parameters)
                return await cursor.fetchall() if cursor.description else ()
            case Rows(rows=rows):
                if rows:
                    copying = copied(self._dialect, step.table, step.columns)
                    async with connection.cursor() as cursor, cursor.copy(copying) as copy:
                        for row in rows:
                            await copy.write_row(row)
                return ()


class AsyncPostgresView:
    """A store in PostgreSQL, as of one checkpoint, awaited."""

    def __init__(self, store: AsyncPostgresStore, checkpoint: int | None) -> None:
        self._store = store
        self.checkpoint = checkpoint

    async def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        """What is under each of the keys, in one round trip. Raises CheckpointError, StoreError."""
        self.checkpoint, answers = await self._store.lookup(keys, self.checkpoint)
        return answers
