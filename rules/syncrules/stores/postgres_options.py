"""What the two stores in PostgreSQL share: options, how their pools are made, and their errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from syncrules.stores.protocol import StoreError


@dataclass(frozen=True, slots=True)
class PostgresOptions:
    """How a store uses its server: the schema of its tables, and how long it waits, in seconds.

    `timeout` bounds the wait for a connection, and a read; a write may take `write_timeout`, the wait for other writers
    included. A pool holds `connections` at most. The last `history` checkpoints can be read.
    """

    schema: str = "syncrules"
    history: int = 1000
    timeout: float = 5.0
    write_timeout: float = 3600.0
    connections: int = 4

    @property
    def where(self) -> str:
        """The store, in messages."""
        return f"the schema `{self.schema}`"

    @property
    def pool(self) -> dict[str, Any]:
        """The arguments of a pool."""
        sizes = {"min_size": 1, "max_size": self.connections}
        return {"kwargs": {"autocommit": True}, "open": False, "timeout": self.timeout, "name": "syncrules", **sizes}


DEFAULT_OPTIONS: Final = PostgresOptions()

OPENING: Final = 7_305_613_148_213_870_117
"""The advisory lock under which tables are made: one process makes them, the others find them made."""

LIMIT: Final = "SELECT set_config('statement_timeout', %s, %s)"
"""Bounds the statements of a session, or (the second parameter) of a transaction."""


class BrokenConnection(Exception):
    """A connection that a read was given was not alive any more."""


def milliseconds(seconds: float) -> str:
    """A time as the server's settings have it."""
    return str(max(1, round(seconds * 1000)))


@contextmanager
def store_errors(where: str) -> Iterator[None]:
    """Raises StoreError for what the driver raises."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        message = f"{where}: {str(error).strip() or type(error).__name__}"
        raise StoreError(message) from error
    except BrokenConnection as error:
        message = f"{where}: {error}"
        raise StoreError(message) from error
