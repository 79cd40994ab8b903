"""The two drivers of the resolver: one waits for a store, one awaits it."""

from syncrules.resolve.resolution import Resolution
from syncrules.resolve.resolver import Resolving
from syncrules.stores.protocol import AsyncStore, Store


def run(resolving: Resolving, store: Store) -> Resolution:
    """Runs a resolution over a store."""
    try:
        keys = next(resolving)
        while True:
            keys = resolving.send(store.lookup(keys))
    except StopIteration as finished:
        resolution: Resolution = finished.value
        return resolution


async def run_async(resolving: Resolving, store: AsyncStore) -> Resolution:
    """Runs a resolution over a store that is awaited."""
    try:
        keys = next(resolving)
        while True:
            keys = resolving.send(await store.lookup(keys))
    except StopIteration as finished:
        resolution: Resolution = finished.value
        return resolution
