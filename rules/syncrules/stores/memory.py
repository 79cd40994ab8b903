"""A store in memory: for tests, for data that fits, and for whoever wants to see how a store works."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from syncrules.engine.found import Answers, Found, Key, LookupEvaluation, LookupKey, RowError
from syncrules.stores.change import Change, RowKey
from syncrules.stores.protocol import Applied, CheckpointError, HasProgram, State
from syncrules.values.frozen import through_slots

Counts = dict[Key, int]
_Made = tuple[tuple[LookupKey, Key], ...]


@dataclass(frozen=True, slots=True)
class _Past:
    """A batch that was applied: by how much each count grew, and the keys whose answers changed."""

    grown: dict[LookupKey, Counts]
    changed: frozenset[LookupKey]


@dataclass(slots=True)
class MemoryStore:
    """Lookup entries of the source rows it was given, counted, because two rows may give one.

    Made for compiled rules (`MemoryStore(rules)`), whose plan decides what it keeps. The last `history` checkpoints can
    be read. `errors` holds what could not be evaluated, by row.
    """

    rules: HasProgram
    history: int = 1000
    errors: dict[RowKey, tuple[RowError, ...]] = field(default_factory=dict)
    checkpoint: int = field(default=0, init=False)
    _position: str | None = None
    _entries: dict[LookupKey, Counts] = field(default_factory=dict)
    _made: dict[RowKey, _Made] = field(default_factory=dict)
    _past: deque[_Past] = field(default_factory=deque)

    def at(self, checkpoint: int | None = None) -> "MemoryView":
        """The store as of a checkpoint, or of the last one."""
        return MemoryView(self, self.checkpoint if checkpoint is None else checkpoint)

    def state(self) -> State:
        """Where the store is."""
        return State(self.checkpoint, self.checkpoint - len(self._past), self._position)

    def apply(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Takes a batch of changes in, as a new checkpoint."""
        evaluated = [(change, self._evaluated(change)) for change in changes]
        grown: dict[LookupKey, Counts] = {}
        errors: dict[RowKey, tuple[RowError, ...]] = {}
        for change, evaluation in evaluated:
            self._write(change, evaluation, errors, grown)
        self.checkpoint, self._position = self.checkpoint + 1, position
        changed = frozenset(key for key, counts in grown.items() if self._is_changed(key, counts))
        self._past.append(_Past(grown, changed))
        if len(self._past) > self.history:
            self._past.popleft()
        return Applied(self.checkpoint, changed, errors)

    def fill(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Holds exactly these source rows from now on. If reading them fails, the store holds what came before that."""
        for held in (self._entries, self._made, self._past, self.errors):
            held.clear()
        self.checkpoint, self._position = self.checkpoint + 1, position
        errors: dict[RowKey, tuple[RowError, ...]] = {}
        for change in changes:
            self._write(change, self._evaluated(change), errors, {})
        return Applied(self.checkpoint, None, errors)

    def changes_since(self, checkpoint: int) -> frozenset[LookupKey]:
        """The keys whose answers changed after a checkpoint. Raises CheckpointError."""
        return frozenset().union(*(past.changed for past in self.past_since(checkpoint)))

    def close(self) -> None:
        """There is nothing to end."""

    def current(self, key: LookupKey) -> Counts:
        """The outputs under a key, each with the number of source rows that give it."""
        return self._entries.get(key, {})

    def past_since(self, checkpoint: int) -> Sequence[_Past]:
        """What happened after a checkpoint. Raises CheckpointError."""
        state = self.state()
        if not state.horizon <= checkpoint <= state.checkpoint:
            raise CheckpointError(checkpoint, state.horizon, state.checkpoint)
        return [self._past[place] for place in range(checkpoint - state.horizon, len(self._past))]

    def outputs(self, rule: int, key: Key) -> Sequence[Key]:
        """The outputs under one key."""
        return list(self.current((rule, key)))

    def entries(self, rule: int) -> Iterator[tuple[Key, Key, frozenset[RowKey]]]:
        """Every entry of a lookup rule: its key, its outputs, and the source rows that made it."""
        holders: dict[tuple[Key, Key], set[RowKey]] = {}
        for row_key, made in self._made.items():
            for (number, key), outputs in made:
                if number == rule:
                    holders.setdefault((key, outputs), set()).add(row_key)
        yield from ((key, outputs, frozenset(rows)) for (key, outputs), rows in holders.items())

    def _evaluated(self, change: Change) -> LookupEvaluation:
        if change.operation == "delete":
            return LookupEvaluation((), ())
        return self.rules.program.lookups(change.table, change.row)

    def _write(
        self,
        change: Change,
        evaluation: LookupEvaluation,
        errors: dict[RowKey, tuple[RowError, ...]],
        grown: dict[LookupKey, Counts],
    ) -> None:
        for row_key in change.replaced:
            self.errors.pop(row_key, None)
            errors.pop(row_key, None)
            for key, outputs in self._made.pop(row_key, ()):
                self._count(key, outputs, -1, grown)
        row_key = (change.table, change.key)
        made = tuple({((entry.rule, entry.key), entry.outputs): None for entry in evaluation.entries})
        for key, outputs in made:
            self._count(key, outputs, 1, grown)
        if made:
            self._made[row_key] = made
        if evaluation.errors:
            self.errors[row_key] = errors[row_key] = evaluation.errors

    def _count(self, key: LookupKey, outputs: Key, more: int, grown: dict[LookupKey, Counts]) -> None:
        counts = self._entries.setdefault(key, {})
        growth = grown.setdefault(key, {})
        growth[outputs] = growth.get(outputs, 0) + more
        counts[outputs] = counts.get(outputs, 0) + more
        if not counts[outputs]:
            del counts[outputs]
            if not counts:
                del self._entries[key]

    def _is_changed(self, key: LookupKey, growth: Counts) -> bool:
        counts = self.current(key)
        return any((outputs in counts) != (counts.get(outputs, 0) > more) for outputs, more in growth.items())


@through_slots
@dataclass(frozen=True, slots=True)
class MemoryView:
    """A store in memory, as of one checkpoint."""

    store: MemoryStore
    checkpoint: int

    def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        """What is under each of the keys. Raises CheckpointError."""
        store = self.store
        if self.checkpoint == store.checkpoint:
            return {key: store.current(key).copy() for key in keys}
        later = store.past_since(self.checkpoint)
        return {key: _without(store.current(key), [past.grown.get(key, {}) for past in later]) for key in keys}


def _without(now: Found, growths: Sequence[Counts]) -> Counts:
    """The counts before they grew."""
    before = dict(now)
    for growth in growths:
        for outputs, more in growth.items():
            before[outputs] = before.get(outputs, 0) - more
    return {outputs: count for outputs, count in before.items() if count}
