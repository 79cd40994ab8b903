"""Which buckets a request gets, without doing any I/O: a generator that asks for lookups.

Every part of every query is run at most once for the connection, or once for each distinct
subscription if it reads subscription parameters. All of them advance together, so that each depth of
lookups is one read of the store; no key is read twice.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from syncrules.engine.bucket_id import bucket_id
from syncrules.engine.part_code import PartRun, Wanted
from syncrules.engine.program import Program
from syncrules.plan.nodes import BucketQuery, Lookup, Part
from syncrules.plan.reading import reads_subscription
from syncrules.resolve.asking import reasons_to_run
from syncrules.resolve.limits import DEFAULT_LIMITS, LimitExceeded, Limits, Step, Usage
from syncrules.resolve.request import BoundRequest, Request
from syncrules.resolve.resolution import Reason, Resolution, ResolutionError, ResolvedBucket
from syncrules.stores.protocol import Answers, Found, Key, LookupKey
from syncrules.values.value import EvaluationError

Resolving = Generator[Sequence[LookupKey], Answers, Resolution]

Outputs = Sequence[Key] | EvaluationError


@dataclass(frozen=True, slots=True)
class _Asked:
    """One reason to run a query: the default, or one subscription."""

    reason: Reason
    priority: int
    values: BoundRequest
    sharing: object


@dataclass(slots=True)
class _Runs:
    """Parts that have been run or are running, each once for what it reads."""

    program: Program
    finished: dict[tuple[Part, object], Outputs] = field(default_factory=dict)
    waiting: dict[tuple[Part, object], tuple[PartRun, Wanted]] = field(default_factory=dict)
    answers: dict[LookupKey, Found] = field(default_factory=dict)
    returned: dict[tuple[Part, object], Counter[int]] = field(default_factory=dict)
    """The source rows that the lookups of a run returned, by lookup rule."""

    def start(self, part: Part, asked: _Asked) -> None:
        """Runs a part up to its first lookup, unless that was done."""
        place = self.place(part, asked)
        if place not in self.finished and place not in self.waiting:
            self._advance(place, self.program.part(part)(asked.values), None)

    def outputs(self, part: Part, asked: _Asked) -> Outputs:
        """The distinct outputs of a part that has finished."""
        return self.finished[self.place(part, asked)]

    def place(self, part: Part, asked: _Asked) -> tuple[Part, object]:
        """What a run is shared by: the part, and the subscription if it reads that."""
        return part, (asked.sharing if reads_subscription(part) else None)

    def finish(self) -> Generator[Sequence[LookupKey], Answers, None]:
        """Advances everything that waits, one read for all of it, until nothing does."""
        while self.waiting:
            wanted = {(rule, key): None for _, (rule, keys) in self.waiting.values() for key in keys}
            unread = [key for key in wanted if key not in self.answers]
            if unread:
                found = yield unread
                self.answers |= {key: found.get(key, {}) for key in unread}
            waiting, self.waiting = self.waiting, {}
            for place, (run, (rule, keys)) in waiting.items():
                entries = {key: self.answers[(rule, key)] for key in keys}
                self.returned.setdefault(place, Counter())[rule] += sum(sum(each.values()) for each in entries.values())
                self._advance(place, run, entries)

    def _advance(self, place: tuple[Part, object], run: PartRun, entries: dict[Key, Found] | None) -> None:
        try:
            wanted = next(run) if entries is None else run.send(entries)
        except StopIteration as finished:
            self.finished[place] = finished.value
        except EvaluationError as error:
            self.finished[place] = error
        else:
            self.waiting[place] = (run, wanted)


def resolving(program: Program, request: Request, limits: Limits = DEFAULT_LIMITS) -> Resolving:
    """Asks for batches of lookup keys, is sent what was found, and returns the resolution.

    Raises LimitExceeded.
    """
    runs = _Runs(program)
    asked = [(query, each) for query in program.plan.bucket_queries for each in _asked(query, request)]
    possible = [(query, each) for query, each in asked if _passes_tests(query, each, runs)]
    for query, each in possible:
        for part in query.parts:
            runs.start(part, each)
    yield from runs.finish()
    results = _results(program, asked, runs)
    if sum(results.values()) > limits.parameter_results:
        usage = Usage({}, results)
        raise LimitExceeded("parameter results", limits.parameter_results, usage.results_by_stream(), usage)
    return _merged(program, asked, runs, limits, results)


def _asked(query: BucketQuery, request: Request) -> Iterable[_Asked]:
    for reason, subscription in reasons_to_run(query, request):
        chosen = None if subscription is None else subscription.priority
        priority = query.priority if chosen is None else chosen
        sharing = "default" if subscription is None else subscription.text
        yield _Asked(reason, priority, BoundRequest(request, subscription), sharing)


def _passes_tests(query: BucketQuery, asked: _Asked, runs: _Runs) -> bool:
    """Runs the parts that need no lookup; whether the query can still give buckets."""
    for part in query.parts:
        if not any(isinstance(step, Lookup) for step in part.steps):
            runs.start(part, asked)
            if not runs.outputs(part, asked):
                return False
    return True


def _results(program: Program, asked: Sequence[tuple[BucketQuery, _Asked]], runs: _Runs) -> dict[Step, int]:
    """The source rows that lookups returned, the most first: for every reason to run a query, even if runs are shared."""
    results: Counter[Step] = Counter()
    for query, each in asked:
        for part in query.parts:
            for rule, count in runs.returned.get(runs.place(part, each), {}).items():
                results[Step(query.stream, rule, str(program.plan.lookup_rules[rule].table))] += count
    return {step: count for step, count in results.most_common() if count}


def _merged(
    program: Program,
    asked: Sequence[tuple[BucketQuery, _Asked]],
    runs: _Runs,
    limits: Limits,
    results: Mapping[Step, int],
) -> Resolution:
    """The buckets of all queries by id: the most urgent priority, the first definition, every reason."""
    order = {name: place for place, name in enumerate(program.plan.streams)}
    buckets: dict[str, ResolvedBucket] = {}
    errors: dict[ResolutionError, None] = {}
    for query, each in sorted(asked, key=lambda pair: order[pair[0].stream]):
        try:
            outputs = _outputs(query, each, runs)
        except EvaluationError as error:
            errors[ResolutionError(query.stream, str(error), each.reason)] = None
            continue
        many = prod(map(len, outputs))
        if many > limits.buckets:
            raise LimitExceeded("buckets", limits.buckets, {query.stream: many}, Usage({query.stream: many}, results))
        for key in _keys(query, outputs):
            name = bucket_id(program.plan.buckets[query.bucket].name, key)
            known = buckets.get(name)
            if known is None:
                buckets[name] = ResolvedBucket(name, key, each.priority, query.stream, (each.reason,))
            else:
                reasons = tuple(dict.fromkeys((*known.reasons, each.reason)))
                priority = min(known.priority, each.priority)
                buckets[name] = ResolvedBucket(name, known.parameters, priority, known.definition, reasons)
    usage = Usage(dict(Counter(bucket.definition for bucket in buckets.values()).most_common()), results)
    if len(buckets) > limits.buckets:
        raise LimitExceeded("buckets", limits.buckets, usage.buckets, usage)
    return Resolution(tuple(buckets.values()), tuple(errors), frozenset(runs.answers), usage=usage)


def _outputs(query: BucketQuery, asked: _Asked, runs: _Runs) -> list[Sequence[Key]]:
    """The distinct outputs of a query's parts, one of them empty if it gives nothing; raises the error of a part."""
    outputs: list[Sequence[Key]] = []
    for part in query.parts:
        found = runs.finished.get(runs.place(part, asked), ())
        if isinstance(found, EvaluationError):
            raise found
        outputs.append(found)
        if not found:
            break
    return outputs


def _keys(query: BucketQuery, outputs: Sequence[Sequence[Key]]) -> Iterable[Key]:
    """The bucket values of one query for one reason: every combination of its parts' outputs."""
    if not all(outputs):
        return ()
    places = [(value.source - 1, int(value.name)) for value in query.values]
    return {tuple(chosen[part][output] for part, output in places): None for chosen in product(*outputs)}
