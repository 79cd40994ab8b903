"""The two drivers of the resolver: one waits for a store, one awaits it."""

from syncrules.resolve.resolution import Resolution
from syncrules.resolve.resolver import Resolving
from syncrules.stores.protocol import AsyncView, View


def run(resolving: Resolving, view: View) -> Resolution:
    """Runs a resolution over a store as of one checkpoint."""
    try:
        keys = next(resolving)
        while True:
            keys = resolving.send(view.lookup(keys))
    except StopIteration as finished:
        buckets, errors, reads, results = finished.value
        return Resolution(buckets, errors, reads, view.checkpoint, results)


async def run_async(resolving: Resolving, view: AsyncView) -> Resolution:
    """Runs a resolution over a store that is awaited, as of one checkpoint."""
    try:
        keys = next(resolving)
        while True:
            keys = resolving.send(await view.lookup(keys))
    except StopIteration as finished:
        buckets, errors, reads, results = finished.value
        return Resolution(buckets, errors, reads, view.checkpoint, results)
