"""Which buckets a request gets, without doing any I/O: a generator that asks for lookups.

Groups of queries are run by generated code, once for each reason. All of them advance together, so that each depth of lookups
is one read of the store; no key is read twice.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

from syncrules.engine.bucket import Reason, ResolvedBucket, Step, TooManyBuckets
from syncrules.engine.found import Answers, Found, LookupKey
from syncrules.engine.group_code import Outcome, Reading, note
from syncrules.resolve.asking import asked
from syncrules.resolve.limits import LimitExceeded, Limits, Usage, most_first
from syncrules.resolve.prepared import PreparedGroup, QueryGroups
from syncrules.resolve.request import Request
from syncrules.resolve.resolution import ResolutionError

Resolved = tuple[
    tuple[ResolvedBucket, ...], tuple[ResolutionError, ...], frozenset[LookupKey], tuple[tuple[Step, int], ...]
]
"""A resolution's buckets, errors, reads and results: all but the checkpoint that the answers were true of."""
Resolving = Generator[Sequence[LookupKey], Answers, Resolved]


def resolving(groups: QueryGroups, request: Request, limits: Limits) -> Resolving:
    """Asks for batches of lookup keys, is sent what was found, and returns what makes the resolution.

    Raises LimitExceeded.
    """
    connection = asked(groups, request)
    answers: dict[LookupKey, Found] = {}
    if len(connection) == 1:
        group, _, requests = connection[0]
        outcomes = [(yield from group.read(requests, answers))]
    else:
        outcomes = yield from _together([group.read(requests, answers) for group, _, requests in connection], answers)
    results, count = [], 0
    for outcome in outcomes:
        for result in outcome[0]:
            results.append(result)
            count += result[1]
    if count > limits.parameter_results:
        usage = Usage.of((), results)
        raise LimitExceeded("parameter results", limits.parameter_results, usage.results_by_stream(), usage)
    buckets: list[ResolvedBucket] = []
    errors: dict[ResolutionError, None] = {}
    are_distinct = len(connection) == 1
    for number, (group, reasons, requests) in enumerate(connection):
        are_distinct = are_distinct and group.is_distinct and len(reasons) == 1
        _, failed, outputs = outcome = outcomes[number]
        for place, reason in enumerate(reasons):
            try:
                buckets += group.make(outputs, place, requests[place].priority, (reason,), limits.buckets)
            except TooManyBuckets as many:
                raise _too_many(limits, {many.definition: many.count}, results) from None
            if failed:
                errors |= dict.fromkeys(_errors(group, outcome, place, reason))
    if not are_distinct:
        buckets = _merged(buckets)
    if len(buckets) > limits.buckets:
        raise _too_many(limits, Counter([bucket.definition for bucket in buckets]), results)
    return tuple(buckets), tuple(errors), frozenset(answers), tuple(results)


def _together(
    readings: Sequence[Reading], answers: dict[LookupKey, Found]
) -> Generator[Sequence[LookupKey], Answers, list[Outcome]]:
    """The outcomes of several readings that share their answers: they advance together, so that each depth is one read."""
    outcomes: dict[int, Outcome] = {}
    found: Answers | None = None
    while len(outcomes) < len(readings):
        unread: dict[LookupKey, None] = {}
        for place, reading in enumerate(readings):
            if place not in outcomes:
                try:
                    unread |= dict.fromkeys(next(reading) if found is None else reading.send(found))
                except StopIteration as finished:
                    outcomes[place] = finished.value
        if unread:
            found = yield [*unread]
            # Before any of them goes on: it may want what another one asked for.
            note(answers, [*unread], found)
    return [outcomes[place] for place in range(len(readings))]


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
