"""The store of a service, opened: what it reads, and what it writes, without holding up one another."""

from dataclasses import dataclass

from syncrules.resolve.rules import Rules
from syncrules.server.settings import MEMORY, Settings
from syncrules.sources.files import read_changes
from syncrules.stores.awaited import Awaited
from syncrules.stores.memory import MemoryStore
from syncrules.stores.protocol import AsyncStore
from syncrules.stores.sqlite import SqliteStore
from syncrules.stores.threaded import Threaded


@dataclass(frozen=True, slots=True)
class OpenedStore:
    """One store, opened for reading and for writing. `digest` is that of the lookups it was made for."""

    reading: AsyncStore
    writing: AsyncStore

    async def close(self) -> None:
        """Closes both."""
        if self.writing is not self.reading:
            await self.writing.close()
        await self.reading.close()


async def open_store(rules: Rules, settings: Settings) -> OpenedStore:
    """The store that the settings name, filled with their data if they name any. Raises StoreError, RowsError.

    A file is read where a request runs, which takes microseconds, and written in a thread. PostgreSQL is awaited.
    """
    if settings.store == MEMORY:
        store: AsyncStore = Awaited(MemoryStore(rules))
        opened = OpenedStore(store, store)
    elif settings.store.startswith(("postgres://", "postgresql://")):
        from syncrules.stores.async_postgres import AsyncPostgresStore
        from syncrules.stores.postgres_options import PostgresOptions

        options = PostgresOptions(timeout=settings.timeout)
        store = await AsyncPostgresStore.open(rules, settings.store, options)
        opened = OpenedStore(store, store)
    else:
        reading = Awaited(SqliteStore(rules, settings.store, timeout=settings.timeout))
        opened = OpenedStore(reading, Threaded(SqliteStore(rules, settings.store, timeout=settings.timeout)))
    if settings.data is not None:
        await opened.writing.fill(read_changes(settings.data))
    return opened
