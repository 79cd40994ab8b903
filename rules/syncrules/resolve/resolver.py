"""Which buckets a request gets, without doing any I/O: a generator that asks for lookups.

Every part of every query is run at most once for the connection, or once for each distinct
subscription if it reads subscription parameters. All of them advance together, so that each depth of
lookups is one read of the store; no key is read twice.
"""

from collections.abc import Callable, Collection, Generator, Hashable, Iterable, Mapping, Sequence
from functools import partial
from itertools import product
from types import MappingProxyType
from typing import Final, cast

from syncrules.engine.bucket_id import bucket_ids
from syncrules.engine.found import Key, LookupKey
from syncrules.engine.part_code import PartRun, Wanted
from syncrules.resolve.asking import Asking
from syncrules.resolve.limits import LimitExceeded, Limits, Step, Usage
from syncrules.resolve.prepared import PreparedPart, PreparedParts, PreparedQueries, PreparedQuery
from syncrules.resolve.request import BoundRequest, Request
from syncrules.resolve.resolution import Reason, Resolution, ResolutionError, ResolvedBucket
from syncrules.stores.protocol import Answers, Found
from syncrules.values.value import EvaluationError

Resolving = Generator[Sequence[LookupKey], Answers, Callable[[int | None], Resolution]]
"""Returns what makes the resolution of the checkpoint that the answers were true of."""

Outputs = list[Key] | EvaluationError

_NOTHING: Final[Found] = MappingProxyType({})
_resolved_bucket: Final = partial(tuple.__new__, ResolvedBucket)
"""Makes a bucket of its fields, in C: there may be a thousand in a request."""


_Started = tuple[PreparedQuery, Reason, BoundRequest, Sequence[Hashable]]
"""A query, one reason to run it (the default, or one subscription), what it reads, and what its parts' runs are known by."""


class _Runs:
    """Parts that have been run or are running, each once for what it reads.

    `outputs` is None for a part that waits. `returned` are the source rows that the lookups of a run returned, read by read,
    each with the lookup rule's number.
    """

    __slots__ = ("answers", "outputs", "queries", "returned", "waiting")

    def __init__(self, queries: PreparedQueries) -> None:
        self.queries = queries
        self.outputs: dict[Hashable, Outputs | None] = {}
        self.waiting: list[tuple[Hashable, PartRun, Wanted]] = []
        self.answers: dict[LookupKey, Found] = {}
        self.returned: dict[Hashable, list[tuple[int, int]]] = {}

    def start(self, parts: PreparedParts, values: BoundRequest) -> Sequence[Hashable]:
        """Runs parts up to their first lookup, unless that was done; what the runs are known by."""
        if not parts.reads_subscription:
            for part in parts.parts:
                if part.number not in self.outputs:
                    self._run(part, part.number, values)
            return parts.numbers
        places: list[Hashable] = []
        for part in parts.parts:
            place = (part.number, values.subscription) if part.reads_subscription else part.number
            places.append(place)
            if place not in self.outputs:
                self._run(part, place, values)
        return places

    def _run(self, part: PreparedPart, place: Hashable, values: BoundRequest) -> None:
        self.outputs[place] = None
        try:
            run = self.queries.function(part)(values)
            if part.looks_up:
                self._advance(place, cast("PartRun", run), None)
            else:
                self.outputs[place] = cast("list[Key]", run)
        except EvaluationError as error:
            self.outputs[place] = error

    def started(self, query: PreparedQuery, reason: Reason, values: BoundRequest) -> _Started:
        """Starts the parts of a query; where some are tests, those that look something up only if all tests hold."""
        if query.tests_first:
            places = self.start(query.tests, values)
            if not all(self.outputs[place] for place in places):
                return query, reason, values, places
        return query, reason, values, self.start(query.parts, values)

    def finish(self) -> Generator[Sequence[LookupKey], Answers, None]:
        """Advances everything that waits, one read for all of it, until nothing does."""
        answers = self.answers
        while self.waiting:
            unread = list({key: None for _, _, keys in self.waiting for key in keys if key not in answers})
            if unread:
                found = yield unread
                for key in unread:
                    answers[key] = found.get(key, _NOTHING)
            waiting, self.waiting = self.waiting, []
            for place, run, keys in waiting:
                if keys:
                    count = sum([sum(answers[key].values()) for key in keys])
                    self.returned.setdefault(place, []).append((keys[0][0], count))
                self._advance(place, run, answers)

    def _advance(self, place: Hashable, run: PartRun, answers: Mapping[LookupKey, Found] | None) -> None:
        """Runs a part up to its next lookup, or to its end."""
        try:
            # What a generator is sent first is nothing.
            self.waiting.append((place, run, run.send(answers)))  # type: ignore[arg-type]
        except StopIteration as finished:
            self.outputs[place] = finished.value
        except EvaluationError as error:
            self.outputs[place] = error

    def results(self, started: Iterable[_Started]) -> list[tuple[Step, int]]:
        """The rows that lookups returned, for every reason to run a query, even if runs are shared."""
        returned = self.returned
        return [
            (query.steps[rule], count)
            for query, _, _, places in started
            for place in places
            if place in returned
            for rule, count in returned[place]
        ]


