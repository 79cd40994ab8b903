"""Everyone who can see a row: the plan run backwards, from the row's buckets to what a connection must bring.

A step that looks something up is undone by its entries: those that give what is wanted say by which key they were
found. What remains are demands on the connection: values that it must have, and conditions that it must meet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncrules.engine.expression_value import LeafValue, condition_holds, expression_value
from syncrules.engine.found import Key
from syncrules.engine.interpreter import Interpreter
from syncrules.explain.decision import candidates
from syncrules.functions import TABLE_FUNCTIONS
from syncrules.plan.expression import Column, Constant, Expression, Leaf, RequestValue, constant, leaves, substitute
from syncrules.plan.nodes import BucketQuery, Expand, Filter, Lookup, Part, Plan
from syncrules.plan.trust import claim_path
from syncrules.resolve.asking import reasons_to_run
from syncrules.resolve.request import BoundRequest, Request
from syncrules.stores.change import Change, RowKey
from syncrules.stores.memory import MemoryStore
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError, SqlValue

_Place = tuple[int, str]
"""A column that a step binds."""


@dataclass(frozen=True, slots=True)
class Member:
    """A value that must be among the elements of an array of the connection."""

    function: str
    argument: Expression
    column: str
    value: SqlValue


@dataclass(frozen=True, slots=True)
class Access:
    """One way to see a row: what a connection must have, and the source rows that this rests on.

    `equal` are values of the connection, `conditions` what must be true of it; `rows` are the rows that were looked
    up. A stream that is not on by default must be subscribed to.
    """

    query: BucketQuery
    row: RowKey
    equal: tuple[tuple[Expression, SqlValue], ...]
    members: tuple[Member, ...]
    conditions: tuple[Expression, ...]
    rows: frozenset[RowKey]

    @property
    def user_id(self) -> str | None:
        """The one user that this way is for; None if it is not for one user."""
        found = [value for expression, value in self.equal if is_user_id(expression)]
        return found[0] if found and isinstance(found[0], str) else None

    def admits(self, request: Request, semantics: Semantics) -> bool:
        """Whether a connection has all that is demanded."""
        reasons = reasons_to_run(self.query, request)
        return any(self._holds(BoundRequest(request, subscription), semantics) for _, subscription in reasons)

    def _holds(self, bound: BoundRequest, semantics: Semantics) -> bool:
        of_leaf = request_leaves(bound)
        return (
            all(has_value(each, value, semantics, of_leaf) for each, value in self.equal)
            and all(is_member(member, semantics, of_leaf) for member in self.members)
            and all(is_met(each, semantics, of_leaf) for each in self.conditions)
        )


def is_user_id(expression: Expression) -> bool:
    """Whether an expression is the id of the connection's user, and nothing else: the claim `sub`.

    >>> is_user_id(RequestValue("user_id")), is_user_id(RequestValue("token"))
    (True, False)
    """
    return expression == RequestValue("user_id") or claim_path(expression) == ("sub",)


def who(plan: Plan, changes: Sequence[Change], store: MemoryStore, table: str, row_id: str) -> tuple[Access, ...]:
    """Every way to see a row of a table on the client; `store` holds the lookups that `changes` make."""
    interpreter = Interpreter(plan.semantics)
    found: dict[Access, None] = {}
    for rule, change in candidates(plan, changes, table, row_id):
        try:
            placed = interpreter.place(rule, change.table, change.row)
        except EvaluationError:
            continue
        for query in plan.bucket_queries:
            if query.bucket == rule.bucket:
                for row in placed:
                    backwards = _Backwards(plan, store, query, change)
                    found |= dict.fromkeys(backwards.accesses(row.key))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Demands:
    """What is known so far of a binding, and what is still to be met."""

    bound: Mapping[_Place, SqlValue] = field(default_factory=dict)
    equal: tuple[tuple[Expression, SqlValue], ...] = ()
    members: tuple[Member, ...] = ()
    conditions: tuple[Expression, ...] = ()
    rows: frozenset[RowKey] = frozenset()

    def with_value(self, expression: Expression, value: SqlValue) -> "_Demands | None":
        """The demands with an expression that must have a value; None if it cannot."""
        match expression:
            case Column(source=source, name=name):
                known = self.bound.get((source, name), value)
                return replace(self, bound={**self.bound, (source, name): value}) if known == value else None
            case _:
                return replace(self, equal=(*self.equal, (expression, value)))


@dataclass(frozen=True, slots=True)
class _Backwards:
    plan: Plan
    store: MemoryStore
    query: BucketQuery
    change: Change

    def accesses(self, key: Key) -> Iterator[Access]:
        """The ways in which the query gives a bucket with these values."""
        wanted: list[dict[int, SqlValue]] = [{} for _ in self.query.parts]
        for value, asked in zip(key, self.query.values, strict=True):
            outputs = wanted[asked.source - 1]
            if outputs.setdefault(int(asked.name), value) != value:
                return
        found = [_Demands()]
        for part, outputs in zip(self.query.parts, wanted, strict=True):
            found = [_joined(before, after) for before in found for after in self._part(part, outputs)]
        for each in filter(_is_possible, found):
            yield Access(
                self.query, (self.change.table, self.change.key), each.equal, each.members, each.conditions, each.rows
            )

    def _part(self, part: Part, outputs: Mapping[int, SqlValue]) -> Iterator[_Demands]:
        start: _Demands | None = _Demands()
        for place, value in outputs.items():
            start = start and start.with_value(part.outputs[place], value)
        if start is not None:
            for each in self._undone(part, len(part.steps), start):
                met = self._met(each)
                if met is not None:
                    yield met

    def _undone(self, part: Part, end: int, demands: _Demands) -> Iterator[_Demands]:
        """The demands before the first `end` steps, for each way to meet those behind them."""
        if end == 0:
            yield demands
            return
        source = sum(not isinstance(step, Filter) for step in part.steps[:end])
        match part.steps[end - 1]:
            case Filter(condition=condition):
                before = replace(demands, conditions=(*demands.conditions, condition))
                yield from self._undone(part, end - 1, before)
            case Expand(function=function, argument=argument):
                bound = [(name, value) for (number, name), value in demands.bound.items() if number == source]
                members = tuple(Member(function, argument, name, value) for name, value in bound)
                yield from self._undone(part, end - 1, replace(demands, members=(*demands.members, *members)))
            case Lookup() as lookup:
                for before in self._looked_up(lookup, source, demands):
                    yield from self._undone(part, end - 1, before)

    def _looked_up(self, lookup: Lookup, source: int, demands: _Demands) -> Iterator[_Demands]:
        for key, outputs, rows in self.store.entries(lookup.rule):
            each: _Demands | None = replace(demands, rows=demands.rows | rows)
            for place, value in enumerate(outputs):
                each = each and each.with_value(Column(source, str(place)), value)
            for expression, value in zip(lookup.keys, key, strict=True):
                each = each and each.with_value(expression, value)
            if each is not None:
                yield each

    def _met(self, demands: _Demands) -> _Demands | None:
        """The demands with what is bound put in; None if one that is about rows alone is not met."""
        semantics = self.plan.semantics

        def filled(expression: Expression) -> Expression:
            return substitute(expression, lambda leaf: _filled(leaf, demands.bound))

        equal = [(filled(expression), value) for expression, value in demands.equal]
        members = [replace(each, argument=filled(each.argument)) for each in demands.members]
        conditions = [filled(each) for each in demands.conditions]
        decided = [
            *(has_value(each, value, semantics, _nothing) for each, value in equal if not _asks(each)),
            *(is_member(each, semantics, _nothing) for each in members if not _asks(each.argument)),
            *(is_met(each, semantics, _nothing) for each in conditions if not _asks(each)),
        ]
        if not all(decided):
            return None
        return replace(
            demands,
            equal=tuple(dict.fromkeys(each for each in equal if _asks(each[0]))),
            members=tuple(dict.fromkeys(each for each in members if _asks(each.argument))),
            conditions=tuple(dict.fromkeys(each for each in conditions if _asks(each))),
        )


def _is_possible(demands: _Demands) -> bool:
    """Whether no value of the connection must be two values at once."""
    wanted = dict(demands.equal)
    return all(wanted[expression] == value for expression, value in demands.equal)


def _joined(first: _Demands, second: _Demands) -> _Demands:
    """The demands of two parts, whose columns have nothing to do with each other."""
    return _Demands(
        {},
        tuple(dict.fromkeys((*first.equal, *second.equal))),
        tuple(dict.fromkeys((*first.members, *second.members))),
        tuple(dict.fromkeys((*first.conditions, *second.conditions))),
        first.rows | second.rows,
    )


def _filled(leaf: Leaf, bound: Mapping[_Place, SqlValue]) -> Expression:
    match leaf:
        case Column(source=source, name=name) if (source, name) in bound:
            return constant(bound[source, name])
        case _:
            return leaf


def _asks(expression: Expression) -> bool:
    return any(not isinstance(leaf, Constant) for leaf in leaves(expression))


def has_value(expression: Expression, value: SqlValue, semantics: Semantics, of_leaf: LeafValue) -> bool:
    """Whether an expression has a value, as keys compare; what fails has none."""
    try:
        return expression_value(expression, semantics, of_leaf) == value
    except EvaluationError:
        return False


def is_member(member: Member, semantics: Semantics, of_leaf: LeafValue) -> bool:
    """Whether the array holds the value; what is no array holds nothing."""
    table = TABLE_FUNCTIONS[member.function]
    place = table.columns.index(member.column)
    try:
        rows = table.implementation(semantics)(expression_value(member.argument, semantics, of_leaf))
        return any(row[place] == member.value for row in rows)
    except EvaluationError:
        return False


def is_met(condition: Expression, semantics: Semantics, of_leaf: LeafValue) -> bool:
    """Whether a condition holds; what fails does not."""
    try:
        return condition_holds(condition, semantics, of_leaf)
    except EvaluationError:
        return False


def request_leaves(bound: BoundRequest) -> LeafValue:
    """What the leaves of a condition on a connection stand for."""

    def of_leaf(leaf: Leaf) -> SqlValue:
        match leaf:
            case RequestValue(part="user_id"):
                return bound.user_id
            case RequestValue(part="token"):
                return bound.token
            case RequestValue(part="connection"):
                return bound.connection
            case RequestValue():
                return bound.subscription
            case _:
                return None

    return of_leaf


def _nothing(_: Leaf) -> SqlValue:
    return None
