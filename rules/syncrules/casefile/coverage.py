"""What of the rules the cases have shown: streams, queries, conditions and their clauses, each way they can go."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from syncrules.auth import TokenError
from syncrules.casefile.model import Case
from syncrules.casefile.scene import Scene
from syncrules.diagnostics import Source, Span
from syncrules.engine.bucket_id import bucket_id
from syncrules.engine.expression_value import LeafValue, condition_holds
from syncrules.engine.interpreter import Interpreter, Trace
from syncrules.plan.expression import Call, Expression, RequestValue
from syncrules.plan.nodes import BucketQuery, Filter, Lookup, LookupRule, Plan, RequestStep, RowRule
from syncrules.plan.printing import print_expression
from syncrules.plan.reading import is_written
from syncrules.resolve.asking import reasons_to_run
from syncrules.resolve.limits import LimitExceeded
from syncrules.resolve.request import BoundRequest, Request
from syncrules.values.value import EvaluationError

_BOTH = frozenset({"true", "false"})


@dataclass(frozen=True, slots=True)
class Point:
    """Something that can go several ways: what it is, where it stands, and the ways that count."""

    what: str
    span: Span
    ways: frozenset[str]


@dataclass(slots=True)
class Coverage:
    """The points of a rules file, each with the ways that were seen."""

    source: Source
    seen: dict[Point, set[str]] = field(default_factory=dict)

    @property
    def covered(self) -> int:
        """Ways that were seen, of those that count."""
        return sum(len(point.ways & seen) for point, seen in self.seen.items())

    @property
    def total(self) -> int:
        """Ways that count."""
        return sum(len(point.ways) for point in self.seen)

    @property
    def percent(self) -> float:
        """How much was seen, of 100."""
        return 100 * self.covered / self.total if self.total else 100.0

    def missing(self) -> list[tuple[Point, frozenset[str]]]:
        """The points with ways that nobody saw, in the order of the file."""
        found = [(point, frozenset(point.ways - seen)) for point, seen in self.seen.items() if point.ways - seen]
        return sorted(found, key=lambda pair: (pair[0].span, pair[0].what))

    def join(self, other: "Coverage") -> None:
        """Adds what other cases of the same rules have shown."""
        for point, seen in other.seen.items():
            self.seen.setdefault(point, set()).update(seen)

    def note(self, what: str, span: Span, ways: frozenset[str], way: str | None = None) -> None:
        """A point, and a way it went."""
        seen = self.seen.setdefault(Point(what, span, ways), set())
        if way is not None:
            seen.add(way)


def coverage_of(scene: Scene, cases: Iterable[Case]) -> Coverage:
    """What the rows of a scene and some cases show of its rules."""
    watcher = _Watcher(scene.rules.plan, Interpreter(scene.rules.plan.semantics), Coverage(scene.rules.source), scene)
    watcher.rows()
    for case in cases:
        try:
            watcher.request(scene.request_of(case))
        except (TokenError, LimitExceeded):
            continue
    return watcher.coverage


@dataclass(frozen=True, slots=True)
class _Watcher:
    plan: Plan
    interpreter: Interpreter
    coverage: Coverage
    scene: Scene
    filled: dict[RowRule, set[str]] = field(default_factory=dict)
    """The buckets that each rule puts rows into."""

    def rows(self) -> None:
        """Notes every point, and what the source rows show of the conditions on rows."""
        rules: list[RowRule | LookupRule] = [*self.plan.row_rules, *self.plan.lookup_rules]
        for rule in rules:
            for step in rule.steps:
                if isinstance(step, Filter) and step.spans and is_written(step.condition):
                    self._condition(step.condition, step.spans[0], ())
            for change in self.scene.changes:
                if change.table.matches(rule.table):
                    trace = self.interpreter.trace_row(rule, change.table, change.row)
                    self._trace(trace)
                    if isinstance(rule, RowRule):
                        name = self.plan.buckets[rule.bucket].name
                        self.filled.setdefault(rule, set()).update(bucket_id(name, key) for key in trace.results)
        for row_rule in self.plan.row_rules:
            self.coverage.note(_rows_of(self.plan, row_rule.bucket), row_rule.spans[0], frozenset({"synced"}))
        for query in self.plan.bucket_queries:
            self._query(query, None)

    def request(self, request: Request) -> None:
        """Notes what a connection shows of the queries, and of the rules whose rows it gets."""
        buckets = {bucket.id for bucket in self.scene.resolve(request).buckets}
        for query in self.plan.bucket_queries:
            for _, subscription in reasons_to_run(query, request):
                self._query(query, BoundRequest(request, subscription))
        for rule, filled in self.filled.items():
            if buckets & filled:
                self.coverage.note(_rows_of(self.plan, rule.bucket), rule.spans[0], frozenset({"synced"}), "synced")

    def _query(self, query: BucketQuery, bound: BoundRequest | None) -> None:
        """Notes the points of a query, and which ways a connection takes them."""
        results = []
        for part in query.parts:
            for step in part.steps:
                if isinstance(step, Filter) and step.spans and is_written(step.condition):
                    self._condition(step.condition, step.spans[0], ())
                elif isinstance(step, Lookup) and step.spans:
                    self._lookup(step, None)
            if bound is not None:
                trace = self.interpreter.trace_part(part, bound, self.scene.store.outputs)
                self._trace(trace)
                results.append(bool(trace.results))
        can_fail = any(_can_fail(step) for part in query.parts for step in part.steps)
        ways = frozenset({"granted", "denied"}) if can_fail else frozenset({"granted"})
        way = None if bound is None else "granted" if all(results) else "denied"
        self.coverage.note(f"buckets of {query.stream}", query.spans[0], ways, way)

    def _trace(self, trace: Trace) -> None:
        for traced in trace.steps:
            match traced.step:
                case Filter(condition=condition, spans=(span, *_)) if is_written(condition):
                    self._condition(condition, span, traced.before)
                case Lookup(spans=(_, *_)) as lookup:
                    self._lookup(lookup, "found" if traced.left else "empty")
                case _:
                    pass

    def _condition(self, condition: Expression, span: Span, before: Sequence[LeafValue]) -> None:
        for clause in _clauses(condition):
            what = f"`{print_expression(clause)}`"
            self.coverage.note(what, span, _BOTH)
            for of_leaf in before:
                self.coverage.note(what, span, _BOTH, self._way(clause, of_leaf))

    def _lookup(self, lookup: Lookup, way: str | None) -> None:
        table = self.plan.lookup_rules[lookup.rule].table.name
        self.coverage.note(f"lookup of {table}", lookup.spans[0], frozenset({"found", "empty"}), way)

    def _way(self, clause: Expression, of_leaf: LeafValue) -> str:
        try:
            return "true" if condition_holds(clause, self.plan.semantics, of_leaf) else "false"
        except EvaluationError:
            return "failed"


def _clauses(condition: Expression) -> Iterator[Expression]:
    """A condition, and what AND, OR and NOT join in it."""
    yield condition
    match condition:
        case Call(function="and" | "or", arguments=arguments):
            for argument in arguments:
                yield from _clauses(argument)
        case _:
            pass


def _can_fail(step: RequestStep) -> bool:
    """Whether some connection does not pass a step; every verified user has an id."""
    match step:
        case Filter(condition=Call(function="is key", arguments=(RequestValue(part="user_id"),))):
            return False
        case _:
            return True


def _rows_of(plan: Plan, bucket: int) -> str:
    return f"rows in {plan.buckets[bucket].name}"