def resolving(queries: PreparedQueries, request: Request, limits: Limits) -> Resolving:
    """Asks for batches of lookup keys, is sent what was found, and returns the resolution.

    Raises LimitExceeded.
    """
    runs, asking = _Runs(queries), Asking.of(request)
    # Without subscriptions, only what is subscribed to by default has a reason to run.
    possible = queries.queries if asking.by_stream else queries.by_default
    started = [
        runs.started(query, reason, values) for query in possible for reason, values in asking.reasons(query.query)
    ]
    yield from runs.finish()
    results = runs.results(started)
    if sum([count for _, count in results]) > limits.parameter_results:
        usage = Usage.of((), results)
        raise LimitExceeded("parameter results", limits.parameter_results, usage.results_by_stream(), usage)
    buckets, errors = _merged(started, runs, limits, results)
    reads = frozenset(runs.answers)
    return lambda checkpoint: Resolution(buckets, errors, reads, checkpoint, tuple(results))


def _merged(
    started: Sequence[_Started], runs: _Runs, limits: Limits, results: Sequence[tuple[Step, int]]
) -> tuple[tuple[ResolvedBucket, ...], tuple[ResolutionError, ...]]:
    """The buckets of all queries, each once: the most urgent priority, the first definition, every reason."""
    buckets: list[ResolvedBucket] = []
    shared: dict[str, int] = {}
    errors: dict[ResolutionError, None] = {}
    for query, reason, values, places in started:
        try:
            keys = _keys(query, places, runs, limits, results)
        except EvaluationError as error:
            errors[ResolutionError(query.stream, str(error), reason)] = None
            continue
        chosen = None if values.subscribed is None else values.subscribed.priority
        priority = query.priority if chosen is None else chosen
        stream, reasons, names = query.stream, (reason,), bucket_ids(query.bucket, keys)
        found = [_resolved_bucket((n, key, priority, stream, reasons)) for n, key in zip(names, keys, strict=True)]
        if query.is_alone and reason == "default":
            # Nothing else gives buckets of this family, and a default is one reason.
            buckets += found
            continue
        for bucket in found:
            place = shared.setdefault(bucket.id, len(buckets))
            if place == len(buckets):
                buckets.append(bucket)
            else:
                buckets[place] = buckets[place].also(priority, reason)
    if len(buckets) > limits.buckets:
        usage = Usage.of([bucket.definition for bucket in buckets], results)
        raise LimitExceeded("buckets", limits.buckets, usage.buckets, usage)
    return tuple(buckets), tuple(errors)


def _keys(
    query: PreparedQuery,
    places: Sequence[Hashable],
    runs: _Runs,
    limits: Limits,
    results: Sequence[tuple[Step, int]],
) -> Collection[Key]:
    """The bucket values of one query for one reason: every combination of its parts' outputs.

    Raises the error of a part, unless one before it has no outputs, and LimitExceeded before there are too many.
    """
    if query.places is None:
        only = runs.outputs[places[0]]
        if type(only) is list and len(only) <= limits.buckets:
            return only
    many, outputs = 1, []
    for place in places:
        each = runs.outputs[place]
        if isinstance(each, EvaluationError):
            raise each
        if not each:
            return ()
        many *= len(each)
        outputs.append(each)
    if many > limits.buckets:
        usage = Usage({query.stream: many}, Usage.of((), results).parameter_results)
        raise LimitExceeded("buckets", limits.buckets, usage.buckets, usage)
    if query.places is None:
        return outputs[0]
    return {tuple([chosen[part][output] for part, output in query.places]): None for chosen in product(*outputs)}
