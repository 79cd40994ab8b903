"""A store whose calls run in a thread of its own, so that an event loop goes on meanwhile."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from syncrules.engine.found import Answers, LookupKey
from syncrules.stores.change import Change
from syncrules.stores.protocol import Applied, State, Store, View

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Threaded:
    """A store in a file, for async code that writes much. A call that is cancelled still ends by itself."""

    store: Store
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "syncrules-store"))

    def at(self, checkpoint: int | None = None) -> "ThreadedView":
        """The store as of a checkpoint, or of the last one."""
        return ThreadedView(self, self.store.at(checkpoint))

    async def state(self) -> State:
        """Where the store is. Raises StoreError."""
        return await self.run(self.store.state)

    async def apply(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Takes a batch of changes in; see Store."""
        return await self.run(lambda: self.store.apply(changes, position))

    async def fill(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Holds exactly these source rows from now on; see Store."""
        return await self.run(lambda: self.store.fill(changes, position))

    async def changes_since(self, checkpoint: int) -> frozenset[LookupKey]:
        """The keys whose answers changed after a checkpoint; see Store."""
        return await self.run(lambda: self.store.changes_since(checkpoint))

    async def close(self) -> None:
        """Ends the use of the store, once what was begun is done."""
        await self.run(self.store.close)
        self._thread.shutdown()

    async def run(self, call: Callable[[], T]) -> T:
        """Runs a call in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


@dataclass(frozen=True, slots=True)
class ThreadedView:
    """A view that is read in its store's thread."""

    store: Threaded
    view: View

    @property
    def checkpoint(self) -> int | None:
        """The checkpoint; None as long as that was left open and nothing was read."""
        return self.view.checkpoint

    async def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        """What is under each of the keys, in one read. Raises StoreError."""
        return await self.store.run(lambda: self.view.lookup(keys))
