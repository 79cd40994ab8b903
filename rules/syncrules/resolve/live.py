"""Open connections: whose answer may be another one now, and what each of them gains and loses.

open_connections = OpenResolutions()
changes = open_connections.hold(connection, rules.resolve(request, store))   # everything is added
…
for connection in open_connections.affected(store.apply(batch)):
changes = open_connections.hold(connection, rules.resolve(request, store))
"""

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from syncrules.engine.found import LookupKey
from syncrules.resolve.resolution import BucketChanges, Resolution
from syncrules.stores.protocol import Applied

_NOTHING = Resolution((), ())


@dataclass(slots=True)
class OpenResolutions:
    """The last answer of every open connection, found by the lookup keys that it rests on.

    Connections are named by whatever the server names them by. `stale` are those that must be resolved again: a batch
    changed what they rest on after their answer was read. A resolution may arrive later than a batch that it does not
    know of yet: the last `remembered` batches are kept to notice that, and an answer older than these is stale.
    """

    remembered: int = 1000
    stale: set[Hashable] = field(default_factory=set)
    _held: dict[Hashable, Resolution] = field(default_factory=dict)
    _readers: dict[LookupKey, set[Hashable]] = field(default_factory=dict)
    _batches: deque[Applied] = field(default_factory=deque)
    _forgotten: int = -1

    def hold(self, connection: Hashable, resolution: Resolution) -> BucketChanges:
        """Keeps the answer of a connection in place of the one before: what it adds and takes away."""
        before = self._held.get(connection, _NOTHING)
        self._leave(connection)
        self._held[connection] = resolution
        for key in resolution.reads:
            self._readers.setdefault(key, set()).add(connection)
        if self._is_outdated(resolution):
            self.stale.add(connection)
        return before.changes_to(resolution)

    def release(self, connection: Hashable) -> None:
        """Forgets a connection that was closed."""
        self._leave(connection)

    def affected(self, applied: Applied) -> frozenset[Hashable]:
        """The connections that a batch of changes makes stale: each is to be resolved again, and held.

        A store that was filled anew affects every connection that looked anything up.
        """
        self._batches.append(applied)
        if len(self._batches) > self.remembered:
            self._forgotten = self._batches.popleft().checkpoint
        found = frozenset(
            connection
            for connection in self._readers_of(applied.changed)
            if _is_before(self._held[connection], applied.checkpoint)
        )
        self.stale |= found
        return found

    def held(self) -> Mapping[Hashable, Resolution]:
        """The last answer of each open connection."""
        return self._held

    def _readers_of(self, changed: frozenset[LookupKey] | None) -> Iterable[Hashable]:
        if changed is None:
            return [connection for connection, resolution in self._held.items() if resolution.reads]
        return {connection for key in changed for connection in self._readers.get(key, ())}

    def _is_outdated(self, resolution: Resolution) -> bool:
        if not resolution.reads:
            return False
        later = [batch for batch in self._batches if _is_before(resolution, batch.checkpoint)]
        return _is_before(resolution, self._forgotten) or any(resolution.is_affected(batch.changed) for batch in later)

    def _leave(self, connection: Hashable) -> None:
        self.stale.discard(connection)
        resolution = self._held.pop(connection, None)
        for key in () if resolution is None else resolution.reads:
            readers = self._readers[key]
            readers.discard(connection)
            if not readers:
                del self._readers[key]


def _is_before(resolution: Resolution, checkpoint: int) -> bool:
    return resolution.checkpoint is None or resolution.checkpoint < checkpoint
