"""The answer to a request: its buckets, and what could not be evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from syncrules.values.value import SqlValue

Reason = Literal["default"] | int
"""Why a request has a bucket: by default, or through the subscription with this index."""


@dataclass(frozen=True, slots=True)
class ResolvedBucket:
    """A bucket that a request syncs.

    `definition` is the first stream or bucket definition, in the file's order, that gave it; a
    smaller `priority` syncs earlier.
    """

    id: str
    parameters: tuple[SqlValue, ...]
    priority: int
    definition: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ResolutionError:
    """A stream or definition of which a part could not be evaluated, and so gave no bucket."""

    definition: str
    message: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Resolution:
    """Everything a request syncs. Errors only take away: what is here, the user may have."""

    buckets: tuple[ResolvedBucket, ...]
    errors: tuple[ResolutionError, ...]

    def by_id(self) -> Mapping[str, ResolvedBucket]:
        """The buckets by their ids."""
        return {bucket.id: bucket for bucket in self.buckets}
