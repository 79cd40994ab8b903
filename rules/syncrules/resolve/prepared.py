"""The bucket queries of a plan, ready to be run for any request: what does not depend on who asks is worked out once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from syncrules.engine.part_code import PartFunction
from syncrules.engine.program import Program
from syncrules.plan.nodes import BucketQuery, Lookup, Part
from syncrules.plan.reading import reads_subscription
from syncrules.resolve.limits import Step


@dataclass(frozen=True, slots=True)
class PreparedPart:
    """A part of queries. Equal parts of all queries are one, and have one number."""

    number: int
    part: Part
    looks_up: bool
    reads_subscription: bool


@dataclass(frozen=True, slots=True)
class PreparedParts:
    """Parts of a query, and what their runs are known by if none of them reads the subscription."""

    parts: tuple[PreparedPart, ...]
    numbers: tuple[int, ...]
    reads_subscription: bool

    @classmethod
    def of(cls, parts: Iterable[PreparedPart]) -> "PreparedParts":
        """Some parts."""
        parts = tuple(parts)
        reads = any(part.reads_subscription for part in parts)
        return cls(parts, tuple(part.number for part in parts), reads)


@dataclass(frozen=True, slots=True)
class PreparedQuery:
    """A bucket query: its parts, those of them that look nothing up (run first if there are others), its family of buckets.

    `places` say for each bucket value which part and which of its outputs it is; None: the only part's outputs as
    they are. `is_alone`: no other query gives buckets of this family.
    """

    query: BucketQuery
    stream: str
    bucket: str
    priority: int
    parts: PreparedParts
    tests: PreparedParts
    places: tuple[tuple[int, int], ...] | None
    steps: Mapping[int, Step]
    tests_first: bool
    is_alone: bool


@dataclass(slots=True)
class PreparedQueries:
    """All queries, in the order of the plan's streams. Safe to share between threads."""

    program: Program
    queries: tuple[PreparedQuery, ...]
    by_default: tuple[PreparedQuery, ...]
    _functions: dict[int, PartFunction] = field(default_factory=dict)

    @classmethod
    def of(cls, program: Program) -> "PreparedQueries":
        """The queries of a program."""
        plan = program.plan
        order = {name: place for place, name in enumerate(plan.streams)}
        parts: dict[Part, PreparedPart] = {}
        families = Counter(query.bucket for query in plan.bucket_queries)
        queries = tuple(
            _prepared(program, query, parts, is_alone=families[query.bucket] == 1)
            for query in sorted(plan.bucket_queries, key=lambda query: order[query.stream])
        )
        return cls(program, queries, tuple(each for each in queries if each.query.auto_subscribe))

    def function(self, part: PreparedPart) -> PartFunction:
        """The generated function of a part."""
        found = self._functions.get(part.number)
        if found is None:
            found = self._functions[part.number] = self.program.part(part.part)
        return found


def _prepared(
    program: Program, query: BucketQuery, known: dict[Part, PreparedPart], *, is_alone: bool
) -> PreparedQuery:
    plan = program.plan
    for part in query.parts:
        if part not in known:
            looks_up = any(isinstance(step, Lookup) for step in part.steps)
            known[part] = PreparedPart(len(known), part, looks_up, reads_subscription(part))
    parts = tuple(known[part] for part in query.parts)
    tests = tuple(part for part in parts if not part.looks_up)
    places = tuple((value.source - 1, int(value.name)) for value in query.values)
    as_they_are = len(parts) == 1 and places == tuple((0, output) for output in range(len(query.parts[0].outputs)))
    rules = {step.rule for part in query.parts for step in part.steps if isinstance(step, Lookup)}
    return PreparedQuery(
        query,
        query.stream,
        plan.buckets[query.bucket].name,
        query.priority,
        PreparedParts.of(parts),
        PreparedParts.of(tests),
        None if as_they_are else places,
        {rule: Step(query.stream, rule, str(plan.lookup_rules[rule].table)) for rule in rules},
        0 < len(tests) < len(parts),
        is_alone,
    )
