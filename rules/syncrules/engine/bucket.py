"""What a request gets: buckets, and the lookups that led to them. There may be thousands, so they are tuples with names."""

from typing import Literal, NamedTuple

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

    def also(self, other: "ResolvedBucket") -> "ResolvedBucket":
        """The same bucket, given once more: the more urgent priority, and every reason."""
        reasons = tuple(dict.fromkeys((*self.reasons, *other.reasons)))
        return self._replace(priority=min(self.priority, other.priority), reasons=reasons)


class Step(NamedTuple):
    """A lookup of a stream or definition: the lookup rule's number, and the table that it reads."""

    stream: str
    rule: int
    table: str

    def __str__(self) -> str:
        return f"`{self.stream}` from `{self.table}`"


class TooManyBuckets(Exception):
    """A query gives one request more buckets than it may have."""

    def __init__(self, definition: str, count: int) -> None:
        super().__init__(f"{definition}: {count}")
        self.definition = definition
        self.count = count
