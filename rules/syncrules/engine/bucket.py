"""A bucket that a request syncs. There may be a thousand in an answer, so they are tuples with names."""

from collections.abc import Callable
from functools import partial
from typing import Final, Literal, NamedTuple

from syncrules.engine.found import Key

Reason = Literal["default"] | int
"""Why a request has a bucket: by default, or through the subscription with this index."""


class ResolvedBucket(NamedTuple):
    """A bucket that a request syncs.

    `definition` is the first stream or bucket definition, in the file's order, that gave it; a
    smaller `priority` syncs earlier.
    """

    id: str
    parameters: Key
    priority: int
    definition: str
    reasons: tuple[Reason, ...]

    def also(self, priority: int, reason: Reason) -> "ResolvedBucket":
        """The same bucket, given once more: the more urgent priority, and every reason."""
        reasons = self.reasons if reason in self.reasons else (*self.reasons, reason)
        return ResolvedBucket(self.id, self.parameters, min(self.priority, priority), self.definition, reasons)


resolved_bucket: Final[Callable[[tuple[object, ...]], ResolvedBucket]] = partial(tuple.__new__, ResolvedBucket)
"""Makes a bucket of its fields, in C."""
