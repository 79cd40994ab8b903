"""The rows that a forecast rests on: of files, of a case file, or of a live database, which is read only as far as needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from syncrules.cli.database_option import database_url, opened, rows_of
from syncrules.cli.problem import Problem
from syncrules.cli.users_option import People, column_of
from syncrules.engine.table import SourceTable
from syncrules.explain.users import tells_users
from syncrules.resolve.rules import Rules
from syncrules.sources.files import RowsError, read_changes
from syncrules.stores.change import Change


@dataclass(frozen=True, slots=True)
class Places:
    """Where rows may come from, and how far a live database is read: seconds for an answer, and rows at most."""

    data: Path | None
    database: str | None
    timeout: int
    maximum: int


def rows_for(rules: Rules, places: Places, users: str | None, given: People | None) -> Sequence[Change]:
    """The rows in files, else those that came with the users, else those of the database. Raises Problem."""
    if places.data is not None and places.database is not None:
        raise Problem("two-sources", "give one of `--data` and `--database`")
    if places.data is not None:
        try:
            return list(read_changes(places.data))
        except RowsError as error:
            raise Problem(error.code, str(error)) from None
    if given is not None and given.changes and places.database is None:
        return given.changes
    url = database_url(places.database)
    if url is not None:
        return _rows_of_database(rules, places, url, users, given)
    if given is None:
        message = "give `--data PATH` or `--database URL` with the rows, or `--people FILE` with the users"
        raise Problem("data-missing", message)
    return ()


def _rows_of_database(
    rules: Rules, places: Places, url: str, users: str | None, given: People | None
) -> Sequence[Change]:
    """The rows, as of one moment, of the tables that are looked up and of those that tell who the users are."""
    with opened(url, rules.plan, places.timeout) as taken:
        named = None if users is None else column_of({table.table for table in taken.tables}, users)[0]

        def is_read(table: SourceTable) -> bool:
            guessed = given is None and users is None and tells_users(rules.plan, table)
            return bool(rules.program.lookup_rules(table)) or table == named or guessed

        changes = rows_of(taken, [table for table in taken.tables if is_read(table.table)])
        found = list(islice(changes, places.maximum + 1))
    if len(found) > places.maximum:
        raise Problem("max-rows", f"the database has more rows than `--max-rows` allows: {places.maximum:,}")
    return found
