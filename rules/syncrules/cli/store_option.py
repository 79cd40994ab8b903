"""The option `--store`: a store in an SQLite file or in a PostgreSQL database."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from syncrules.cli.problem import Problem
from syncrules.resolve.rules import Rules
from syncrules.sources.files import RowsError
from syncrules.sources.postgres_errors import password_of, refusals
from syncrules.stores.protocol import Store, StoreError

STORE_VARIABLE: Final = "SYNCRULES_STORE"
_DATABASES: Final = ("postgres://", "postgresql://")

_CONNECT_TIMEOUT: Final = 5
"""Seconds."""


@contextmanager
def new_or_known(place: str, rules: Rules) -> Iterator[Store]:
    """The store at a path or URL, made if it is not there. Raises Problem."""
    try:
        store = _open(place, rules)
        try:
            yield store
        finally:
            store.close()
    except StoreError as error:
        raise Problem("store", str(error)) from None
    except RowsError as error:
        raise Problem(error.code, str(error)) from None


@contextmanager
def filled(place: str, rules: Rules) -> Iterator[Store]:
    """The store at a path or URL, which something was put into. Raises Problem."""
    fill = "fill it with `syncrules snapshot`"
    if not place.startswith(_DATABASES) and not Path(place).is_file():
        raise Problem("store", f"there is no store {place}: {fill}")
    with new_or_known(place, rules) as store:
        if store.state().checkpoint == 0:
            raise Problem("store", f"the store holds nothing yet: {fill}")
        yield store


def _open(place: str, rules: Rules) -> Store:
    if not place.startswith(_DATABASES):
        from syncrules.stores.sqlite import SqliteStore

        return SqliteStore(rules, place)
    password = password_of(place)
    import psycopg

    from syncrules.stores.postgres import PostgresStore

    # One connection tells why there are none; the pool would only log it, again and again.
    logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())
    with refusals("the store", password):
        psycopg.connect(place, connect_timeout=_CONNECT_TIMEOUT).close()
    return PostgresStore(rules, place)
