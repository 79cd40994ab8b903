"""The answer to a request: its buckets, and what could not be evaluated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from syncrules.engine.bucket import Reason, ResolvedBucket, Step
from syncrules.engine.found import LookupKey
from syncrules.resolve.limits import Usage
from syncrules.values.frozen import through_slots


@dataclass(frozen=True, slots=True)
class ResolutionError:
    """A stream or definition of which a part could not be evaluated, and so gave no bucket."""

    definition: str
    message: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class BucketChanges:
    """What an open connection gains and loses: buckets, and the ids of buckets."""

    added: tuple[ResolvedBucket, ...]
    removed: tuple[str, ...]


@through_slots
@dataclass(frozen=True, slots=True)
class Resolution:
    """Everything a request syncs. Errors only take away: what is here, the user may have.

    Buckets stand in the order of the streams that gave them; within one stream, in no order that means anything.

    `reads` are the lookup keys that the answer rests on, as of `checkpoint`. It is None if nothing was looked up: then
    the answer is true of every checkpoint. `results` are the rows that each step's lookups returned, one by one; `usage`
    sums up how much of the limits was used.
    """

    buckets: tuple[ResolvedBucket, ...]
    errors: tuple[ResolutionError, ...]
    reads: frozenset[LookupKey] = field(default=frozenset(), compare=False, repr=False)
    checkpoint: int | None = field(default=None, compare=False)
    results: tuple[tuple[Step, int], ...] = field(default=(), compare=False, repr=False)

    @property
    def usage(self) -> Usage:
        """How much of the limits was used."""
        return Usage.of((bucket.definition for bucket in self.buckets), self.results)

    @property
    def parameter_results(self) -> int:
        """The rows that all lookups returned: what the limit is about."""
        return sum([count for _, count in self.results])

    def is_affected(self, changed: Iterable[LookupKey] | None) -> bool:
        """Whether the answer may be another one, once the answers to some keys have changed (see a store's `apply`).

        None: it is not known which.
        """
        return bool(self.reads) if changed is None else not self.reads.isdisjoint(changed)

    def changes_to(self, later: "Resolution") -> BucketChanges:
        """What a later answer to the same request adds and takes away."""
        before, after = self.by_id(), later.by_id()
        added = tuple(bucket for name, bucket in after.items() if name not in before)
        return BucketChanges(added, tuple(name for name in before if name not in after))

    def by_id(self) -> Mapping[str, ResolvedBucket]:
        """The buckets by their ids."""
        return {bucket.id: bucket for bucket in self.buckets}
