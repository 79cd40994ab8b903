"""A real PostgreSQL server for a test session, started from a package, in a folder of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pgserver
import psycopg


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a running server, which is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


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
