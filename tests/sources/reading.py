"""Rows as a snapshot gives them."""

from typing import Any

import psycopg

from syncrules import Rules
from syncrules.sources.postgres import ReadOptions, snapshot
from syncrules.stores.change import Change


def rules_about(*tables: str, edition: int = 3, config: str = "") -> Rules:
    """Rules that sync these tables whole."""
    queries = ", ".join(f"'SELECT * FROM {table}'" for table in tables)
    options = ", ".join(filter(None, [f"edition: {edition}", config]))
    if edition == 3:
        text = f"streams: {{all: {{auto_subscribe: true, queries: [{queries}]}}}}"
    else:
        text = f"bucket_definitions: {{all: {{data: [{queries}]}}}}"
    return Rules.from_text(f"config: {{{options}}}\n{text}")


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def asked(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True, options="-c TimeZone=UTC") as connection:
        return connection.execute(query.encode()).fetchall()


def read(url: str, rules: Rules, **options: Any) -> list[Change]:
    with snapshot(url, rules.plan, ReadOptions(**options)) as taken:
        return [*taken.changes()]


def notes(url: str, rules: Rules) -> tuple[str, ...]:
    with snapshot(url, rules.plan) as taken:
        return taken.notes
