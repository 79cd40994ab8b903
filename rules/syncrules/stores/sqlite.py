"""A store in an SQLite file: what a server on one machine keeps its lookups in.

The file is in WAL mode: a batch is there wholly or not at all, whenever the process ends, and who reads waits for
nobody. With `synchronous = NORMAL`, a power cut may lose the last batches, but never half of one.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Self, TypeVar

from syncrules.engine.found import Answers, LookupKey
from syncrules.stores.change import Change
from syncrules.stores.entries import Entries, Query, Row, Rows, Script
from syncrules.stores.protocol import Applied, HasProgram, State, StoreError
from syncrules.stores.statements import SQLITE, Statements

T = TypeVar("T")


class SqliteStore:
    """Lookup entries of the source rows it was given, in a file.

    Made for compiled rules, as a MemoryStore is: `SqliteStore(rules, "lookups.sqlite")`. A file that was made for other
    lookups is refused. Threads take turns; several stores, in several processes too, can be open on one file. Waits
    up to `timeout` seconds for another writer. The last `history` checkpoints can be read. Close it, or use it as a
    context manager. Raises StoreError, StoreMismatchError.
    """

    def __init__(self, rules: HasProgram, path: str | Path, *, history: int = 1000, timeout: float = 5.0) -> None:
        self.rules = rules
        self.path = str(path)
        self._entries = Entries.of(rules, Statements.of(SQLITE), self.path, history)
        self._lock = RLock()
        with self._errors():
            self._connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
        try:
            with self._errors():
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = NORMAL")
            self._written(self._entries.open())
        except BaseException:
            self._connection.close()
            raise

    def at(self, checkpoint: int | None = None) -> "SqliteView":
        """The store as of a checkpoint, or of the last one."""
        return SqliteView(self, checkpoint)

    def state(self) -> State:
        """Where the store is. Raises StoreError."""
        return self._read(self._entries.state())

    def apply(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Takes a batch of changes in, as a new checkpoint, in one transaction. Raises StoreError."""
        return self._written(self._entries.apply(changes, position))

    def fill(self, changes: Iterable[Change], position: str | None = None) -> Applied:
        """Holds exactly these source rows from now on, in one transaction. Raises StoreError."""
        return self._written(self._entries.fill(changes, position))

    def changes_since(self, checkpoint: int) -> frozenset[LookupKey]:
        """The keys whose answers changed after a checkpoint. Raises CheckpointError, StoreError."""
        return self._read(self._entries.changes_since(checkpoint))

    def lookup(self, keys: Sequence[LookupKey], checkpoint: int | None) -> tuple[int, Answers]:
        """What is under the keys, and the checkpoint it was read at. Raises CheckpointError, StoreError."""
        return self._read(self._entries.lookup(keys, checkpoint))

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, script: Script[T]) -> T:
        """Runs a script of one statement, which needs no transaction to see one moment."""
        with self._lock:
            try:
                return self._run(script)
            except sqlite3.Error as error:
                raise StoreError(f"{self.path}: {error}") from error

    def _written(self, script: Script[T]) -> T:
        with self._lock, self._errors(), self._transaction():
            return self._run(script)

    def _run(self, script: Script[T]) -> T:
        rows: Sequence[Row] = ()
        try:
            step = next(script)
            while True:
                rows = self._done(step)
                step = script.send(rows)
        except StopIteration as finished:
            result: T = finished.value
            return result

    def _done(self, step: Query | Rows) -> Sequence[Row]:
        match step:
            case Query(sql, parameters):
                return self._connection.execute(sql, _plain(parameters)).fetchall()
            case Rows(table, columns, rows):
                marks = ", ".join("?" * len(columns))
                sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 (names of our own)
                self._connection.executemany(sql, rows)
                return ()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            message = f"{self.path}: {error}"
            raise StoreError(message) from error


class SqliteView:
    """A store in an SQLite file, as of one checkpoint."""

    def __init__(self, store: SqliteStore, checkpoint: int | None) -> None:
        self._store = store
        self.checkpoint = checkpoint

    def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        """What is under each of the keys, in one read. Raises CheckpointError, StoreError."""
        self.checkpoint, answers = self._store.lookup(keys, self.checkpoint)
        return answers


def _plain(parameters: Mapping[str, object]) -> dict[str, object]:
    """Lists of numbers as JSON, which Python writes them as."""
    return {name: str(value) if type(value) is list else value for name, value in parameters.items()}
