"""What a plan means, one function a step: plain and slow, the definition that generated code is tested against.

A *binding* holds what the steps of a rule or a part have bound so far: one tuple for each expansion and each
lookup. Filters keep bindings, expansions and lookups multiply them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from syncrules.engine.expression_value import LeafValue, condition_holds, expression_value
from syncrules.engine.found import Key
from syncrules.engine.request_values import RequestValues
from syncrules.engine.table import SourceTable
from syncrules.functions import OPERATORS, TABLE_FUNCTIONS
from syncrules.plan.expression import Column, Expression, Leaf, RequestValue, TableName
from syncrules.plan.nodes import (
    BucketQuery,
    Expand,
    Filter,
    Lookup,
    LookupRule,
    Output,
    OutputStar,
    Part,
    RequestStep,
    RowRule,
)
from syncrules.plan.reading import looks_up
from syncrules.values.row import Row
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError, SqlValue

Binding = tuple[Key, ...]
Entries = Callable[[int, Key], Iterable[Key]]
"""The outputs of a lookup rule, by its number, under a key."""


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row under one row rule: the values of its bucket, its id and its columns as they sync."""

    key: Key
    id: str
    data: dict[str, SqlValue]


@dataclass(frozen=True, slots=True)
class TracedStep:
    """A step that ran: what the leaves stood for in each binding before it, and how many bindings it left."""

    step: RequestStep
    before: tuple[LeafValue, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Trace:
    """The steps that ran, one by one, what came out, and the error that ended it, if one did."""

    steps: tuple[TracedStep, ...]
    results: tuple[Key, ...]
    error: str | None


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Runs the pieces of a plan under one semantics. Every method raises EvaluationError."""

    semantics: Semantics

    def place(self, rule: RowRule, table: SourceTable, row: Row) -> list[PlacedRow]:
        """Where a rule puts a row: once for each distinct key that its bindings have."""
        source = _Source(rule.steps, table, row, rule.table.name.suffix(table.name))
        keys = self._keys(rule.steps, rule.keys, source)
        if not keys:
            return []
        row_id, data = self._synced(rule, source)
        return [PlacedRow(key, row_id, data) for key in keys]

    def enter(self, rule: LookupRule, table: SourceTable, row: Row) -> list[tuple[Key, Key]]:
        """The entries of a row under a lookup rule: keys and outputs."""
        source = _Source(rule.steps, table, row, rule.table.name.suffix(table.name))
        entries: dict[tuple[Key, Key], None] = {}
        for binding in self._bindings(rule.steps, source, _no_entries):
            outputs = self._values(rule.outputs, source.leaves(binding))
            key = self._values(rule.keys, source.leaves(binding))
            if self._is_key(key):
                entries[key, outputs] = None
        return list(entries)

    def run(self, part: Part, request: RequestValues, entries: Entries) -> list[Key]:
        """The distinct outputs of a part."""
        source = _Asked(part.steps, request)
        bindings = self._bindings(part.steps, source, entries)
        return list(dict.fromkeys(self._values(part.outputs, source.leaves(binding)) for binding in bindings))

    def ask(self, query: BucketQuery, request: RequestValues, entries: Entries) -> list[Key]:
        """The bucket values that a query gives a request: every combination of its parts' outputs."""
        outputs = []
        for part in sorted(query.parts, key=looks_up):
            found = self.run(part, request, entries)
            if not found:
                return []
            outputs.append((query.parts.index(part), found))
        chosen = product(*(found for _, found in sorted(outputs)))
        places = [(value.source - 1, int(value.name)) for value in query.values]
        return list(dict.fromkeys(tuple(each[part][output] for part, output in places) for each in chosen))

    def trace_row(self, rule: RowRule | LookupRule, table: SourceTable, row: Row) -> "Trace":
        """What each step of a rule makes of a row; it never raises."""
        source = _Source(rule.steps, table, row, rule.table.name.suffix(table.name))
        return self._trace(rule.steps, source, rule.keys, _no_entries)

    def trace_part(self, part: Part, request: RequestValues, entries: Entries) -> "Trace":
        """What each step of a part makes of a request; it never raises."""
        return self._trace(part.steps, _Asked(part.steps, request), part.outputs, entries)

    def synced(self, rule: RowRule, table: SourceTable, row: Row) -> tuple[str, dict[str, SqlValue]]:
        """The id and the columns that a row has where it syncs, whether or not it does."""
        return self._synced(rule, _Source(rule.steps, table, row, rule.table.name.suffix(table.name)))

    def _trace(
        self, steps: Sequence[RequestStep], source: "_Source | _Asked", results: Sequence[Expression], entries: Entries
    ) -> "Trace":
        bindings: list[Binding] = [()]
        traced: list[TracedStep] = []
        error: str | None = None
        try:
            for step in steps:
                before = bindings
                bindings = self._step(step, bindings, source, entries)
                traced.append(TracedStep(step, tuple(map(source.leaves, before)), len(bindings)))
            found = tuple(dict.fromkeys(self._values(results, source.leaves(binding)) for binding in bindings))
        except EvaluationError as failed:
            error, found = str(failed), ()
        return Trace(tuple(traced), found, error)

    def _bindings(self, steps: Sequence[RequestStep], source: "_Source | _Asked", entries: Entries) -> list[Binding]:
        bindings: list[Binding] = [()]
        for step in steps:
            bindings = self._step(step, bindings, source, entries)
        return bindings

    def _step(
        self, step: RequestStep, bindings: list[Binding], source: "_Source | _Asked", entries: Entries
    ) -> list[Binding]:
        match step:
            case Filter():
                return self._filter(step, bindings, source)
            case Expand():
                return self._expand(step, bindings, source)
            case Lookup():
                return self._look_up(step, bindings, source, entries)

    def _filter(self, step: Filter, bindings: Sequence[Binding], source: "_Source | _Asked") -> list[Binding]:
        return [b for b in bindings if condition_holds(step.condition, self.semantics, source.leaves(b))]

    def _expand(self, step: Expand, bindings: Sequence[Binding], source: "_Source | _Asked") -> list[Binding]:
        rows = TABLE_FUNCTIONS[step.function].implementation(self.semantics)
        return [(*b, row) for b in bindings for row in rows(self._value(step.argument, source.leaves(b)))]

    def _look_up(
        self, step: Lookup, bindings: Sequence[Binding], source: "_Source | _Asked", entries: Entries
    ) -> list[Binding]:
        keyed = [(b, self._values(step.keys, source.leaves(b))) for b in bindings]
        return [(*b, outputs) for b, key in keyed if self._is_key(key) for outputs in entries(step.rule, key)]

    def _keys(self, steps: Sequence[RequestStep], keys: Sequence[Expression], source: "_Source") -> list[Key]:
        found = [self._values(keys, source.leaves(b)) for b in self._bindings(steps, source, _no_entries)]
        return list(dict.fromkeys(filter(self._is_key, found)))

    def _synced(self, rule: RowRule, source: "_Source") -> tuple[str, dict[str, SqlValue]]:
        """The row's id and columns: a later column replaces an earlier one of its name, and BLOBs are left out."""
        columns: dict[str, SqlValue] = {}
        for column in rule.columns:
            match column:
                case OutputStar(hidden_prefix=prefix):
                    columns |= {n: v for n, v in source.row.items() if prefix is None or not n.startswith(prefix)}
                case Output():
                    columns[column.name] = self._value(column.expression, source.leaves(()))
        row_id = columns.get("id")
        text = OPERATORS["cast text"].implementation(self.semantics)
        written = "" if row_id is None or isinstance(row_id, bytes) else str(text(row_id))
        return written, {name: value for name, value in columns.items() if not isinstance(value, bytes)}

    def _is_key(self, values: Key) -> bool:
        return all(OPERATORS["is key"].implementation(self.semantics)(value) for value in values)

    def _values(self, expressions: Sequence[Expression], of_leaf: LeafValue) -> Key:
        return tuple(self._value(expression, of_leaf) for expression in expressions)

    def _value(self, expression: Expression, of_leaf: LeafValue) -> SqlValue:
        return expression_value(expression, self.semantics, of_leaf)


@dataclass(frozen=True, slots=True)
class _Source:
    """What the leaves of a row's rule stand for."""

    steps: Sequence[RequestStep]
    table: SourceTable
    row: Row
    suffix: str | None

    def leaves(self, binding: Binding) -> LeafValue:
        def of_leaf(leaf: Leaf) -> SqlValue:
            match leaf:
                case Column(source=0, name=name):
                    return self.row.get(name)
                case Column():
                    return _bound(leaf, self.steps, binding)
                case TableName(part="schema"):
                    return self.table.schema
                case TableName(part="name"):
                    return self.table.name
                case TableName():
                    return self.suffix
                case _:
                    raise _no_value(leaf)

        return of_leaf


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the leaves of a part stand for."""

    steps: Sequence[RequestStep]
    request: RequestValues

    def leaves(self, binding: Binding) -> LeafValue:
        def of_leaf(leaf: Leaf) -> SqlValue:
            match leaf:
                case Column():
                    return _bound(leaf, self.steps, binding)
                case RequestValue(part="user_id"):
                    return self.request.user_id
                case RequestValue(part="token"):
                    return self.request.token
                case RequestValue(part="connection"):
                    return self.request.connection
                case RequestValue():
                    return self.request.subscription
                case _:
                    raise _no_value(leaf)

        return of_leaf


def _bound(column: Column, steps: Sequence[RequestStep], binding: Binding) -> SqlValue:
    """A value that an expansion or a lookup has bound."""
    step = [step for step in steps if not isinstance(step, Filter)][column.source - 1]
    match step:
        case Expand():
            return binding[column.source - 1][TABLE_FUNCTIONS[step.function].columns.index(column.name)]
        case _:
            return binding[column.source - 1][int(column.name)]


def _no_entries(_rule: int, _key: Key) -> Iterable[Key]:
    return ()


def _no_value(leaf: Leaf) -> AssertionError:
    return AssertionError(f"there is no value for {leaf}")
