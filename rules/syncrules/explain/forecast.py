"""How much of the limits of a service the users of a data set use up, each counted as the service counts them."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Self

from syncrules.resolve.limits import DEFAULT_LIMITS, LimitExceeded, Limits, Usage
from syncrules.resolve.request import Request
from syncrules.resolve.rules import Rules
from syncrules.stores.protocol import Store

Measure = Literal["buckets", "parameter results"]

MEASURES: Final[tuple[Measure, ...]] = ("buckets", "parameter results")
"""What is limited: see `Limits`."""

COUNTED_BUCKETS: Final = 100_000
"""So many buckets of one user are counted. Whoever has more is over the limit, by at least that much."""


@dataclass(frozen=True, slots=True)
class UserUsage:
    """What the connection of one user leads to.

    `failed` are the streams that could not be evaluated: they gave nothing. `is_whole` False says that counting ended
    before the end, because the user has more than COUNTED_BUCKETS: then the buckets are those of some streams only.
    """

    user: str
    usage: Usage
    failed: tuple[str, ...] = ()
    is_whole: bool = True
    results: Mapping[str, int] = field(init=False, repr=False, compare=False)
    """The parameter results of each stream."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "results", dict(self.usage.results_by_stream()))

    def by_stream(self, measure: Measure) -> Mapping[str, int]:
        """How many each stream or definition gave. A bucket is counted for the first one, in the file's order."""
        return self.usage.buckets if measure == "buckets" else self.results

    def count(self, measure: Measure) -> int:
        """How many all streams and definitions gave."""
        return sum(self.by_stream(measure).values())


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the counts of users lie, from the lowest: half of the users have at most `p50`, 95 in 100 at most `p95`."""

    p50: int = 0
    p95: int = 0
    maximum: int = 0

    @classmethod
    def of(cls, counts: Sequence[int]) -> Self:
        """The spread of some counts; nothing is a spread of zeros.

        >>> Spread.of([7, 1, 5, 3])
        Spread(p50=3, p95=7, maximum=7)
        """
        ordered = sorted(counts)
        return cls(percentile(ordered, 50), percentile(ordered, 95), ordered[-1]) if ordered else cls()


def percentile(counts: Sequence[int], percent: int) -> int:
    """The lowest of the counts that at least so many percent of them do not exceed: the nearest rank, never a mean.

    >>> percentile([10, 20, 30, 40], 50), percentile([10, 20, 30, 40], 51)
    (20, 30)
    """
    rank = -(-percent * len(counts) // 100)
    return sorted(counts)[max(rank, 1) - 1]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What each of some users uses up, and the limits that this is held against. `streams` are in the file's order."""

    streams: tuple[str, ...]
    users: tuple[UserUsage, ...]
    limits: Limits = DEFAULT_LIMITS

    def limit(self, measure: Measure) -> int:
        """How many a service allows."""
        return self.limits.buckets if measure == "buckets" else self.limits.parameter_results

    def counts(self, measure: Measure, stream: str | None = None) -> list[int]:
        """The count of each user, for one stream or for all of them."""
        if stream is None:
            return [user.count(measure) for user in self.users]
        return [user.by_stream(measure).get(stream, 0) for user in self.users]

    def spread(self, measure: Measure, stream: str | None = None) -> Spread:
        """Where the counts lie, for one stream or for all of them. Those of streams do not add up to those of all."""
        return Spread.of(self.counts(measure, stream))

    def over(self, measure: Measure) -> list[UserUsage]:
        """The users who are over a limit, those with the most first."""
        found = [user for user in self.users if user.count(measure) > self.limit(measure)]
        return sorted(found, key=lambda user: (-user.count(measure), user.user))

    def refusal(self, user: UserUsage, measure: Measure) -> LimitExceeded:
        """What a user who is over a limit is told."""
        return LimitExceeded(measure, self.limit(measure), user.by_stream(measure), user.usage)


def forecast(
    rules: Rules, requests: Iterable[tuple[str, Request]], store: Store, limits: Limits = DEFAULT_LIMITS
) -> Forecast:
    """Resolves the connections of users, each with the user's name, as of the store's last checkpoint.

    Raises StoreError.

    >>> from syncrules import MemoryStore, VerifiedClaims
    >>> rules = Rules.from_text("bucket_definitions: {mine: {parameters: SELECT id AS a FROM l WHERE o = "
    ...     "request.user_id(), data: []}}")
    >>> request = Request(VerifiedClaims.unverified_for_testing({"sub": "ada"}))
    >>> forecast(rules, [("ada", request)], MemoryStore(rules)).spread("buckets")
    Spread(p50=0, p95=0, maximum=0)
    """
    checkpoint = store.state().checkpoint
    counted = Limits(max(COUNTED_BUCKETS, limits.buckets), sys.maxsize)
    users = tuple(_used(rules, name, request, store, counted, checkpoint) for name, request in requests)
    asking = {query.stream for query in rules.plan.bucket_queries}
    return Forecast(tuple(name for name in rules.plan.streams if name in asking), users, limits)


def _used(rules: Rules, name: str, request: Request, store: Store, counted: Limits, checkpoint: int) -> UserUsage:
    try:
        found = rules.resolve(request, store, counted, checkpoint)
    except LimitExceeded as error:
        return UserUsage(name, error.usage, is_whole=False)
    return UserUsage(name, found.usage, tuple(dict.fromkeys(error.definition for error in found.errors)))
