"""What a store in a database does, without a database: generators that ask for statements to be run.

A step is a `Query`, answered with its rows, or `Rows` to add, answered with none. A driver runs a whole generator in one
transaction; see `sqlite.py` and `postgres.py`.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeVar, cast

from syncrules.engine.found import Answers, Key, LookupKey, RowError
from syncrules.stores.change import Change, RowKey
from syncrules.stores.digest import lookups_digest
from syncrules.stores.encoding import decoded, hashed, key_text, outputs_text, row_text
from syncrules.stores.protocol import (
    Applied,
    CheckpointError,
    HasProgram,
    State,
    StoreError,
    StoreMismatchError,
)
from syncrules.stores.statements import CHANGE_COLUMNS, ENTRY_COLUMNS, FORMAT, Statements
from syncrules.values.value import INTEGER_MAXIMUM


class Query(NamedTuple):
    """A statement with its parameters: texts, numbers, None, or lists of numbers."""

    sql: str
    parameters: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to add to a table."""

    table: Literal["entries", "changes"]
    columns: Sequence[str]
    rows: Sequence[tuple[object, ...]]


Row = tuple[object, ...]
T = TypeVar("T")
Script = Generator[Query | Rows, Sequence[Row], T]

_AT_ONCE: Final = 10_000
"""Source rows that are written at once while a store is filled."""

_Entry = tuple[int, str, str]
"""The rule, the key and the outputs of an entry, as the table has them."""


@dataclass(frozen=True, slots=True)
class _Evaluated:
    """What a batch leaves: by row, its entries, and what could not be evaluated."""

    entries: Mapping[str, Sequence[_Entry]]
    errors: Mapping[RowKey, tuple[RowError, ...]]


