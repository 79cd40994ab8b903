"""A real PostgreSQL server for a test session, started from a package, in a folder of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import pgserver
import psycopg


class Server:
    """A running server, which is gone afterwards, with what it holds."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        self._server = pgserver.get_server(self._folder.name, cleanup_mode="stop")
        self.url = str(self._server.get_uri())
        return self

    def __exit__(self, *_: object) -> None:
        self._server.cleanup()
        self._folder.cleanup()

    def restart(self) -> None:
        """Stops the server as a crash would, and starts it again."""
        pgserver.pg_ctl(
            ["-w", "-m", "immediate", "restart"], pgdata=self._server.pgdata, user=self._server.system_user, timeout=60
        )


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a running server, which is gone afterwards."""
    with Server() as server:
        yield server.url


@contextmanager
def database(url: str, name: str) -> Iterator[str]:
    """A new database on a server."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield url.replace("/postgres?", f"/{name}?")
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
