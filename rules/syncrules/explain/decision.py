"""Why a row syncs to somebody, or does not: every way that the rules have for it, step by step, from the evaluation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from syncrules.diagnostics import Span
from syncrules.engine.bucket import Reason
from syncrules.engine.bucket_id import bucket_id
from syncrules.engine.expression_value import LeafValue, expression_value
from syncrules.engine.found import Key
from syncrules.engine.interpreter import Interpreter, Trace, TracedStep
from syncrules.explain.naming import name_of, named_values
from syncrules.plan.expression import Expression, RequestValue, leaves
from syncrules.plan.nodes import BucketQuery, Filter, Lookup, Part, Plan, RowRule
from syncrules.plan.printing import print_expression
from syncrules.plan.reading import is_written
from syncrules.resolve.asking import reasons_to_run
from syncrules.resolve.request import BoundRequest, Request, Subscription
from syncrules.stores.change import Change
from syncrules.stores.memory import MemoryStore
from syncrules.values.value import EvaluationError, SqlValue


@dataclass(frozen=True, slots=True)
class Fact:
    """A step of a decision: what was asked, the values it was asked of, and whether it held.

    `span` is where the rules file says it; `rows` are source rows that a lookup found.
    """

    what: str
    values: tuple[tuple[str, SqlValue], ...]
    holds: bool
    span: Span | None = None
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a row could reach a connection: a query of a stream, for one reason to run it.

    `row_facts` end in the buckets that the row is in, `request_facts` in those that the connection has; the row syncs
    if one of them is the same. `reason` None: the connection does not ask for the stream.
    """

    stream: str
    reason: Reason | None
    rule: RowRule
    query: BucketQuery
    change: Change
    row_facts: tuple[Fact, ...]
    row_keys: tuple[Key, ...]
    request_facts: tuple[Fact, ...]
    request_keys: tuple[Key, ...]
    buckets: tuple[str, ...]
    """Where row and connection meet."""

    @property
    def syncs(self) -> bool:
        """Whether the row syncs this way."""
        return bool(self.buckets)

    @property
    def span(self) -> Span:
        """Where the query stands."""
        return self.rule.spans[0]


@dataclass(frozen=True, slots=True)
class Decision:
    """Every way for a row; empty if no source row has this id in a table of this name on the client."""

    table: str
    row_id: str
    ways: tuple[Way, ...]

    @property
    def syncs(self) -> bool:
        """Whether the row syncs at all."""
        return any(way.syncs for way in self.ways)


def decide(
    plan: Plan, changes: Sequence[Change], store: MemoryStore, request: Request, table: str, row_id: str
) -> Decision:
    """How the rules decide on a row of a table on the client. `store` holds the lookups that `changes` make."""
    judge = _Judge(plan, Interpreter(plan.semantics), tuple(changes), store, request)
    return Decision(table, row_id, tuple(judge.ways(table, row_id)))


def candidates(plan: Plan, changes: Sequence[Change], table: str, row_id: str) -> Iterator[tuple[RowRule, Change]]:
    """The source rows, each with a rule, that have an id in a table on the client where they sync."""
    interpreter = Interpreter(plan.semantics)
    for rule in plan.row_rules:
        for change in changes:
            if not change.table.matches(rule.table) or (rule.output_table or change.table.name) != table:
                continue
            try:
                found, _ = interpreter.synced(rule, change.table, change.row)
            except EvaluationError:
                continue
            if found == row_id:
                yield rule, change


