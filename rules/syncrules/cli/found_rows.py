"""What a request gets, from wherever rows come: files, a live database, a filled store, or nowhere."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from syncrules.cli.database_option import opened, rows_of
from syncrules.cli.problem import Problem
from syncrules.cli.store_option import filled
from syncrules.engine.found import RowError
from syncrules.engine.table import SourceTable
from syncrules.resolve.limits import LimitExceeded
from syncrules.resolve.request import Request
from syncrules.resolve.resolution import Resolution
from syncrules.resolve.rules import Rules
from syncrules.sources.files import RowsError, read_changes
from syncrules.stores.change import Change, RowKey
from syncrules.stores.memory import MemoryStore
from syncrules.stores.protocol import Store


@dataclass(frozen=True, slots=True)
class Found:
    """A resolution; how many rows of which tables are in each bucket (None if rows are not known); rules that failed."""

    resolution: Resolution
    rows: dict[str, Counter[str]] | None
    row_errors: tuple[str, ...]


def from_files(rules: Rules, request: Request, data: Path | None) -> Found:
    """From the rows in a file or a folder, or from none. Raises Problem."""
    store = MemoryStore(rules)
    try:
        changes = [] if data is None else list(read_changes(data))
    except RowsError as error:
        raise Problem(error.code, str(error)) from None
    store.apply(changes)
    resolution = _resolved(rules, request, store)
    rows, errors = _counted(rules, resolution, changes)
    return Found(resolution, rows, (*_told(store.errors.items()), *errors))


def from_database(rules: Rules, request: Request, url: str, timeout: int, maximum: int) -> Found:
    """From a live database, as of one moment: first what is looked up, then the rows of the buckets.

    Only entries of lookups stay in memory. Raises Problem, also where more than `maximum` rows are read.
    """
    store = MemoryStore(rules)
    with opened(url, rules.plan, timeout) as taken:
        budget = _Budget(maximum)
        looked_up = [table for table in taken.tables if rules.program.lookup_rules(table.table)]
        store.fill(budget.spent_on(rows_of(taken, looked_up)), taken.position)
        resolution = _resolved(rules, request, store)
        synced = [table for table in taken.tables if _feeds(rules, table.table, resolution)]
        rows, errors = _counted(rules, resolution, budget.spent_on(rows_of(taken, synced)))
    return Found(resolution, rows, (*_told(store.errors.items()), *errors))


def from_store(rules: Rules, request: Request, place: str) -> Found:
    """From a store that was filled before: which buckets, but not what is in them. Raises Problem."""
    with filled(place, rules) as store:
        return Found(_resolved(rules, request, store), None, ())


@dataclass(slots=True)
class _Budget:
    """How many rows may still be read."""

    left: int

    def spent_on(self, changes: Iterable[Change]) -> Iterator[Change]:
        for change in changes:
            self.left -= 1
            if self.left < 0:
                instead = "fill a store with `syncrules snapshot` and use `--store`, or raise `--max-rows`"
                raise Problem("max-rows", f"the database has more rows than `--max-rows` allows: {instead}")
            yield change


def _resolved(rules: Rules, request: Request, store: Store) -> Resolution:
    try:
        return rules.resolve(request, store)
    except LimitExceeded as error:
        raise Problem(error.code, str(error)) from None


def _feeds(rules: Rules, table: SourceTable, resolution: Resolution) -> bool:
    """Whether rows of a table can be in one of the buckets."""
    names = {rules.plan.buckets[rule.bucket].name for rule in rules.program.row_rules(table).values()}
    return any(bucket.id.startswith(f"{name}[") for bucket in resolution.buckets for name in names)


def _counted(
    rules: Rules, resolution: Resolution, changes: Iterable[Change]
) -> tuple[dict[str, Counter[str]], list[str]]:
    rows: dict[str, Counter[str]] = {bucket.id: Counter() for bucket in resolution.buckets}
    errors: list[str] = []
    for change in changes:
        evaluation = rules.program.evaluate(change.table, change.row)
        for row in evaluation.rows:
            if row.bucket in rows:
                rows[row.bucket][row.table] += 1
        if evaluation.errors:
            errors += _told([((change.table, change.key), evaluation.errors)])
    return rows, errors


def _told(errors: Iterable[tuple[RowKey, tuple[RowError, ...]]]) -> list[str]:
    return [
        f"{table.schema}.{table.name}, row {key}: {error.message}" for (table, key), found in errors for error in found
    ]
