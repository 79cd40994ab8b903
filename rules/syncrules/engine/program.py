"""A plan made runnable: generated functions by source table and by part, made when first needed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Literal, cast

from syncrules.engine.found import (
    Evaluation,
    LookupEvaluation,
    RowError,
    SyncedRow,
    evaluation,
    lookup_evaluation,
)
from syncrules.engine.part_code import PartFunction, part_code
from syncrules.engine.row_code import EntryFunction, Errors, RowFunction, entry_code, row_code
from syncrules.engine.source_code import SourceCode
from syncrules.engine.table import SourceTable, matching
from syncrules.plan.nodes import LookupRule, Part, Plan, RowRule
from syncrules.values.row import Row

_NO_ROWS: Final = Evaluation((), ())
_NO_ENTRIES: Final = LookupEvaluation((), ())


@dataclass(slots=True)
class Program:
    """Runs the rules of a plan. Safe to share between threads: what is made twice is made equal."""

    plan: Plan
    _row_functions: dict[SourceTable, RowFunction | None] = field(default_factory=dict)
    _entry_functions: dict[SourceTable, EntryFunction | None] = field(default_factory=dict)
    _parts: dict[Part, PartFunction] = field(default_factory=dict)

    def evaluate(self, table: SourceTable, row: Row) -> Evaluation:
        """The buckets a row is in, each with the row as it syncs there."""
        try:
            run = self._row_functions[table]
        except KeyError:
            run = self._make_row_function(table)
        if run is None:
            return _NO_ROWS
        errors: Errors = []
        found = run(row, table.schema, table.name, errors)
        return evaluation((tuple(found), _told("row", errors) if errors else ()))

    def evaluate_rows(self, table: SourceTable, rows: Iterable[Row]) -> Iterator[Evaluation]:
        """Each row's evaluation, in their order: what `evaluate` gives, for less where there are many rows."""
        try:
            run = self._row_functions[table]
        except KeyError:
            run = self._make_row_function(table)
        if run is None:
            yield from (_NO_ROWS for _ in rows)
            return
        schema, name = table.schema, table.name
        errors: Errors = []
        for row in rows:
            found = run(row, schema, name, errors)
            if errors:
                yield evaluation((tuple(found), _told("row", errors)))
                errors = []
            else:
                yield evaluation((tuple(found), ()))

    def lookups(self, table: SourceTable, row: Row) -> LookupEvaluation:
        """The lookup entries a row makes."""
        try:
            run = self._entry_functions[table]
        except KeyError:
            run = self._make_entry_function(table)
        if run is None:
            return _NO_ENTRIES
        errors: Errors = []
        found = run(row, table.schema, table.name, errors)
        return lookup_evaluation((tuple(found), _told("lookup", errors) if errors else ()))

    def part(self, part: Part) -> PartFunction:
        """The generated function of a part; equal parts share one."""
        if part not in self._parts:
            code = part_code(part, self.plan.semantics)
            self._parts[part] = cast("PartFunction", code.compiled(f"part {len(self._parts)}", "run"))
        return self._parts[part]

    def row_rules(self, table: SourceTable) -> dict[int, RowRule]:
        """The row rules a table's rows go through, by number."""
        rules = self.plan.row_rules
        return {number: rules[number] for number in matching(table, [rule.table for rule in rules])}

    def lookup_rules(self, table: SourceTable) -> dict[int, LookupRule]:
        """The lookup rules a table's rows go through, by number."""
        rules = self.plan.lookup_rules
        return {number: rules[number] for number in matching(table, [rule.table for rule in rules])}

    def _make_row_function(self, table: SourceTable) -> RowFunction | None:
        rules = self.row_rules(table)
        code = partial(row_code, rules, self.plan.buckets, self.plan.semantics)
        function = cast("RowFunction | None", self._compiled(table, rules, "rows", code))
        places = [(rule.bucket, rule.output_table) for rule in rules.values()]
        if function is not None and len({*places}) < len(places):
            function = partial(_distinct, function)
        self._row_functions[table] = function
        return function

    def _make_entry_function(self, table: SourceTable) -> EntryFunction | None:
        rules = self.lookup_rules(table)
        code = partial(entry_code, rules, self.plan.semantics)
        self._entry_functions[table] = cast("EntryFunction | None", self._compiled(table, rules, "lookups", code))
        return self._entry_functions[table]

    def _compiled(
        self, table: SourceTable, rules: Mapping[int, object], what: str, write: Callable[[], SourceCode]
    ) -> Callable[..., object] | None:
        return write().compiled(f"{what} of {table.schema}.{table.name}", "run") if rules else None


def _told(kind: Literal["row", "lookup"], errors: Errors) -> tuple[RowError, ...]:
    return tuple(RowError(kind, rule, str(error)) for rule, error in errors)


def _distinct(run: RowFunction, row: Row, schema: str, name: str, errors: Errors) -> list[SyncedRow]:
    """What is found, once: rules that put rows into the same buckets can put the same one there."""
    found = run(row, schema, name, errors)
    return list({(*each[:3], *each.data.items(), *map(type, each.data.values())): each for each in found}.values())
