"""The option `--database`: a live PostgreSQL database that rows are read from, and what is said of it on the way."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import click

from syncrules.cli.problem import Problem
from syncrules.plan.nodes import Plan
from syncrules.sources.files import RowsError
from syncrules.sources.postgres import ReadOptions, Snapshot, snapshot
from syncrules.sources.postgres_catalogue import DatabaseTable
from syncrules.sources.postgres_errors import password_of
from syncrules.stores.change import Change

DATABASE_VARIABLE: Final = "SYNCRULES_DATABASE"
DATABASE_HELP: Final = f"A live PostgreSQL database: its URL. Or set {DATABASE_VARIABLE}, which hides the password."
TIMEOUT_HELP: Final = "How long to wait for the database, each time it is asked: 60 unless said."


def database_url(given: str | None) -> str | None:
    """The URL in the option, or in the environment. A password in the option is warned of."""
    if given is not None and _password(given):
        message = f"lists of processes show the password: set {DATABASE_VARIABLE} in place of `--database`"
        click.echo(f"warning[password-visible]: {message}", err=True)
    return given or os.environ.get(DATABASE_VARIABLE) or None


def _password(url: str) -> str:
    try:
        return password_of(url)
    except RowsError as error:
        raise Problem(error.code, str(error)) from None


@contextmanager
def opened(url: str, plan: Plan, timeout: int) -> Iterator[Snapshot]:
    """The database as of now; what the rules name and it does not have is warned of. Raises Problem."""
    options = ReadOptions(connect_timeout=max(2, min(timeout, 10)), timeout=timeout)
    try:
        with snapshot(url, plan, options) as taken:
            for note in taken.notes:
                click.echo(f"warning[database-table]: {note}", err=True)
            yield taken
    except RowsError as error:
        raise Problem(error.code, str(error)) from None


def rows_of(taken: Snapshot, tables: Iterable[DatabaseTable]) -> Iterator[Change]:
    """The rows of tables; a terminal shows how far it is."""
    chosen = tuple(tables)
    changes = taken.changes(chosen)
    if not sys.stderr.isatty():
        yield from changes
        return
    estimates = [table.estimate for table in chosen]
    length = None if None in estimates else sum(rows or 0 for rows in estimates)
    with click.progressbar(
        changes, length=length or None, label="reading rows", file=sys.stderr, update_min_steps=1000
    ) as bar:
        yield from bar
