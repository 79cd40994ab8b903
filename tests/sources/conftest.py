from collections.abc import Iterator
from itertools import count

import pytest

from tests.postgres import database, postgres

_names = count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A real server."""
    with postgres() as url:
        yield url


@pytest.fixture
def url(server: str) -> Iterator[str]:
    """A new, empty database."""
    with database(server, f"source_{next(_names)}") as made:
        yield made


@pytest.fixture(scope="module")
def shared_url(server: str) -> Iterator[str]:
    """A database that the tests of a module share."""
    with database(server, f"source_{next(_names)}") as made:
        yield made
