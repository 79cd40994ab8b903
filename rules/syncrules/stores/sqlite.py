"""A store in an SQLite file: what a server with one machine keeps its lookups in.

Each entry is kept with the source row that made it. The file is in WAL mode: a change is there wholly or not at all,
whenever the process ends.
"""

import hashlib
import json
import sqlite3
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, Self

from syncrules.plan.json_form import plan_to_json
from syncrules.stores.memory import Change, HasProgram
from syncrules.stores.protocol import Key, LookupKey
from syncrules.values.value import SqlValue

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS plan (digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
  rule INTEGER NOT NULL, key TEXT NOT NULL, outputs TEXT NOT NULL, source TEXT NOT NULL,
  PRIMARY KEY (rule, key, outputs, source)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_source ON entries (source);
"""
_AT_ONCE: Final = 400
"""Keys of one statement: SQLite takes a limited number of parameters."""


class StoreMismatchError(Exception):
    """A store file was made for another plan: its entries mean something else."""


class SqliteStore:
    """Lookup entries of the source rows it was given, in a file.

    Made for compiled rules, as a MemoryStore is; a file that was made for another plan is refused. Used from one
    thread at a time. Close it, or use it as a context manager.
    """

    def __init__(self, rules: HasProgram, path: str | Path) -> None:
        self.rules = rules
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_TABLES)
        self._check_plan(Path(path))

    def apply(self, changes: Iterable[Change]) -> frozenset[LookupKey]:
        """Takes source rows in, or out, all in one transaction; the keys whose answers changed."""
        touched: dict[LookupKey, frozenset[str]] = {}
        with self._transaction():
            for change in changes:
                source = _source(change)
                made = self._made(change)
                before = self._connection.execute(
                    "SELECT rule, key FROM entries WHERE source = ?", (source,)
                ).fetchall()
                for rule, key in [*before, *((rule, key) for rule, key, _ in made)]:
                    place = (rule, _decoded(key))
                    if place not in touched:
                        touched[place] = self._outputs(rule, key)
                self._connection.execute("DELETE FROM entries WHERE source = ?", (source,))
                self._connection.executemany(
                    "INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?)", [(*entry, source) for entry in made]
                )
            return frozenset(
                place for place, outputs in touched.items() if self._outputs(place[0], _encoded(place[1])) != outputs
            )

    def lookup(self, keys: Sequence[LookupKey]) -> dict[LookupKey, list[Key]]:
        """The outputs under each of the keys, as of one moment."""
        found: dict[LookupKey, list[Key]] = {}
        asked = {(rule, _encoded(key)): (rule, key) for rule, key in keys}
        places = list(asked)
        with self._transaction("DEFERRED"):
            for start in range(0, len(places), _AT_ONCE):
                batch = places[start : start + _AT_ONCE]
                marks = ", ".join(["(?, ?)"] * len(batch))
                rows = self._connection.execute(
                    f"SELECT DISTINCT rule, key, outputs FROM entries WHERE (rule, key) IN (VALUES {marks})",  # noqa: S608 (marks)
                    [part for place in batch for part in place],
                )
                for rule, key, outputs in rows:
                    found.setdefault(asked[rule, key], []).append(_decoded(outputs))
        return found

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _made(self, change: Change) -> list[tuple[int, str, str]]:
        if change.operation == "delete":
            return []
        entries = self.rules.program.lookups(change.table, change.row).entries
        return [(entry.rule, _encoded(entry.key), _encoded(entry.outputs, exact=True)) for entry in entries]

    def _outputs(self, rule: int, key: str) -> frozenset[str]:
        rows = self._connection.execute("SELECT outputs FROM entries WHERE rule = ? AND key = ?", (rule, key))
        return frozenset(outputs for (outputs,) in rows)

    def _check_plan(self, path: Path) -> None:
        digest = hashlib.sha256(plan_to_json(self.rules.program.plan).encode()).hexdigest()
        with self._transaction():
            row = self._connection.execute("SELECT digest FROM plan").fetchone()
            if row is None:
                self._connection.execute("INSERT INTO plan VALUES (?)", (digest,))
        if row is not None and row[0] != digest:
            self.close()
            msg = f"{path} was made for another plan: fill a new file from the source rows"
            raise StoreMismatchError(msg)

    @contextmanager
    def _transaction(self, kind: Literal["DEFERRED", "IMMEDIATE"] = "IMMEDIATE") -> Iterator[None]:
        """A transaction that writes, or (deferred) only reads, which keeps nobody from writing."""
        self._connection.execute(f"BEGIN {kind}")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


def _source(change: Change) -> str:
    table = change.table
    return json.dumps([table.tag, table.schema, table.name, _plain(change.key)])


def _plain(key: Hashable) -> object:
    """A primary key as JSON can hold it: a value, or several."""
    match key:
        case tuple():
            return ["tuple", *map(_plain, key)]
        case bytes():
            return ["bytes", key.hex()]
        case None | bool() | int() | float() | str():
            return key
        case _:
            msg = f"a {type(key).__name__} is no primary key"
            raise TypeError(msg)


def _encoded(key: Key, *, exact: bool = False) -> str:
    """Values as text: equal texts for equal keys, or, if `exact`, for values of equal storage classes only."""
    return json.dumps([_cell(value, exact=exact) for value in key])


def _cell(value: SqlValue, *, exact: bool) -> object:
    match value:
        case bytes():
            return [value.hex()]
        case float() if not exact and value.is_integer() and abs(value) < 2**63:
            return int(value)
        case _:
            return value


def _decoded(text: str) -> Key:
    return tuple(bytes.fromhex(cell[0]) if isinstance(cell, list) else cell for cell in json.loads(text))
