"""What a store is: lookup entries kept by source row, changed in batches, and read as of one batch.

A *checkpoint* is the number of a batch. Every read goes through a view, and a view stays at one checkpoint, so that
what a request is told is true of one moment, however often it reads and whatever is written meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from syncrules.engine.found import Answers, LookupKey, RowError
from syncrules.engine.program import Program
from syncrules.stores.change import Change, RowKey


class HasProgram(Protocol):
    """Compiled rules: whatever holds a runnable plan."""

    @property
    def program(self) -> Program:
        """The runnable plan."""
        ...


@dataclass(frozen=True, slots=True)
class Applied:
    """What a batch did: its checkpoint, the keys whose answers changed, and what could not be evaluated, by row.

    `changed` is None if that is not known: then everything that was looked up may be another answer now.
    """

    checkpoint: int
    changed: frozenset[LookupKey] | None
    errors: Mapping[RowKey, tuple[RowError, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """Where a store is: its last checkpoint, the oldest that can still be read, and the last batch's position."""

    checkpoint: int
    horizon: int
    position: str | None


class StoreError(Exception):
    """A store cannot answer, or was not changed: its file or server does not do what it is asked.

    Whether a batch was written is told by the store's state once it answers again.
    """


class CheckpointError(StoreError):
    """A checkpoint is not to be read: it is too old, so that what was true then is forgotten, or not reached yet."""

    def __init__(self, checkpoint: int, horizon: int, current: int) -> None:
        super().__init__(f"checkpoint {checkpoint} cannot be read: the store holds {horizon} to {current}")


class StoreMismatchError(StoreError):
    """A store was made for other lookups: its entries mean something else."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} was made for rules with other lookups: fill a new store from the source rows")


class View(Protocol):
    """A store as of one checkpoint: the one asked for, or the last one when it is first read."""

    @property
    def checkpoint(self) -> int | None:
        """The checkpoint; None as long as that was left open and nothing was read."""
        ...

    def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        """What is under each of the keys, in one read. Raises StoreError."""
        ...


class AsyncView(Protocol):
    """A view that is awaited."""

    @property
    def checkpoint(self) -> int | None:
        """The checkpoint; None as long as that was left open and nothing was read."""
        ...

    async def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        """What is under each of the keys, in one read. Raises StoreError."""
        ...


class Store(Protocol):
    """Keeps the lookup entries of source rows. Used from one thread at a time unless it says otherwise."""

    def at(self, checkpoint: int | None = None) -> View:
        """The store as of a checkpoint, or of the last one."""
        ...

    def state(self) -> State:
        """Where the store is. Raises StoreError."""
        ...

    def apply(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Takes a batch of changes in, wholly or not at all, as a new checkpoint.

        `position` says where the batch ended in whatever it came from (a WAL position, say); it is kept with the batch,
        so that who starts again knows where to go on. Raises StoreError.
        """
        ...

    def fill(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Holds exactly these source rows from now on, however many: a first load. What was before cannot be read again.

        Whatever was resolved before must be resolved again: `changed` is None. Raises StoreError.
        """
        ...

    def changes_since(self, checkpoint: int) -> frozenset[LookupKey]:
        """The keys whose answers changed after a checkpoint, some perhaps back again. Raises StoreError."""
        ...

    def close(self) -> None:
        """Ends the use of the store."""
        ...


class AsyncStore(Protocol):
    """A store that is awaited."""

    def at(self, checkpoint: int | None = None) -> AsyncView:
        """The store as of a checkpoint, or of the last one."""
        ...

    async def state(self) -> State:
        """Where the store is. Raises StoreError."""
        ...

    async def apply(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Takes a batch of changes in; see Store."""
        ...

    async def fill(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Holds exactly these source rows from now on; see Store."""
        ...

    async def changes_since(self, checkpoint: int) -> frozenset[LookupKey]:
        """The keys whose answers changed after a checkpoint; see Store."""
        ...

    async def close(self) -> None:
        """Ends the use of the store."""
        ...
