"""Generated code for a group of bucket queries that are run together: what they look up, and the buckets they make.

`read(requests, answers)` is a generator. The requests are those of one connection, one for each subscription or one without
any. It yields the lookup keys that have no answer yet, one batch for each depth of lookups, is sent what was found, and notes it
in `answers`. It returns an outcome. A part that is in several queries is run once; if it reads the subscription, once for each
request.

`make(outputs, place, chosen, reasons, most)` is given the outputs of an outcome and the place of a request, and returns its
buckets. `chosen` is the priority that the subscription asks for, or None. It raises TooManyBuckets where a query would make more
of them than `most`.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

from syncrules.engine.bucket import Reason, ResolvedBucket, Step, TooManyBuckets
from syncrules.engine.bucket_id import id_code, quoted, value_text
from syncrules.engine.found import Answers, Found, LookupKey
from syncrules.engine.part_code import PartCode
from syncrules.engine.request_values import RequestValues
from syncrules.engine.source_code import SourceCode, tuple_code
from syncrules.plan.nodes import BucketQuery, Part, Plan
from syncrules.plan.reading import looks_up
from syncrules.values.value import EvaluationError

Run = int | tuple[int, int]
"""What the run of a part is known by: its number, with the place of the request if it is run for each."""
Outcome = tuple[Sequence[tuple[Step, int]], Mapping[Run, EvaluationError], tuple[Sequence[Any], ...]]
"""The rows that the lookups of each step returned, the errors of runs, and the outputs of every part: distinct keys, or those of
each request."""
Reading = Generator[Sequence[LookupKey], Answers, Outcome]
ReadFunction = Callable[[Sequence[RequestValues], dict[LookupKey, Found]], Reading]
MakeFunction = Callable[[tuple[Sequence[Any], ...], int, int | None, tuple[Reason, ...], int], list[ResolvedBucket]]


_NOTHING: Final[Found] = MappingProxyType({})


def note(answers: dict[LookupKey, Found], keys: Sequence[LookupKey], found: Answers) -> None:
    """Notes what was found under keys, among all answers. A key without entries has the answer that there is nothing."""
    for key in keys:
        answers[key] = found.get(key, _NOTHING)


def group_code(plan: Plan, queries: Sequence[BucketQuery]) -> SourceCode:
    """The code of some queries; `read` and `make` are its entries."""
    writer = _Writer.of(plan, queries)
    writer.read()
    writer.make()
    return writer.code


def part_numbers(queries: Sequence[BucketQuery]) -> dict[Part, int]:
    """The parts of some queries, each once, in the order in which they are run: first those that look nothing up.

    They are numbered from 1.
    """
    parts = dict.fromkeys(part for query in queries for part in query.parts)
    return {part: number for number, part in enumerate(sorted(parts, key=looks_up), start=1)}


@dataclass(slots=True)
class _Writer:
    plan: Plan
    queries: Sequence[BucketQuery]
    code: SourceCode
    parts: Mapping[Part, PartCode]
    askers: Mapping[int, Sequence[BucketQuery]]
    """The queries that a part is in, by its number."""

    @classmethod
    def of(cls, plan: Plan, queries: Sequence[BucketQuery]) -> "_Writer":
        code = SourceCode(
            constants={
                "new": tuple.__new__,
                "ResolvedBucket": ResolvedBucket,
                "value_text": value_text,
                "quoted": quoted,
            }
        )
        code.constants |= {
            "EvaluationError": EvaluationError,
            "TooManyBuckets": TooManyBuckets,
            "chain": chain.from_iterable,
            "note": note,
        }
        numbers = part_numbers(queries)
        parts = {part: PartCode(code, plan, number, part) for part, number in numbers.items()}
        askers: dict[int, list[BucketQuery]] = {}
        for query in queries:
            for number in {numbers[part] for part in query.parts}:
                askers.setdefault(number, []).append(query)
        return cls(plan, queries, code, parts, askers)

    def read(self) -> None:
        """The function that runs the parts."""
        with self.code.block("def read(requests, answers):"):
            self.code.line("results, failed, first = [], {}, requests[0]")
            for part in self.parts.values():
                part.declare()
                with self._each_run(part), self._attempt(part), self._guarded(part):
                    part.start()
            depth = 1
            while waiting := [part for part in self.parts.values() if len(part.lookups) >= depth]:
                self._look_up(depth, waiting)
                depth += 1
            if depth == 1:
                self.code.line("yield from ()")
            self.code.line(f"return results, failed, {tuple_code(part.outputs for part in self.parts.values())}")

    def _look_up(self, depth: int, waiting: Sequence[PartCode]) -> None:
        """The lookups of all parts at one depth, and the stages after them."""
        some = [f"any({part.wanted(depth)})" if part.is_own else part.wanted(depth) for part in waiting]
        with self.code.block(f"if {' or '.join(some)}:"):
            keys = [f"*chain({part.wanted(depth)})" if part.is_own else f"*{part.wanted(depth)}" for part in waiting]
            wanted = f"dict.fromkeys({tuple_code(keys)})"
            # At the first depth there are no answers yet, whoever else reads.
            unread = f"[*{wanted}]" if depth == 1 else f"[key for key in {wanted} if key not in answers]"
            self.code.line(f"unread = {unread}")
            with self.code.block("if unread:"):
                self.code.line("note(answers, unread, (yield unread))")
            for part in waiting:
                with self._each_run(part), self.code.block(f"if {part.wanted(depth)}{part.at}:"):
                    self._results(part, depth)
                    with self._attempt(part):
                        part.go_on(depth)

    def _results(self, part: PartCode, depth: int) -> None:
        """Counts the rows that a lookup returned, for each query that wants them, and for each of its requests."""
        rule = part.lookups[depth - 1].rule
        table = str(self.plan.lookup_rules[rule].table)
        wanted = part.wanted(depth) + part.at
        if part.live:
            self.code.line(f"count = sum([sum(answers[key].values()) for key in {wanted}])")
        else:
            self.code.line(f"count = sum(answers[{wanted}[0]].values())")
        for query in self.askers[part.number]:
            tests = self._tests(query)
            step = self.code.constant(Step(query.stream, rule, table))
            if part.is_own:
                number = f"count if {tests} else 0" if tests else "count"
            elif tests:
                number = f"count * sum([1 for place in range(len(requests)) if {tests}])"
            else:
                number = "count * len(requests)"
            self.code.line(f"results.append(({step}, {number}))")

    @contextmanager
    def _each_run(self, part: PartCode) -> Iterator[None]:
        """What is done once for a part, or once for each request if it reads the subscription."""
        if part.is_own:
            with self.code.block("for place, request in enumerate(requests):"):
                yield
        else:
            yield

    @contextmanager
    def _attempt(self, part: PartCode) -> Iterator[None]:
        """What fails is a part's own trouble."""
        with self.code.block("try:"):
            yield
        with self.code.block("except EvaluationError as error:"):
            self.code.line(f"failed[{f'{part.number}, place' if part.is_own else part.number}] = error")

    @contextmanager
    def _guarded(self, part: PartCode) -> Iterator[None]:
        """What looks something up waits for what does not, if that may say already that there are no buckets."""
        tests = [self._tests(query) for query in self.askers[part.number]]
        if part.lookups and all(tests):
            guard = " or ".join(f"({test})" for test in dict.fromkeys(tests))
            own = not part.is_own and "[place]" in guard
            with self.code.block(f"if any([{guard} for place in range(len(requests))]):" if own else f"if {guard}:"):
                yield
        else:
            yield

    def _tests(self, query: BucketQuery) -> str:
        """What must hold before a query's lookups are read: the parts that need none have outputs. Empty if there are none."""
        parts = [self.parts[part] for part in query.parts]
        tests = [f"{part.outputs}{part.at}" for part in parts if not part.lookups]
        return " and ".join(tests) if len(tests) < len(parts) else ""

    def make(self) -> None:
        """The function that makes the buckets."""
        with self.code.block("def make(outputs, place, chosen, reasons, most):"):
            outputs = [part.outputs for part in self.parts.values()]
            if outputs:
                self.code.line(f"{tuple_code(outputs)} = outputs")
            self.code.line("buckets = []")
            for priority in sorted({query.priority for query in self.queries}):
                self.code.line(f"priority{priority} = {priority} if chosen is None else chosen")
            for query in self.queries:
                self._buckets(query)
            self.code.line("return buckets")

    def _buckets(self, query: BucketQuery) -> None:
        """The buckets of one query: every combination of its parts' outputs, each once."""
        parts = [self.parts[part] for part in query.parts]
        bucket, stream = self.plan.buckets[query.bucket], self.code.constant(query.stream)
        values = [f"value{number}" for number in range(1, bucket.arity + 1)]
        made = f"{id_code(self.code.constant(bucket.name + '['), values)}, key, priority{query.priority}, {stream}, reasons"
        append = f"buckets.append(new(ResolvedBucket, ({made})))"
        if not parts:
            self.code.line("key = ()")
            self.code.line(append)
            return
        count = " * ".join(f"len({part.outputs}{part.at})" for part in parts)
        with self.code.block(f"if {count} > most:"):
            self.code.line(f"raise TooManyBuckets({stream}, {count})")
        with self.code.block(f"for key in {self._keys(query, parts)}:"):
            if values:
                self.code.line(f"{tuple_code(values)} = key")
            self.code.line(append)

    def _keys(self, query: BucketQuery, parts: Sequence[PartCode]) -> str:
        places = [(value.source, int(value.name)) for value in query.values]
        if len(parts) == 1 and places == [(1, output) for output in range(len(query.parts[0].outputs))]:
            return f"{parts[0].outputs}{parts[0].at}"
        key = tuple_code(f"from{part}[{output}]" for part, output in places)
        loops = " ".join(f"for from{place} in {part.outputs}{part.at}" for place, part in enumerate(parts, start=1))
        return f"{{{key}: None {loops}}}"
