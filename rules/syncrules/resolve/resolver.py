"""Which buckets a request gets, without doing any I/O: a generator that asks for lookups.

Every part of every query is run at most once for the connection, or once for each distinct
subscription if it reads subscription parameters. All of them advance together, so that each depth of
lookups is one read of the store; no key is read twice.
"""

from collections.abc import Generator, Hashable, Iterable, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from syncrules.engine.bucket_id import bucket_id
from syncrules.engine.part_code import PartRun, Wanted
from syncrules.resolve.asking import Asking
from syncrules.resolve.limits import LimitExceeded, Limits, Step, Usage
from syncrules.resolve.prepared import PreparedPart, PreparedQueries, PreparedQuery
from syncrules.resolve.request import BoundRequest, Request
from syncrules.resolve.resolution import Reason, Resolution, ResolutionError, ResolvedBucket
from syncrules.stores.protocol import Answers, Found, Key, LookupKey
from syncrules.values.value import EvaluationError

Resolving = Generator[Sequence[LookupKey], Answers, Resolution]

Outputs = Sequence[Key] | EvaluationError


class _Asked(NamedTuple):
    """A query, and one reason to run it: the default, or one subscription."""

    query: PreparedQuery
    reason: Reason
    values: BoundRequest


class _Runs:
    """Parts that have been run or are running, each once for what it reads.

    `returned` are the source rows that the lookups of a run returned, by lookup rule.
    """

    def __init__(self, queries: PreparedQueries) -> None:
        self.queries = queries
        self.finished: dict[Hashable, Outputs] = {}
        self.waiting: dict[Hashable, tuple[PartRun, Wanted]] = {}
        self.answers: dict[LookupKey, Found] = {}
        self.returned: dict[Hashable, dict[int, int]] = {}

    def start(self, part: PreparedPart, values: BoundRequest) -> Hashable:
        """Runs a part up to its first lookup, unless that was done; what the run is known by."""
        place: Hashable = (part.number, values.subscription) if part.reads_subscription else part.number
        if place not in self.finished and place not in self.waiting:
            run = self.queries.function(part)(values)
            try:
                self.waiting[place] = (run, next(run))
            except StopIteration as finished:
                self.finished[place] = finished.value
            except EvaluationError as error:
                self.finished[place] = error
        return place

    def finish(self) -> Generator[Sequence[LookupKey], Answers, None]:
        """Advances everything that waits, one read for all of it, until nothing does."""
        while self.waiting:
            wanted = {(rule, key): None for _, (rule, keys) in self.waiting.values() for key in keys}
            unread = [key for key in wanted if key not in self.answers]
            if unread:
                found = yield unread
                for key in unread:
                    self.answers[key] = found.get(key, {})
            waiting, self.waiting = self.waiting, {}
            for place, (run, (rule, keys)) in waiting.items():
                entries = {key: self.answers[rule, key] for key in keys}
                counts = self.returned.setdefault(place, {})
                counts[rule] = counts.get(rule, 0) + sum([sum(each.values()) for each in entries.values()])
                try:
                    self.waiting[place] = (run, run.send(entries))
                except StopIteration as finished:
                    self.finished[place] = finished.value
                except EvaluationError as error:
                    self.finished[place] = error


def resolving(queries: PreparedQueries, request: Request, limits: Limits) -> Resolving:
    """Asks for batches of lookup keys, is sent what was found, and returns the resolution.

    Raises LimitExceeded.
    """
    runs, asking = _Runs(queries), Asking.of(request)
    asked = [_Asked(query, *reason) for query in queries.queries for reason in asking.reasons(query.query)]
    started: list[tuple[_Asked, list[Hashable]]] = []
    for each in asked:
        places = [runs.start(part, each.values) for part in each.query.tests]
        if all(runs.finished[place] for place in places):
            places = [runs.start(part, each.values) for part in each.query.parts]
        started.append((each, places))
    yield from runs.finish()
    results = [(query.steps[rule], count) for (query, *_), places in started for rule, count in _returned(places, runs)]
    if sum([count for _, count in results]) > limits.parameter_results:
        usage = Usage.of((), results)
        raise LimitExceeded("parameter results", limits.parameter_results, usage.results_by_stream(), usage)
    return _merged(started, runs, limits, results)


def _returned(places: Iterable[Hashable], runs: _Runs) -> Iterable[tuple[int, int]]:
    """The rows that the lookups of a query returned, for every reason to run it, even if runs are shared."""
    return [found for place in places for found in runs.returned.get(place, {}).items()]


def _merged(
    started: Sequence[tuple[_Asked, Sequence[Hashable]]], runs: _Runs, limits: Limits, results: list[tuple[Step, int]]
) -> Resolution:
    """The buckets of all queries by id: the most urgent priority, the first definition, every reason."""
    buckets: dict[str, ResolvedBucket] = {}
    errors: dict[ResolutionError, None] = {}
    for (query, reason, values), places in started:
        stream = query.query.stream
        try:
            outputs = _outputs([runs.finished[place] for place in places])
        except EvaluationError as error:
            errors[ResolutionError(stream, str(error), reason)] = None
            continue
        chosen = None if values.subscribed is None else values.subscribed.priority
        priority = query.query.priority if chosen is None else chosen
        many = prod(map(len, outputs))
        if many > limits.buckets:
            usage = Usage({stream: many}, Usage.of((), results).parameter_results)
            raise LimitExceeded("buckets", limits.buckets, usage.buckets, usage)
        for key in _keys(query, outputs):
            name = bucket_id(query.bucket, key)
            known = buckets.get(name)
            if known is None:
                buckets[name] = ResolvedBucket(name, key, priority, stream, (reason,))
            else:
                reasons = known.reasons if reason in known.reasons else (*known.reasons, reason)
                urgent = min(known.priority, priority)
                buckets[name] = ResolvedBucket(name, known.parameters, urgent, known.definition, reasons)
    if len(buckets) > limits.buckets:
        usage = Usage.of([bucket.definition for bucket in buckets.values()], results)
        raise LimitExceeded("buckets", limits.buckets, usage.buckets, usage)
    return Resolution(tuple(buckets.values()), tuple(errors), frozenset(runs.answers), None, tuple(results))


def _outputs(found: Sequence[Outputs]) -> list[Sequence[Key]]:
    """The distinct outputs of a query's parts, up to one that has none; raises the error of a part before that."""
    outputs: list[Sequence[Key]] = []
    for each in found:
        if isinstance(each, EvaluationError):
            raise each
        outputs.append(each)
        if not each:
            break
    return outputs


def _keys(query: PreparedQuery, outputs: Sequence[Sequence[Key]]) -> Iterable[Key]:
    """The bucket values of one query for one reason: every combination of its parts' outputs."""
    places = query.places
    if places is None:
        return outputs[0]
    if not all(outputs):
        return ()
    return {tuple([chosen[part][output] for part, output in places]): None for chosen in product(*outputs)}
