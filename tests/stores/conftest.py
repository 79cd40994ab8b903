import asyncio
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.postgres import postgres
from tests.stores.opened import NAMES, Opener, opener


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real server."""
    with postgres() as url:
        yield url


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all tests of a module, so that a store can stay open for all examples of a property."""
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module", params=NAMES)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opener:
    """Each store in turn."""
    folder: Path = tmp_path_factory.mktemp("stores")
    return opener(request.param, cache(lambda: request.getfixturevalue("postgres_url")), str(folder))
