"""Every store, opened for the tests: each is awaited, whether it needs that or not."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count

from syncrules import Rules
from syncrules.stores.async_postgres import AsyncPostgresStore
from syncrules.stores.awaited import Awaited
from syncrules.stores.memory import MemoryStore
from syncrules.stores.postgres import PostgresStore
from syncrules.stores.postgres_options import PostgresOptions
from syncrules.stores.protocol import AsyncStore
from syncrules.stores.sqlite import SqliteStore

Opener = Callable[..., AbstractAsyncContextManager[AsyncStore]]
NAMES = ["memory", "sqlite", "postgres", "async postgres"]

_schemas = count()


def options(history: int, schema: str | None = None) -> PostgresOptions:
    return PostgresOptions(schema=schema or f"store {next(_schemas)}", history=history, connections=2)


def opener(name: str, url: Callable[[], str], folder: str) -> Opener:
    """Opens a new, empty store for rules; `history` is how many checkpoints it keeps."""

    @asynccontextmanager
    async def opened(rules: Rules, history: int = 1000) -> AsyncIterator[AsyncStore]:
        match name:
            case "memory":
                store: AsyncStore = Awaited(MemoryStore(rules, history=history))
            case "sqlite":
                store = Awaited(SqliteStore(rules, f"{folder}/store {next(_schemas)}.sqlite", history=history))
            case "postgres":
                store = Awaited(PostgresStore(rules, url(), options(history)))
            case _:
                store = await AsyncPostgresStore.open(rules, url(), options(history))
        try:
            yield store
        finally:
            await store.close()

    return opened
