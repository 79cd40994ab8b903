"""The smallest changes that would let a row through: thought of from the steps that fail, and tried before they are told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Final

from syncrules.engine.expression_value import expression_value
from syncrules.engine.found import Key
from syncrules.engine.interpreter import Interpreter
from syncrules.explain.decision import Decision, Way
from syncrules.explain.demands import passing, sent
from syncrules.explain.edits import Edit, RowAdded, RowEdit, Subscribed, Trial
from syncrules.explain.naming import named_values
from syncrules.explain.who import Access, has_value, is_member, is_met, request_leaves, who
from syncrules.plan.expression import Column, Constant, Expression, leaves, subexpressions
from syncrules.plan.nodes import Expand, Filter, Lookup, LookupRule, Part
from syncrules.plan.reading import is_written
from syncrules.resolve.request import BoundRequest
from syncrules.values.json_text import json_text
from syncrules.values.value import EvaluationError, SqlValue

_TOLD: Final = 3
_TOGETHER: Final = 2
_THOUGHT_OF: Final = 40
"""Edits of one row and connection; all pairs of them are tried."""


def smallest_flips(trial: Trial, decision: Decision) -> list[tuple[Edit, ...]]:
    """The fewest edits after which the row syncs: a few ways of one edit, or else of two; none if none was found."""
    thought_of = [*islice(dict.fromkeys(_edits(trial, decision)), _THOUGHT_OF)]
    demanded = [*dict.fromkeys(_demanded(trial, decision))]
    for size in (1, 2, 3, 4):
        together = combinations(thought_of, size) if size <= _TOGETHER else ()
        tried = dict.fromkeys([*together, *(edits for edits in demanded if len(edits) == size)])
        works = (edits for edits in tried if trial.syncs(edits, decision.table, decision.row_id))
        found = [*islice(works, _TOLD)]
        if found:
            return found
    return []


def _demanded(trial: Trial, decision: Decision) -> Iterator[tuple[Edit, ...]]:
    """For each way to see the row as it is: everything that the connection lacks for it."""
    semantics = trial.rules.plan.semantics
    for access in who(trial.rules.plan, trial.changes, trial.store, decision.table, decision.row_id):
        for way in decision.ways:
            if way.query == access.query:
                thinking = _Thinking(trial, way)
                lacking = [*thinking.lacking(access)]
                if all(lacking) and not access.admits(trial.request, semantics):
                    subscribed = [Subscribed(way.stream)] if way.reason is None else []
                    yield (*subscribed, *(edits[0] for edits in lacking))


def _edits(trial: Trial, decision: Decision) -> Iterator[Edit]:
    for way in decision.ways:
        if not way.syncs:
            yield from _Thinking(trial, way).edits()


@dataclass(frozen=True, slots=True)
class _Thinking:
    """What could be changed for one way. `way` does not let the row through."""

    trial: Trial
    way: Way

    def edits(self) -> Iterator[Edit]:
        if self.way.reason is None:
            yield Subscribed(self.way.stream)
        yield from self._row_filters()
        yield from self._row_keys()
        for part in self.way.query.parts:
            yield from self._request_filters(part)
            yield from self._lookups(part)
        yield from self._request_values()

    def lacking(self, access: Access) -> Iterator[list[Edit]]:
        """For each demand that the connection does not meet, the edits that would meet it."""
        semantics, of_leaf = self.trial.rules.plan.semantics, request_leaves(self._bound())
        for expression, value in access.equal:
            if not has_value(expression, value, semantics, of_leaf):
                yield [*sent(self.way.stream, expression, value)]
        for member in access.members:
            if not is_member(member, semantics, of_leaf):
                yield [*sent(self.way.stream, member.argument, member.value, among=True)]
        for condition in access.conditions:
            if is_written(condition) and not is_met(condition, semantics, of_leaf):
                yield [edit for value, read in self._passing(condition) for edit in sent(self.way.stream, read, value)]

    def _row_filters(self) -> Iterator[Edit]:
        """The row with a value that passes, of the kind that the column has now."""
        row = self.trial.changes[self._place()].row
        for step in self.way.rule.steps:
            if isinstance(step, Filter) and is_written(step.condition):
                for value, expression in self._passing(step.condition):
                    now = row.get(expression.name) if isinstance(expression, Column) else None
                    alike = now is None or type(now) is type(value)
                    if isinstance(expression, Column) and expression.source == 0 and alike:
                        yield RowEdit(self._place(), expression.name, value)

    def _row_keys(self) -> Iterator[Edit]:
        """The row moved into a bucket that the connection has."""
        for wanted in self.way.request_keys[:5]:
            for key, value in zip(self.way.rule.keys, wanted, strict=True):
                match key:
                    case Column(source=0, name=name):
                        yield RowEdit(self._place(), name, value)
                    case Column(source=source):
                        yield from self._element(source, value)
                    case _:
                        pass

    def _element(self, source: int, value: SqlValue) -> Iterator[Edit]:
        """A value more in an array of the row."""
        expansions = [step for step in self.way.rule.steps if isinstance(step, Expand)]
        match expansions[source - 1].argument:
            case Column(source=0, name=name) if not isinstance(value, bytes):
                yield RowEdit(self._place(), name, json_text([value]))
            case _:
                pass

    def _request_filters(self, part: Part) -> Iterator[Edit]:
        for step in part.steps:
            if isinstance(step, Filter) and is_written(step.condition):
                for value, expression in self._passing(step.condition):
                    yield from sent(self.way.stream, expression, value)

    def _request_values(self) -> Iterator[Edit]:
        """The connection given the value of one of the row's buckets."""
        for key in self._row_buckets():
            for value, asked in zip(key, self.way.query.values, strict=True):
                expression = self.way.query.parts[asked.source - 1].outputs[int(asked.name)]
                yield from sent(self.way.stream, expression, value)

    def _lookups(self, part: Part) -> Iterator[Edit]:
        """A row more in a table that is looked up, so that the part leads to one of the row's buckets."""
        wanted: dict[int, SqlValue] = {}
        place = self.way.query.parts.index(part) + 1
        for key in self._row_buckets()[:1]:
            for value, asked in zip(key, self.way.query.values, strict=True):
                if asked.source == place:
                    wanted[int(asked.name)] = value
        lookups = [step for step in part.steps if isinstance(step, Lookup)]
        bound = [step for step in part.steps if not isinstance(step, Filter)]
        interpreter = Interpreter(self.trial.rules.plan.semantics)
        for number, lookup in enumerate(lookups):
            outputs = self._wanted_of(part, bound.index(lookup) + 1, wanted)
            before = Part(part.steps[: part.steps.index(lookup)], lookup.keys)
            asked_keys = interpreter.trace_part(before, self._bound(), self.trial.store.outputs).results
            for asked_key in asked_keys[:2] if number < len(lookups) else ():
                yield from self._added(self.trial.rules.plan.lookup_rules[lookup.rule], asked_key, outputs)

    def _wanted_of(self, part: Part, source: int, wanted: dict[int, SqlValue]) -> dict[int, SqlValue]:
        """What a lookup should give: an output of the part, or a key under which the next one gives it."""
        found: dict[int, SqlValue] = {}
        for place, value in wanted.items():
            match part.outputs[place]:
                case Column(source=number, name=name) if number == source:
                    found[int(name)] = value
                case Column(source=number):
                    found |= self._leading(part, source, number, value)
                case _:
                    pass
        return found

    def _leading(self, part: Part, source: int, last: int, value: SqlValue) -> dict[int, SqlValue]:
        bound = [step for step in part.steps if not isinstance(step, Filter)]
        match bound[last - 1]:
            case Lookup(rule=rule, keys=keys):
                for key, outputs, _ in self.trial.store.entries(rule):
                    if value in outputs:
                        return {
                            int(expression.name): each
                            for expression, each in zip(keys, key, strict=True)
                            if isinstance(expression, Column) and expression.source == source
                        }
            case _:
                pass
        return {}

    def _added(self, rule: LookupRule, key: Key, outputs: dict[int, SqlValue]) -> Iterator[Edit]:
        columns: dict[str, SqlValue] = {}
        for step in rule.steps:
            if isinstance(step, Filter) and is_written(step.condition):
                passing = next(iter(self._passing(step.condition, always=True)), None)
                if passing is not None and isinstance(passing[1], Column):
                    columns[passing[1].name] = passing[0]
        pairs = [*zip(rule.keys, key, strict=True), *((rule.outputs[place], value) for place, value in outputs.items())]
        for expression, value in pairs:
            if isinstance(expression, Column):
                columns[expression.name] = value
        if rule.table.name.match == "exact":
            yield RowAdded(f"{rule.table.schema}.{rule.table.name}", tuple(columns.items()))

    def _passing(self, condition: Expression, *, always: bool = False) -> Sequence[tuple[SqlValue, Expression]]:
        """Values with which a condition would hold, or might, each with the expression that would have them."""
        sure = passing(condition, self.trial.rules.plan.semantics)
        if sure or always:
            return sure
        constants = [each.value for each in subexpressions(condition) if isinstance(each, Constant)]
        return [
            (each, named) for named in named_values(condition) for each in [*constants, *self._others(condition)][:6]
        ]

    def _others(self, condition: Expression) -> list[SqlValue]:
        """The values of the row that a condition compares with the connection."""
        row = self.trial.changes[self._place()].row
        return [row.get(leaf.name) for leaf in leaves(condition) if isinstance(leaf, Column)]

    def _row_buckets(self) -> Sequence[Key]:
        """The buckets that the row is in, or would be in if its conditions held."""
        if self.way.row_keys:
            return self.way.row_keys
        row = self.way.change.row
        try:
            key = tuple(
                expression_value(
                    each,
                    self.trial.rules.plan.semantics,
                    lambda leaf: row.get(leaf.name) if isinstance(leaf, Column) else None,
                )
                for each in self.way.rule.keys
            )
        except EvaluationError:
            return ()
        return (key,) if all(value is not None for value in key) else ()

    def _place(self) -> int:
        return next(i for i, each in enumerate(self.trial.changes) if each is self.way.change)

    def _bound(self) -> BoundRequest:
        reason = self.way.reason
        subscription = self.trial.request.subscriptions[reason] if isinstance(reason, int) else None
        return BoundRequest(self.trial.request, subscription)