@dataclass(frozen=True, slots=True)
class Entries:
    """The scripts of one store: `where` names it in messages, `history` is how many checkpoints can be read."""

    rules: HasProgram
    statements: Statements
    where: str
    history: int
    digest: str

    @classmethod
    def of(cls, rules: HasProgram, statements: Statements, where: str, history: int) -> "Entries":
        """The scripts for compiled rules."""
        return cls(rules, statements, where, history, lookups_digest(rules.program.plan))

    def open(self) -> Script[None]:
        """Makes the tables, or brings them to the form of this version. Raises StoreError, StoreMismatchError."""
        yield Query(self.statements.make_format)
        numbers = [cast("int", number) for (number,) in (yield Query(self.statements.format))]
        number = max(numbers, default=0)
        if number > FORMAT:
            message = (
                f"{self.where} was made by a newer version of syncrules (format {number}, this one reads {FORMAT})"
            )
            raise StoreError(message)
        for steps in self.statements.migrations[number:]:
            for step in steps:
                yield Query(step)
        if number < FORMAT:
            yield Query(self.statements.set_format, {"number": FORMAT})
        if not (yield Query(self.statements.state)):
            yield Query(self.statements.begin, {"digest": self.digest})
        digest, checkpoint, *_ = (yield Query(self.statements.locked_state))[0]
        if digest != self.digest and checkpoint == 0:
            yield self._set_state(State(0, 0, None))
        elif digest != self.digest:
            raise StoreMismatchError(self.where)

    def state(self) -> Script[State]:
        """Where the store is. Raises StoreMismatchError."""
        return self._state((yield Query(self.statements.state)))

    def lookup(self, keys: Sequence[LookupKey], checkpoint: int | None) -> Script[tuple[int, Answers]]:
        """What is under the keys, and the checkpoint it was read at. Raises CheckpointError, StoreMismatchError."""
        asked = {(rule, key_text(key)): (rule, key) for rule, key in keys}
        places = list({hashed(*place) for place in asked})
        at = _possible(checkpoint)
        if len(places) == 1:
            rows = yield Query(self.statements.lookup_one, {"place": places[0], "checkpoint": at})
        else:
            rows = yield Query(self.statements.lookup, {"places": places, "checkpoint": at})
        read_at = self._read_at(rows, checkpoint)
        found: dict[LookupKey, dict[Key, int]] = {}
        for rule, text, outputs, count, _ in cast("Sequence[tuple[int, str, str, int, int]]", rows):
            key = asked.get((rule, text))
            if key is not None:
                under, values = found.setdefault(key, {}), decoded(outputs)
                under[values] = under.get(values, 0) + count
        return read_at, found

    def changes_since(self, checkpoint: int) -> Script[frozenset[LookupKey]]:
        """The keys whose answers changed after a checkpoint. Raises CheckpointError, StoreMismatchError."""
        rows = yield Query(self.statements.changes_since, {"checkpoint": _possible(checkpoint)})
        self._read_at([(rule, text, None, now, horizon) for rule, text, now, horizon in rows], checkpoint)
        return frozenset(
            (rule, decoded(key)) for rule, key, _, _ in cast("list[tuple[int, str, int, int]]", rows) if rule >= 0
        )

    def apply(self, changes: Iterable[Change], position: str | None) -> Script[Applied]:
        """Takes a batch in as a new checkpoint. Raises StoreMismatchError."""
        batch = self._evaluated(changes)
        state = self._state((yield Query(self.statements.locked_state)))
        checkpoint = state.checkpoint + 1
        growth = yield from self._replace(batch, checkpoint)
        changed = yield from self._changed(growth)
        yield Rows("changes", CHANGE_COLUMNS, [(checkpoint, rule, key) for rule, key in changed])
        horizon = max(state.horizon, checkpoint - self.history)
        yield self._set_state(State(checkpoint, horizon, position))
        for statement in self.statements.prune:
            yield Query(statement, {"horizon": horizon})
        for statement in self.statements.tell:
            yield Query(statement)
        return Applied(checkpoint, frozenset((rule, decoded(key)) for rule, key in changed), batch.errors)

    def fill(self, changes: Iterable[Change], position: str | None) -> Script[Applied]:
        """Holds exactly these rows as a new checkpoint, the only one that can be read. Raises StoreMismatchError."""
        checkpoint = self._state((yield Query(self.statements.locked_state))).checkpoint + 1
        for statement in self.statements.clear:
            yield Query(statement)
        errors: dict[RowKey, tuple[RowError, ...]] = {}
        source = iter(changes)
        while some := list(islice(source, _AT_ONCE)):
            for row_key in (row_key for change in some for row_key in change.replaced):
                errors.pop(row_key, None)
            batch = self._evaluated(some)
            errors |= batch.errors
            yield from self._replace(batch, checkpoint)
        yield self._set_state(State(checkpoint, checkpoint, position))
        for statement in self.statements.prune:
            yield Query(statement, {"horizon": checkpoint})
        for statement in self.statements.tell:
            yield Query(statement)
        return Applied(checkpoint, None, errors)

    def _evaluated(self, changes: Iterable[Change]) -> _Evaluated:
        entries: dict[str, Sequence[_Entry]] = {}
        errors: dict[RowKey, tuple[RowError, ...]] = {}
        for change in changes:
            for row_key in change.replaced:
                entries[row_text(row_key)] = ()
                errors.pop(row_key, None)
            if change.operation == "put":
                found = self.rules.program.lookups(change.table, change.row)
                distinct = {(entry.rule, entry.key, entry.outputs): None for entry in found.entries}
                entries[row_text((change.table, change.key))] = [
                    (rule, key_text(key), outputs_text(outputs)) for rule, key, outputs in distinct
                ]
                if found.errors:
                    errors[change.table, change.key] = found.errors
        return _Evaluated(entries, errors)

    def _replace(self, batch: _Evaluated, checkpoint: int) -> Script[Counter[_Entry]]:
        """Removes what the batch's rows gave and adds what they give now: by how much the count of each entry grew."""
        sources = {hashed(row) for row in batch.entries}
        lacking = {row: Counter(entries) for row, entries in batch.entries.items()}
        gone: dict[int, _Entry] = {}
        live = yield Query(self.statements.live_of_sources, {"sources": sorted(sources)})
        for number, row, *parts in cast("Sequence[tuple[int, str, int, str, str]]", live):
            entry = cast("_Entry", tuple(parts))
            if row in lacking:
                if lacking[row][entry] > 0:
                    lacking[row][entry] -= 1
                else:
                    gone[number] = entry
        added = [(row, entry) for row, entries in lacking.items() for entry in entries.elements()]
        if gone:
            yield Query(self.statements.remove, {"checkpoint": checkpoint, "ids": sorted(gone)})
        yield Rows(
            "entries",
            ENTRY_COLUMNS,
            [(hashed(*entry[:2]), hashed(*entry), *entry, hashed(row), row, checkpoint) for row, entry in added],
        )
        growth = Counter(entry for _, entry in added)
        growth.subtract(gone.values())
        return growth

    def _changed(self, growth: Counter[_Entry]) -> Script[Sequence[tuple[int, str]]]:
        """The keys whose set of outputs is another one now."""
        grown = {entry: more for entry, more in growth.items() if more}
        if not grown:
            return ()
        pairs = [[hashed(*entry[:2]), hashed(*entry)] for entry in grown]
        places, entries = [place for place, _ in pairs], [entry for _, entry in pairs]
        live = yield Query(self.statements.live_of_entries, {"pairs": pairs, "places": places, "entries": entries})
        now = {cast("_Entry", tuple(entry)): cast("int", count) for *entry, count in live}
        held = {entry: now.get(entry, 0) for entry in grown}
        changed = {entry[:2]: None for entry, more in grown.items() if (held[entry] > 0) != (held[entry] > more)}
        return list(changed)

    def _state(self, rows: Sequence[Row]) -> State:
        digest, checkpoint, horizon, position = cast("tuple[str, int, int, str | None]", rows[0])
        if digest != self.digest:
            raise StoreMismatchError(self.where)
        return State(checkpoint, horizon, position)

    def _read_at(self, rows: Sequence[Row], checkpoint: int | None) -> int:
        """The checkpoint that rows were read at, from the first kind of row that a read returns."""
        (state,) = [row for row in rows if row[0] == -1]
        _, digest, _, now, horizon = cast("tuple[int, str, None, int, int]", state)
        if digest != self.digest:
            raise StoreMismatchError(self.where)
        at = now if checkpoint is None else checkpoint
        if not horizon <= at <= now:
            raise CheckpointError(at, horizon, now)
        return at

    def _set_state(self, state: State) -> Query:
        values = {"checkpoint": state.checkpoint, "horizon": state.horizon, "position": state.position}
        return Query(self.statements.set_state, {"digest": self.digest, **values})


def _possible(checkpoint: int | None) -> int | None:
    """A checkpoint as a column can hold it: what is beyond that is refused for what it is."""
    return None if checkpoint is None else max(-1, min(checkpoint, INTEGER_MAXIMUM))
