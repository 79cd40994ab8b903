"""A plan made runnable: generated functions, by source table made when first needed, and for groups of bucket queries."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar, cast

from syncrules.engine.found import Evaluation, LookupEvaluation
from syncrules.engine.group_code import MakeFunction, ReadFunction, group_code
from syncrules.engine.row_code import EntryFunction, RowFunction, entry_code, row_code
from syncrules.engine.table import SourceTable, matching
from syncrules.plan.nodes import BucketQuery, LookupRule, Plan, RowRule
from syncrules.values.row import Row

_NO_ROWS: Final = Evaluation((), ())
_NO_ENTRIES: Final = LookupEvaluation((), ())

K = TypeVar("K")
V = TypeVar("V")


class _Made(dict[K, V]):
    """What is made for a key, when it is first asked for."""

    def __init__(self, make: Callable[[K], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: K) -> V:
        made = self[key] = self._make(key)
        return made


@dataclass(slots=True)
class Program:
    """Runs the rules of a plan. Safe to share between threads: what is made twice is made equal."""

    plan: Plan
    _rows: _Made[SourceTable, RowFunction] = field(init=False, repr=False, compare=False)
    _entries: _Made[SourceTable, EntryFunction] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._rows = _Made(partial(_row_function, self.plan))
        self._entries = _Made(partial(_entry_function, self.plan))

    def evaluate(self, table: SourceTable, row: Row) -> Evaluation:
        """The buckets a row is in, each with the row as it syncs there."""
        return self._rows[table](row)

    def evaluate_rows(self, table: SourceTable, rows: Iterable[Row]) -> Iterator[Evaluation]:
        """Each row's evaluation, in their order: what `evaluate` gives, for less where there are many rows."""
        return map(self._rows[table], rows)

    def lookups(self, table: SourceTable, row: Row) -> LookupEvaluation:
        """The lookup entries a row makes."""
        return self._entries[table](row)

    def group(self, queries: Sequence[BucketQuery]) -> tuple[ReadFunction, MakeFunction]:
        """The generated functions that run some queries together, and make their buckets."""
        made = group_code(self.plan, queries).compiled("bucket queries")
        return cast("ReadFunction", made["read"]), cast("MakeFunction", made["make"])

    def row_rules(self, table: SourceTable) -> dict[int, RowRule]:
        """The row rules a table's rows go through, by number."""
        return _row_rules(self.plan, table)

    def lookup_rules(self, table: SourceTable) -> dict[int, LookupRule]:
        """The lookup rules a table's rows go through, by number."""
        return _lookup_rules(self.plan, table)


def _row_rules(plan: Plan, table: SourceTable) -> dict[int, RowRule]:
    rules = plan.row_rules
    return {number: rules[number] for number in matching(table, [rule.table for rule in rules])}


def _lookup_rules(plan: Plan, table: SourceTable) -> dict[int, LookupRule]:
    rules = plan.lookup_rules
    return {number: rules[number] for number in matching(table, [rule.table for rule in rules])}


def _row_function(plan: Plan, table: SourceTable) -> RowFunction:
    rules = _row_rules(plan, table)
    if not rules:
        return lambda _: _NO_ROWS
    code = row_code(table, rules, plan.buckets, plan.semantics)
    function = cast("RowFunction", code.compiled(f"rows of {table.schema}.{table.name}")["run"])
    places = {(rule.bucket, rule.output_table) for rule in rules.values()}
    return function if len(places) == len(rules) else partial(_distinct, function)


def _distinct(run: RowFunction, row: Row) -> Evaluation:
    """What is found, once: rules that put rows into the same buckets can put the same one there."""
    found, errors = run(row)
    distinct = {(*each[:3], *each.data.items(), *map(type, each.data.values())): each for each in found}
    return Evaluation(tuple(distinct.values()), errors)


def _entry_function(plan: Plan, table: SourceTable) -> EntryFunction:
    rules = _lookup_rules(plan, table)
    if not rules:
        return lambda _: _NO_ENTRIES
    code = entry_code(table, rules, plan.semantics)
    return cast("EntryFunction", code.compiled(f"lookups of {table.schema}.{table.name}")["run"])
