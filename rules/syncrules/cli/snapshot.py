"""`syncrules snapshot`: a live database's rows, put into a store as of one moment."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from syncrules.cli.database_option import DATABASE_HELP, TIMEOUT_HELP, database_url, opened, rows_of
from syncrules.cli.problem import Problem
from syncrules.cli.rules_file import load_rules
from syncrules.cli.store_option import STORE_VARIABLE, new_or_known
from syncrules.engine.table import SourceTable
from syncrules.resolve.rules import Rules
from syncrules.sources.postgres import Snapshot
from syncrules.sources.postgres_catalogue import DatabaseTable
from syncrules.stores.change import Change
from syncrules.stores.protocol import Applied, Store


@dataclass(frozen=True, slots=True)
class Report:
    """What was read, where the store is now, and what could not be evaluated."""

    snapshot: Snapshot
    read: tuple[DatabaseTable, ...]
    rows: Counter[SourceTable]
    applied: Applied

    @property
    def row_errors(self) -> list[str]:
        """Each rule that failed on a row, as a text."""
        return [
            f"{table.schema}.{table.name}, row {key}: {error.message}"
            for (table, key), errors in self.applied.errors.items()
            for error in errors
        ]


@click.command(name="snapshot", short_help="Put a live database's rows into a store.")
@click.argument("rules_file", metavar="RULES", type=click.Path(path_type=Path))
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@click.option("--store", metavar="FILE|URL", help=f"An SQLite file, or a PostgreSQL database. Or set {STORE_VARIABLE}.")
@click.option("--timeout", metavar="SECONDS", type=click.IntRange(1, 86_400), default=60, help=TIMEOUT_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def snapshot(
    rules_file: Path,
    database: str | None,
    store: str | None,
    timeout: int,
    as_json: bool,  # noqa: FBT001 (a flag of the command line)
) -> None:
    """Put what RULES look up in a live PostgreSQL database into a store, as of one moment.

    The database is only read, in one transaction. The store then holds this and nothing else; while it is being
    filled, and if anything fails, it answers as before. Tables that requests never look anything up in are not read.

    \b
    Examples:
      export SYNCRULES_DATABASE=postgresql://reader:secret@localhost/app
      syncrules snapshot sync.yaml --store lookups.sqlite
      syncrules resolve sync.yaml --token ada.jwt --auth auth.yaml --store lookups.sqlite

    Exit status: 0 done (also if some rows could not be evaluated), 2 bad input, or the database or the store refuse.
    """
    rules = load_rules(rules_file)
    url, place = database_url(database), store or os.environ.get(STORE_VARIABLE)
    if url is None:
        raise Problem("database-missing", "give `--database URL`, or set SYNCRULES_DATABASE")
    if place is None:
        raise Problem("store-missing", f"give `--store FILE`, or set {STORE_VARIABLE}")
    with opened(url, rules.plan, timeout) as taken, new_or_known(place, rules) as opened_store:
        report = _filled(rules, taken, opened_store)
    click.echo(json.dumps(_json(report), ensure_ascii=False, indent=2) if as_json else _text(report, place))


def _filled(rules: Rules, taken: Snapshot, store: Store) -> Report:
    read = tuple(table for table in taken.tables if rules.program.lookup_rules(table.table))
    rows: Counter[SourceTable] = Counter()

    def counted() -> Iterator[Change]:
        for change in rows_of(taken, read):
            rows[change.table] += 1
            yield change

    return Report(taken, read, rows, store.fill(counted(), taken.position))


def _json(report: Report) -> dict[str, object]:
    return {
        "tables": [
            {
                "table": f"{table.table.schema}.{table.table.name}",
                "rows": report.rows[table.table],
                "key": None if table.key is None else list(table.key),
            }
            for table in report.read
        ],
        "rows": report.rows.total(),
        "not_read": [_name(table) for table in report.snapshot.tables if table not in report.read],
        "warnings": list(report.snapshot.notes),
        "row_errors": report.row_errors,
        "checkpoint": report.applied.checkpoint,
        "position": report.snapshot.position,
    }


def _text(report: Report, place: str) -> str:
    lines = []
    for table in report.read:
        key = "without a primary key: a row is told by all its columns" if table.key is None else "by "
        lines.append(f"{_name(table)}: {_count(report.rows[table.table], 'row')}, {key}{', '.join(table.key or ())}")
    left = [_name(table) for table in report.snapshot.tables if table not in report.read]
    if left:
        lines.append(f"not read, because nothing is looked up there: {', '.join(left)}")
    where = "the store" if "://" in place else place
    lines.append(
        f"{where} holds {_count(report.rows.total(), 'row')} of {_count(len(report.read), 'table')}, "
        f"as checkpoint {report.applied.checkpoint}, position {report.snapshot.position}"
    )
    errors = report.row_errors
    if errors:
        lines.append(click.style(f"{len(errors)} could not be evaluated:", fg="red"))
        lines += [click.style(f"row not evaluated: {message}", fg="red") for message in errors]
    return "\n".join(lines)


def _name(table: DatabaseTable) -> str:
    return f"{table.table.schema}.{table.table.name}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
