"""What a store must do: keep lookup entries by source row, and answer batches of keys."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from syncrules.values.value import SqlValue

Key = tuple[SqlValue, ...]
LookupKey = tuple[int, Key]
"""A lookup rule's number and a key."""

Answers = Mapping[LookupKey, Sequence[Key]]
"""The outputs found under each key that was asked for. Keys without entries may be missing."""


class Store(Protocol):
    """Answers lookups; called from one thread at a time."""

    def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        """The outputs under each of the keys, in one read."""
        ...


class AsyncStore(Protocol):
    """A store that is awaited."""

    async def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        """The outputs under each of the keys, in one read."""
        ...
