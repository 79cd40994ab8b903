"""Which buckets a request gets, without doing any I/O: a generator that asks for lookups.

Groups of queries are run by generated code, once for each reason. All of them advance together, so that each depth of lookups
is one read of the store; no key is read twice.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from syncrules.engine.bucket import Reason, ResolvedBucket, Step, TooManyBuckets
from syncrules.engine.found import LookupKey
from syncrules.engine.group_code import Outcome
from syncrules.resolve.asking import asked
from syncrules.resolve.limits import LimitExceeded, Limits, Usage, most_first
from syncrules.resolve.prepared import PreparedGroup, QueryGroups
from syncrules.resolve.request import Request
from syncrules.resolve.resolution import Resolution, ResolutionError
from syncrules.stores.protocol import Answers, Found

Resolving = Generator[Sequence[LookupKey], Answers, Callable[[int | None], Resolution]]
"""Returns what makes the resolution of the checkpoint that the answers were true of."""

_NOTHING: Final[Found] = MappingProxyType({})


def resolving(groups: QueryGroups, request: Request, limits: Limits) -> Resolving:
    """Asks for batches of lookup keys, is sent what was found, and returns the resolution.

    Raises LimitExceeded.
    """
    connection = asked(groups, request)
    answers: dict[LookupKey, Found] = {}
    outcomes: dict[int, Outcome] = {}
    running = [
        (place, group.read([values for _, values in reasons], answers))
        for place, (group, reasons) in enumerate(connection)
    ]
    while running:
        waiting = []
        unread: dict[LookupKey, None] = {}
        for place, run in running:
            try:
                for key in next(run):
                    if key not in answers:
                        unread[key] = None
                waiting.append((place, run))
            except StopIteration as finished:
                outcomes[place] = finished.value
        if unread:
            found = yield [*unread]
            for key in unread:
                answers[key] = found.get(key, _NOTHING)
        running = waiting
    results = [result for place in range(len(connection)) for result in outcomes[place][0]]
    if sum([count for _, count in results]) > limits.parameter_results:
        usage = Usage.of((), results)
        raise LimitExceeded("parameter results", limits.parameter_results, usage.results_by_stream(), usage)
    buckets: list[ResolvedBucket] = []
    errors: dict[ResolutionError, None] = {}
    are_distinct = len(connection) == 1
    for place, (group, reasons) in enumerate(connection):
        are_distinct = are_distinct and group.is_distinct and len(reasons) == 1
        _, failed, outputs = outcomes[place]
        for number, (reason, values) in enumerate(reasons):
            chosen = None if values.subscribed is None else values.subscribed.priority
            try:
                buckets += group.make(outputs, number, chosen, (reason,), limits.buckets)
            except TooManyBuckets as many:
                raise _too_many(limits, {many.definition: many.count}, results) from None
            if failed:
                errors |= dict.fromkeys(_errors(group, outcomes[place], number, reason))
    if not are_distinct:
        buckets = _merged(buckets)
    if len(buckets) > limits.buckets:
        raise _too_many(limits, Counter([bucket.definition for bucket in buckets]), results)
    return lambda checkpoint: Resolution(tuple(buckets), tuple(errors), frozenset(answers), checkpoint, tuple(results))


def _merged(buckets: Iterable[ResolvedBucket]) -> list[ResolvedBucket]:
    """Each bucket once: the most urgent priority, the first definition, every reason."""
    merged: dict[str, ResolvedBucket] = {}
    for bucket in buckets:
        known = merged.setdefault(bucket.id, bucket)
        if known is not bucket:
            merged[bucket.id] = known.also(bucket)
    return list(merged.values())


def _errors(group: PreparedGroup, outcome: Outcome, place: int, reason: Reason) -> Iterator[ResolutionError]:
    """The queries that could not be evaluated for one request: a part failed, and none before it had no outputs."""
    _, failed, outputs = outcome
    for stream, parts in group.queries:
        for part in parts:
            error = failed.get((part, place) if part in group.own else part)
            if error is not None:
                yield ResolutionError(stream, str(error), reason)
            if not (outputs[part - 1][place] if part in group.own else outputs[part - 1]):
                break


def _too_many(limits: Limits, buckets: Mapping[str, int], results: Sequence[tuple[Step, int]]) -> LimitExceeded:
    usage = Usage(most_first(buckets), Usage.of((), results).parameter_results)
    return LimitExceeded("buckets", limits.buckets, usage.buckets, usage)
