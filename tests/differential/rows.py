"""The same rows in SQLite and in a store. SQLite reads tables through views, whose columns bring no affinity."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import apsw

from syncrules import Change
from tests.differential.queries import COLUMNS, WILD

Row = dict[str, Any]
Data = Mapping[str, list[Row]]


def database(data: Data) -> apsw.Connection:
    """A database of the tables, and one that is the wildcard table."""
    found = apsw.Connection(":memory:")
    for table, rows in data.items():
        found.execute(f"CREATE TABLE stored_{table} (id, {', '.join(COLUMNS)}, j)")
        columns = ", ".join(f"+{name} AS {name}" for name in ("id", *COLUMNS, "j"))
        found.execute(f"CREATE VIEW {table} AS SELECT {columns} FROM stored_{table}")
        for number, row in enumerate(rows):
            values = list(stored(table, number, row).values())
            found.execute(f"INSERT INTO stored_{table} VALUES (?, ?, ?, ?, ?)", values)
    wild = [f"SELECT *, '{table[2:]}' AS suffix FROM {table}" for table in WILD if table in data]
    if wild:
        found.execute(f'CREATE VIEW "w_%" AS {" UNION ALL ".join(wild)}')
    return found


def stored(table: str, number: int, row: Row) -> Row:
    """A row as its table holds it."""
    array = None if row["j"] is None else json.dumps(row["j"])
    return {"id": f"{table}{number}", **{name: row[name] for name in COLUMNS}, "j": array}


def changes(data: Data) -> Iterator[Change]:
    """The rows as they are written to a store."""
    for table, rows in data.items():
        for number, row in enumerate(rows):
            yield Change.put(table, stored(table, number, row))
