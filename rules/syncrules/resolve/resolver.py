"""Which buckets a request gets, without doing any I/O: a generator that asks for lookups.

Every part of every query is run at most once for the connection, or once for each distinct
subscription if it reads subscription parameters. All of them advance together, so that each depth of
lookups is one read of the store; no key is read twice.
"""

from collections.abc import Callable, Collection, Generator, Hashable, Mapping, Sequence
from itertools import product
from math import prod
from types import MappingProxyType
from typing import Final, cast

from syncrules.engine.bucket import Reason, ResolvedBucket
from syncrules.engine.found import Key, LookupKey
from syncrules.engine.part_code import PartRun, Wanted
from syncrules.resolve.asking import asked
from syncrules.resolve.limits import LimitExceeded, Limits, Step, Usage
from syncrules.resolve.prepared import PreparedGroup, PreparedPart, PreparedQuery, QueryGroups
from syncrules.resolve.request import BoundRequest, Request
from syncrules.resolve.resolution import Resolution, ResolutionError
from syncrules.stores.protocol import Answers, Found
from syncrules.values.value import EvaluationError

Resolving = Generator[Sequence[LookupKey], Answers, Callable[[int | None], Resolution]]
"""Returns what makes the resolution of the checkpoint that the answers were true of."""

_Outputs = list[Key] | EvaluationError
_Run = Hashable
"""What the run of a part is known by: its number, and the subscription's parameters if it reads them."""
_Asked = Sequence[tuple[PreparedGroup, Reason, BoundRequest]]
_NOTHING: Final[Found] = MappingProxyType({})
_ONE: Final[Collection[Key]] = ((),)


def resolving(groups: QueryGroups, request: Request, limits: Limits) -> Resolving:
    """Asks for batches of lookup keys, is sent what was found, and returns the resolution.

    Raises LimitExceeded.
    """
    reasons = asked(groups, request)
    outputs: dict[_Run, _Outputs] = {}
    waiting = _started(reasons, outputs)
    answers: dict[LookupKey, Found] = {}
    returned: dict[_Run, list[tuple[int, int]]] = {}
    while waiting:
        unread = {key: None for _, _, keys in waiting for key in keys if key not in answers}
        if unread:
            found = yield [*unread]
            for key in unread:
                answers[key] = found.get(key, _NOTHING)
        going_on: list[tuple[_Run, PartRun, Wanted]] = []
        for place, run, keys in waiting:
            if keys:
                count = sum([sum(answers[key].values()) for key in keys])
                returned.setdefault(place, []).append((keys[0][0], count))
            try:
                going_on.append((place, run, run.send(answers)))
            except StopIteration as finished:
                outputs[place] = finished.value
            except EvaluationError as error:
                outputs[place] = error
        waiting = going_on
    results = _results(reasons, outputs, returned) if returned else []
    if sum([count for _, count in results]) > limits.parameter_results:
        usage = Usage.of((), results)
        raise LimitExceeded("parameter results", limits.parameter_results, usage.results_by_stream(), usage)
    buckets, errors = _merged(reasons, outputs, limits, results)
    return lambda checkpoint: Resolution(tuple(buckets), tuple(errors), frozenset(answers), checkpoint, tuple(results))


def _started(reasons: _Asked, outputs: dict[_Run, _Outputs]) -> list[tuple[_Run, PartRun, Wanted]]:
    """Runs the parts of all groups, each once for what it reads, to their end or up to their first lookup.

    Those that wait there.
    """
    waiting: dict[_Run, tuple[PartRun, Wanted]] = {}
    for group, _, values in reasons:
        for part in group.tests:
            place = _place(part, values) if part.reads_subscription else part.number
            if place not in outputs:
                try:
                    outputs[place] = cast("list[Key]", part.run(values))
                except EvaluationError as error:
                    outputs[place] = error
        for part, queries in group.lookups:
            place = _place(part, values) if part.reads_subscription else part.number
            if (
                place in waiting
                or place in outputs
                or (queries and not any(_holds(query, values, outputs) for query in queries))
            ):
                continue
            try:
                run = cast("PartRun", part.run(values))
                waiting[place] = run, next(run)
            except StopIteration as finished:
                outputs[place] = finished.value
            except EvaluationError as error:
                outputs[place] = error
    return [(place, run, keys) for place, (run, keys) in waiting.items()]


def _place(part: PreparedPart, values: BoundRequest) -> _Run:
    return (part.number, values.subscription) if part.reads_subscription else part.number


def _holds(query: PreparedQuery, values: BoundRequest, outputs: Mapping[_Run, _Outputs]) -> bool:
    """Whether a query's lookups are read: nothing that needs no lookup says already that it has no buckets."""
    return all(outputs[_place(part, values)] for part in query.tests)


def _results(
    asked: _Asked, outputs: Mapping[_Run, _Outputs], returned: Mapping[_Run, Sequence[tuple[int, int]]]
) -> Sequence[tuple[Step, int]]:
    """The rows that lookups returned, for every reason to run a query, even if runs are shared."""
    return [
        (query.steps[rule], count)
        for group, _, values in asked
        for query in group.looking
        if not query.tests or _holds(query, values, outputs)
        for part in query.parts
        if part.looks_up
        for rule, count in returned.get(_place(part, values), ())
    ]


def _merged(
    asked: _Asked, outputs: Mapping[_Run, _Outputs], limits: Limits, results: Sequence[tuple[Step, int]]
) -> tuple[list[ResolvedBucket], Collection[ResolutionError]]:
    """The buckets of all queries, each once: the most urgent priority, the first definition, every reason."""
    buckets: list[ResolvedBucket] = []
    shared: dict[str, int] = {}
    errors: dict[ResolutionError, None] = {}
    for group, reason, values in asked:
        chosen = None if values.subscribed is None else values.subscribed.priority
        reasons = (reason,)
        for query in group.queries:
            keys: _Outputs | Collection[Key] | None = None if query.only is None else outputs.get(query.only.number)
            if type(keys) is not list or len(keys) > limits.buckets:
                try:
                    keys = _keys(query, values, outputs, limits, results)
                except EvaluationError as error:
                    errors[ResolutionError(query.stream, str(error), reason)] = None
                    continue
            priority = query.priority if chosen is None else chosen
            found = query.buckets(keys, priority, reasons)
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
    return buckets, errors


def _keys(
    query: PreparedQuery,
    values: BoundRequest,
    outputs: Mapping[_Run, _Outputs],
    limits: Limits,
    results: Sequence[tuple[Step, int]],
) -> Collection[Key]:
    """The bucket values of one query for one reason: every combination of its parts' outputs.

    Raises the error of a part, unless one before it has no outputs, and LimitExceeded before there are too many.
    """
    if not query.parts:
        return _ONE
    combined: list[Sequence[Key]] = []
    for part in query.parts:
        each = outputs.get(_place(part, values))
        if isinstance(each, EvaluationError):
            raise each
        if each is not None and not each:
            return ()
        combined.append(each or ())  # What was not run, because a test does not hold, gives nothing.
    many = prod(map(len, combined))
    if many > limits.buckets:
        usage = Usage({query.stream: many}, Usage.of((), results).parameter_results)
        raise LimitExceeded("buckets", limits.buckets, usage.buckets, usage)
    if query.only is not None:
        return combined[0]
    return {tuple([chosen[part][output] for part, output in query.places]): None for chosen in product(*combined)}