@dataclass(frozen=True, slots=True)
class _Judge:
    plan: Plan
    interpreter: Interpreter
    changes: tuple[Change, ...]
    store: MemoryStore
    request: Request

    def ways(self, table: str, row_id: str) -> Iterator[Way]:
        for rule, change in candidates(self.plan, self.changes, table, row_id):
            trace = self.interpreter.trace_row(rule, change.table, change.row)
            row_facts = tuple(self._facts(trace))
            keys = tuple(key for key in trace.results if _is_key(key)) if trace.error is None else ()
            for query in self.plan.bucket_queries:
                if query.bucket == rule.bucket:
                    for reason, subscription in self._reasons(query):
                        facts, wanted = self._asked(query, subscription)
                        if reason is None:
                            facts = (Fact("the connection asks for the stream", (), holds=False), *facts)
                        name = self.plan.buckets[rule.bucket].name
                        met = [] if reason is None else [bucket_id(name, key) for key in keys if key in wanted]
                        yield Way(query.stream, reason, rule, query, change, row_facts, keys, facts, wanted, tuple(met))

    def _reasons(self, query: BucketQuery) -> list[tuple[Reason | None, Subscription | None]]:
        """Why the connection runs a query; one answer that there is no reason, if there is none."""
        return [*reasons_to_run(query, self.request)] or [(None, None)]

    def _asked(self, query: BucketQuery, subscription: Subscription | None) -> tuple[tuple[Fact, ...], tuple[Key, ...]]:
        values = BoundRequest(self.request, subscription)
        facts: list[Fact] = []
        outputs: list[tuple[Key, ...]] = []
        for part in query.parts:
            trace = self.interpreter.trace_part(part, values, self.store.outputs)
            facts += self._facts(trace)
            outputs.append(trace.results)
            facts += self._outputs(part, trace)
        if not all(outputs):
            return tuple(facts), ()
        try:
            keys = self.interpreter.ask(query, values, self.store.outputs)
        except EvaluationError:
            keys = []
        return tuple(facts), tuple(keys)

    def _facts(self, trace: Trace) -> Iterator[Fact]:
        for traced in trace.steps:
            match traced.step:
                case Filter(condition=condition, spans=spans):
                    if is_written(condition):
                        values = self._values(condition, traced.before)
                        yield Fact(print_expression(condition), values, traced.left > 0, spans[0] if spans else None)
                case Lookup() as lookup:
                    yield self._lookup(lookup, traced)
                case expand:
                    values = self._values(expand.argument, traced.before)
                    what = f"elements of {print_expression(expand.argument)}"
                    yield Fact(what, values, traced.left > 0, expand.spans[0] if expand.spans else None)
        if trace.error is not None:
            yield Fact(f"cannot be evaluated: {trace.error}", (), holds=False)

    def _lookup(self, lookup: Lookup, traced: TracedStep) -> Fact:
        rule = self.plan.lookup_rules[lookup.rule]
        asked = [tuple(self._value(key, leaf) for key in lookup.keys) for leaf in traced.before]
        names = [print_expression(key) for key in rule.keys]
        values = tuple((name, value) for key in asked[:3] for name, value in zip(names, key, strict=True))
        rows = [
            f"{change.table.name} {change.row.get('id', change.key)}"
            for change in self.changes
            if change.table.matches(rule.table)
            for entry in self._keys_of(lookup.rule, change)
            if entry in asked
        ]
        what = f"rows of {rule.table.name}" + (f" by {', '.join(names)}" if names else "")
        span = (lookup.spans or rule.spans or (None,))[0]
        return Fact(what, values, traced.left > 0, span, tuple(dict.fromkeys(rows)))

    def _keys_of(self, rule: int, change: Change) -> list[Key]:
        """The keys under which a row can be looked up."""
        try:
            return [key for key, _ in self.interpreter.enter(self.plan.lookup_rules[rule], change.table, change.row)]
        except EvaluationError:
            return []

    def _outputs(self, part: Part, trace: Trace) -> Iterator[Fact]:
        """The values of the request that are compared as they are."""
        for place, output in enumerate(part.outputs):
            if any(isinstance(leaf, RequestValue) for leaf in leaves(output)):
                found = trace.results[0][place] if trace.results else None
                yield Fact("value of the connection", ((name_of(output), found),), found is not None)

    def _values(self, condition: Expression, before: Sequence[LeafValue]) -> tuple[tuple[str, SqlValue], ...]:
        """The columns and claims that a condition read, with their values in the first binding."""
        read = named_values(condition) if before else ()
        return tuple({name_of(each): self._value(each, before[0]) for each in read}.items())

    def _value(self, expression: Expression, of_leaf: LeafValue) -> SqlValue:
        try:
            return expression_value(expression, self.plan.semantics, of_leaf)
        except EvaluationError:
            return None


def _is_key(key: Key) -> bool:
    return all(value is not None and not isinstance(value, bytes) for value in key)
