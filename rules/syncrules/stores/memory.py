"""A store in memory: for tests, for small data, and for whoever wants to see how a store works."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, Self

from syncrules.engine.program import Evaluation, Program, RowError
from syncrules.engine.table import SourceTable
from syncrules.stores.protocol import Key, LookupKey
from syncrules.values.row import Row, checked_row

RowKey = tuple[SourceTable, Hashable]
"""A source row: its table, and its primary key."""


@dataclass(frozen=True, slots=True)
class Change:
    """A source row that was written (`put`) or removed (`delete`).

    `key` is the row's primary key: a putting change replaces what an earlier one with that key made.
    """

    operation: Literal["put", "delete"]
    table: SourceTable
    key: Hashable
    row: Row = field(default_factory=dict)

    @classmethod
    def put(cls, table: str | SourceTable, row: Mapping[str, object], key: Hashable = None) -> Self:
        """A row written to a table; its primary key is its column `id` unless `key` is given.

        Raises EvaluationError for a value that SQL does not have.
        """
        checked = checked_row(row)
        return cls("put", _table(table), checked.get("id") if key is None else key, checked)

    @classmethod
    def delete(cls, table: str | SourceTable, key: Hashable) -> Self:
        """The row with a primary key, removed."""
        return cls("delete", _table(table), key)


class HasProgram(Protocol):
    """Compiled rules: whatever holds a runnable plan."""

    @property
    def program(self) -> Program:
        """The runnable plan."""
        ...


@dataclass(slots=True)
class MemoryStore:
    """Lookup entries, and the synced rows of each bucket, of the source rows it was given.

    Made for compiled rules (`MemoryStore(rules)`), whose plan decides what it keeps.

    Entries are held by source row, because two rows may give one: it is gone when both are.
    """

    rules: HasProgram
    errors: dict[RowKey, tuple[RowError, ...]] = field(default_factory=dict)
    _entries: dict[LookupKey, dict[Key, set[RowKey]]] = field(default_factory=dict)
    _made: dict[RowKey, tuple[tuple[LookupKey, Key], ...]] = field(default_factory=dict)
    _evaluations: dict[RowKey, Evaluation] = field(default_factory=dict)

    def apply(self, changes: Iterable[Change]) -> frozenset[LookupKey]:
        """Takes source rows in, or out; the keys whose answers changed.

        `errors` then holds what could not be evaluated, by row.
        """
        touched: dict[LookupKey, frozenset[Key]] = {}
        for change in changes:
            row_key = (change.table, change.key)
            self._note(touched, row_key)
            self._forget(row_key)
            if change.operation == "put":
                self._remember(row_key, change, touched)
        return frozenset(key for key, outputs in touched.items() if frozenset(self._entries.get(key, ())) != outputs)

    def _note(self, touched: dict[LookupKey, frozenset[Key]], row_key: RowKey) -> None:
        for key, _ in self._made.get(row_key, ()):
            touched.setdefault(key, frozenset(self._entries.get(key, ())))

    def lookup(self, keys: Sequence[LookupKey]) -> dict[LookupKey, list[Key]]:
        """The outputs under each of the keys."""
        return {key: list(self._entries[key]) for key in keys if key in self._entries}

    def outputs(self, rule: int, key: Key) -> Sequence[Key]:
        """The outputs under one key."""
        return list(self._entries.get((rule, key), ()))

    def entries(self, rule: int) -> Iterator[tuple[Key, Key, frozenset[RowKey]]]:
        """Every entry of a lookup rule: its key, its outputs, and the source rows that made it."""
        for (number, key), found in self._entries.items():
            if number == rule:
                yield from ((key, outputs, frozenset(rows)) for outputs, rows in found.items())

    def evaluations(self) -> Mapping[RowKey, Evaluation]:
        """Where each source row is: its buckets, and the row as it syncs there."""
        return self._evaluations

    def _remember(self, row_key: RowKey, change: Change, touched: dict[LookupKey, frozenset[Key]]) -> None:
        lookups = self.rules.program.lookups(change.table, change.row)
        evaluation = self.rules.program.evaluate(change.table, change.row)
        made = tuple(((entry.rule, entry.key), entry.outputs) for entry in lookups.entries)
        for key, outputs in made:
            touched.setdefault(key, frozenset(self._entries.get(key, ())))
            self._entries.setdefault(key, {}).setdefault(outputs, set()).add(row_key)
        self._made[row_key] = made
        self._evaluations[row_key] = evaluation
        errors = lookups.errors + evaluation.errors
        if errors:
            self.errors[row_key] = errors

    def _forget(self, row_key: RowKey) -> None:
        self._evaluations.pop(row_key, None)
        self.errors.pop(row_key, None)
        for key, outputs in self._made.pop(row_key, ()):
            holders = self._entries[key][outputs]
            holders.discard(row_key)
            if not holders:
                del self._entries[key][outputs]
            if not self._entries[key]:
                del self._entries[key]


def _table(table: str | SourceTable) -> SourceTable:
    return table if isinstance(table, SourceTable) else SourceTable.parse(table)
