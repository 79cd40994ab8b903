"""A store that answers at once, where a store that is awaited is asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from syncrules.engine.found import Answers, LookupKey
from syncrules.stores.change import Change
from syncrules.stores.protocol import Applied, State, Store, View


@dataclass(frozen=True, slots=True)
class Awaited:
    """A store in memory or in a file, for async code. Calls run where they are awaited, and block the loop meanwhile."""

    store: Store

    def at(self, checkpoint: int | None = None) -> "AwaitedView":
        """The store as of a checkpoint, or of the last one."""
        return AwaitedView(self.store.at(checkpoint))

    async def state(self) -> State:
        """Where the store is. Raises StoreError."""
        return self.store.state()

    async def apply(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Takes a batch of changes in; see Store."""
        return self.store.apply(changes, position)

    async def fill(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Holds exactly these source rows from now on; see Store."""
        return self.store.fill(changes, position)

    async def changes_since(self, checkpoint: int) -> frozenset[LookupKey]:
        """The keys whose answers changed after a checkpoint; see Store."""
        return self.store.changes_since(checkpoint)

    async def close(self) -> None:
        """Ends the use of the store."""
        self.store.close()


@dataclass(frozen=True, slots=True)
class AwaitedView:
    """A view that answers at once, awaited."""

    view: View

    @property
    def checkpoint(self) -> int | None:
        """The checkpoint; None as long as that was left open and nothing was read."""
        return self.view.checkpoint

    async def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        """What is under each of the keys, in one read. Raises StoreError."""
        return self.view.lookup(keys)
