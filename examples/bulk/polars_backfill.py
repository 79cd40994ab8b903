"""A store filled from a Parquet file with Polars: `python polars_backfill.py RULES TABLE IN.parquet STORE`.

STORE is an SQLite file, or the URL of a PostgreSQL database: the shared index, beside which any number of resolvers answer
without data of their own. Polars reads only the columns that the lookups read, and leaves out the rows of no use to them.
"""

import sys
from collections.abc import Iterator

import polars as pl

import syncrules
from syncrules.plan.expression import Column, leaves
from syncrules.plan.reading import expressions_of


def columns_read(rules: syncrules.Rules, table: syncrules.SourceTable) -> list[str]:
    """The columns that lookups read of a table, and its primary key."""
    lookups = rules.program.lookup_rules(table).values()
    read = [each for rule in lookups for each in (*rule.keys, *rule.outputs, *expressions_of(rule.steps))]
    named = {leaf.name for each in read for leaf in leaves(each) if isinstance(leaf, Column) and leaf.source == 0}
    return sorted({"id", *named})


def changes(rules: syncrules.Rules, table: str, source: str) -> Iterator[syncrules.Change]:
    """Every row, as a change."""
    frame = pl.scan_parquet(source)
    wanted = [
        name for name in columns_read(rules, syncrules.SourceTable.parse(table)) if name in frame.collect_schema()
    ]
    for batch in frame.select(wanted).collect(engine="streaming").to_arrow().to_batches(100_000):
        yield from rules.batch_changes(table, batch)


def main(rules_file: str, table: str, source: str, where: str) -> None:
    """Fills the store."""
    rules = syncrules.load(rules_file)
    store = syncrules.PostgresStore(rules, where) if "://" in where else syncrules.SqliteStore(rules, where)
    with store:
        applied = store.fill(changes(rules, table, source), position=source)
    print(f"checkpoint {applied.checkpoint}, {len(applied.errors)} rows that could not be evaluated")


if __name__ == "__main__":
    main(*sys.argv[1:])
