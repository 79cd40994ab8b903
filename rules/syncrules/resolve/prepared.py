"""The bucket queries of a plan, ready to be run for any request: what does not depend on who asks is worked out once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from syncrules.engine.bucket_code import BucketFunction
from syncrules.engine.part_code import PartFunction
from syncrules.engine.program import Program
from syncrules.plan.nodes import BucketQuery, Lookup, Part
from syncrules.plan.reading import reads_subscription
from syncrules.resolve.limits import Step


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPart:
    """A part of queries, and its generated function. Equal parts of all queries are one, and have one number."""

    number: int
    run: PartFunction
    looks_up: bool
    reads_subscription: bool


@dataclass(frozen=True, slots=True, eq=False)
class PreparedQuery:
    """A bucket query, and the generated function that makes its buckets.

    `places` say for each bucket value which part and which of its outputs it is; `only` is the part whose outputs are
    the values as they are, if there is no other part. `tests` are the parts that decide whether the others,
    which look something up, are run. `steps` are the lookups, by rule. `is_alone`: no other query gives buckets of this
    family.
    """

    stream: str
    priority: int
    parts: tuple[PreparedPart, ...]
    places: tuple[tuple[int, int], ...]
    only: PreparedPart | None
    tests: tuple[PreparedPart, ...]
    steps: Mapping[int, Step]
    is_alone: bool
    buckets: BucketFunction


@dataclass(frozen=True, slots=True, eq=False)
class PreparedGroup:
    """Queries that are run together: their parts that look nothing up, those that do, each once; the queries that do.

    With a part that looks something up stand the queries whose tests decide whether it is run; without any, it always is.
    """

    queries: tuple[PreparedQuery, ...]
    tests: tuple[PreparedPart, ...]
    lookups: tuple[tuple[PreparedPart, tuple[PreparedQuery, ...]], ...]
    looking: tuple[PreparedQuery, ...]

    @classmethod
    def of(cls, queries: tuple[PreparedQuery, ...]) -> "PreparedGroup":
        """The group of some queries."""
        parts = {part.number: part for query in queries for part in query.parts}.values()
        tests = tuple(part for part in parts if not part.looks_up)
        lookups = tuple((part, _deciding(part, queries)) for part in parts if part.looks_up)
        return cls(queries, tests, lookups, tuple(query for query in queries if query.steps))


def _deciding(part: PreparedPart, queries: Sequence[PreparedQuery]) -> tuple[PreparedQuery, ...]:
    askers = [query for query in queries if part.number in {each.number for each in query.parts}]
    return tuple(askers) if all(query.tests for query in askers) else ()


@dataclass(frozen=True)
class QueryGroup:
    """Queries that have the same reasons to be run: those of a stream, or all that run by default."""

    stream: str
    subscribable: bool
    auto_subscribe: bool
    queries: tuple[BucketQuery, ...]
    preparation: "_Preparation" = field(repr=False)

    @cached_property
    def prepared(self) -> PreparedGroup:
        """What runs them, made when it is first needed."""
        return PreparedGroup.of(tuple(map(self.preparation.query, self.queries)))


@dataclass(frozen=True, slots=True)
class QueryGroups:
    """All queries, by stream in the order of the plan. `by_default` are all that run by default.

    Safe to share between threads: what is made twice is made equal.
    """

    streams: tuple[QueryGroup, ...]
    by_default: QueryGroup

    @classmethod
    def of(cls, program: Program) -> "QueryGroups":
        """The queries of a program."""
        order = {name: place for place, name in enumerate(program.plan.streams)}
        queries = sorted(program.plan.bucket_queries, key=lambda query: order[query.stream])
        preparation = _Preparation.of(program, queries)
        streams = groupby(queries, lambda query: (query.stream, query.subscribable, query.auto_subscribe))
        by_default = tuple(query for query in queries if query.auto_subscribe)
        return cls(
            tuple(QueryGroup(*alike, tuple(members), preparation) for alike, members in streams),
            QueryGroup("", subscribable=False, auto_subscribe=True, queries=by_default, preparation=preparation),
        )


@dataclass(frozen=True, slots=True)
class _Preparation:
    program: Program
    numbers: Mapping[Part, int]
    families: Mapping[int, int]

    @classmethod
    def of(cls, program: Program, queries: Iterable[BucketQuery]) -> "_Preparation":
        parts = dict.fromkeys(part for query in queries for part in query.parts)
        numbers = {part: number for number, part in enumerate(parts)}
        return cls(program, numbers, Counter(query.bucket for query in queries))

    def query(self, query: BucketQuery) -> PreparedQuery:
        """A query, ready to be run."""
        parts = tuple(map(self._part, query.parts))
        tests = tuple(part for part in parts if not part.looks_up)
        places = tuple((value.source - 1, int(value.name)) for value in query.values)
        as_they_are = len(parts) == 1 and places == tuple((0, output) for output in range(len(query.parts[0].outputs)))
        rules = {step.rule for part in query.parts for step in part.steps if isinstance(step, Lookup)}
        tables = {rule: str(self.program.plan.lookup_rules[rule].table) for rule in rules}
        return PreparedQuery(
            query.stream,
            query.priority,
            parts,
            places,
            parts[0] if as_they_are else None,
            tests if len(tests) < len(parts) else (),
            {rule: Step(query.stream, rule, table) for rule, table in tables.items()},
            self.families[query.bucket] == 1,
            self.program.buckets(query),
        )

    def _part(self, part: Part) -> PreparedPart:
        looks_up = any(isinstance(step, Lookup) for step in part.steps)
        return PreparedPart(self.numbers[part], self.program.part(part), looks_up, reads_subscription(part))
