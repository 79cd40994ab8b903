"""A plan made runnable: generated functions by source table and by part, made when first needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from syncrules.engine.bucket_id import bucket_id
from syncrules.engine.part_code import PartFunction, part_code
from syncrules.engine.row_code import EntryFunction, Key, RowFunction, entry_code, row_code
from syncrules.engine.source_code import SourceCode
from syncrules.engine.table import SourceTable, matching
from syncrules.plan.nodes import LookupRule, Part, Plan, RowRule
from syncrules.values.row import Row
from syncrules.values.value import SqlValue


@dataclass(frozen=True, slots=True)
class SyncedRow:
    """A source row as it syncs in one bucket."""

    bucket: str
    id: str
    table: str
    data: Mapping[str, SqlValue]


@dataclass(frozen=True, slots=True)
class RowError:
    """A rule that could not be evaluated for a row: a row rule or a lookup rule, by its number."""

    kind: Literal["row", "lookup"]
    rule: int
    message: str


@dataclass(frozen=True, slots=True)
class LookupEntry:
    """What one row contributes to a lookup rule."""

    rule: int
    key: Key
    outputs: Key


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The buckets a row falls into, and the rules that failed on it."""

    rows: tuple[SyncedRow, ...]
    errors: tuple[RowError, ...]


@dataclass(frozen=True, slots=True)
class LookupEvaluation:
    """The lookup entries of a row, and the rules that failed on it."""

    entries: tuple[LookupEntry, ...]
    errors: tuple[RowError, ...]


@dataclass(slots=True)
class Program:
    """Runs the rules of a plan. Safe to share between threads: what is made twice is made equal."""

    plan: Plan
    _row_functions: dict[SourceTable, RowFunction | None] = field(default_factory=dict)
    _entry_functions: dict[SourceTable, EntryFunction | None] = field(default_factory=dict)
    _parts: dict[Part, PartFunction] = field(default_factory=dict)

    def evaluate(self, table: SourceTable, row: Row) -> Evaluation:
        """The buckets a row is in, each with the row as it syncs there."""
        run = self._row_functions[table] if table in self._row_functions else self._make_row_function(table)
        if run is None:
            return Evaluation((), ())
        errors: list[RowError] = []
        found = run(row, table.schema, table.name, lambda rule, error: errors.append(RowError("row", rule, str(error))))
        rows: dict[tuple[object, ...], SyncedRow] = {}
        for number, key, row_id, data in found:
            rule = self.plan.row_rules[number]
            bucket = bucket_id(self.plan.buckets[rule.bucket].name, key)
            synced = SyncedRow(bucket, row_id, rule.output_table or table.name, data)
            rows[(bucket, row_id, synced.table, *data.items(), *map(type, data.values()))] = synced
        return Evaluation(tuple(rows.values()), tuple(errors))

    def lookups(self, table: SourceTable, row: Row) -> LookupEvaluation:
        """The lookup entries a row makes."""
        run = self._entry_functions[table] if table in self._entry_functions else self._make_entry_function(table)
        if run is None:
            return LookupEvaluation((), ())
        errors: list[RowError] = []
        found = run(
            row, table.schema, table.name, lambda rule, error: errors.append(RowError("lookup", rule, str(error)))
        )
        return LookupEvaluation(tuple(LookupEntry(*entry) for entry in found), tuple(errors))

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
        function = self._compiled(table, rules, "rows", lambda: row_code(rules, self.plan.semantics))
        self._row_functions[table] = cast("RowFunction | None", function)
        return self._row_functions[table]

    def _make_entry_function(self, table: SourceTable) -> EntryFunction | None:
        rules = self.lookup_rules(table)
        function = self._compiled(table, rules, "lookups", lambda: entry_code(rules, self.plan.semantics))
        self._entry_functions[table] = cast("EntryFunction | None", function)
        return self._entry_functions[table]

    def _compiled(
        self, table: SourceTable, rules: Mapping[int, object], what: str, write: Callable[[], SourceCode]
    ) -> Callable[..., object] | None:
        return write().compiled(f"{what} of {table.schema}.{table.name}", "run") if rules else None
