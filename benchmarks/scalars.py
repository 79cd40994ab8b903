"""What scalar expressions cost, family by family: `python -m benchmarks.scalars` (needs the `dev` extra).

Each expression is evaluated on one row by the engine, under both semantics, and by a real SQLite on the same
values bound as parameters. A figure is the best of nine rounds, in microseconds a call, less what the same
call costs without the expression. Values under `sqlite` are compared with SQLite's before anything is timed.
"""

import json
import timeit
from collections.abc import Callable
from typing import Final

import apsw

from syncrules import Rules, Semantics
from syncrules.engine.table import SourceTable

TABLE: Final = SourceTable("t")
ROW: Final = {
    "id": "r",
    "name": "Ada Lovelace",
    "n": 42,
    "r": 2.5,
    "digits": "1815",
    "at": "2027-06-05T04:03:02Z",
    "blob": b"bees",
    "meta": '{"status": "open", "n": 1, "tags": ["a", "b"]}',
}
FAMILIES: Final = {
    "arithmetic": ("n + 1", "n * r", "n % 5", "n << 2", "digits + n"),
    "comparison": ("n = 42", "name < 'B'", "n BETWEEN 1 AND 50", "r != n"),
    "logic": ("n = 42 AND r > 1", "NOT n", "name IS NULL", "CASE WHEN n > 50 THEN 'a' ELSE name END"),
    "conversion": ("CAST(n AS text)", "CAST(digits AS integer)", "CAST(r AS text)", "typeof(n)"),
    "text": ("name || '-' || digits", "lower(name)", "length(name)", "substring(name, 2, 3)", "hex(blob)"),
    "JSON": ("meta ->> 'status'", "meta ->> '$.tags[1]'", "meta -> 'tags'", "json_array_length(meta, '$.tags')"),
    "dates": ("unixepoch(at)", "datetime(at)"),
    "a typical key": ("lower(name) || '-' || (meta ->> '$.status')",),
}
CALLS: Final = 5_000
ROUNDS: Final = 9


def microseconds(call: Callable[[], object]) -> float:
    """The time of one call at its best, in microseconds."""
    return min(timeit.repeat(call, number=CALLS, repeat=ROUNDS)) / CALLS * 1e6


def engine_call(expression: str | None, semantics: Semantics) -> Callable[[], object]:
    """Evaluates the row with the expression, or without any."""
    columns = "id" if expression is None else f"id, {expression} AS x"
    query = json.dumps(f"SELECT {columns} FROM t")
    text = f"config: {{edition: 3}}\nstreams: {{s: {{auto_subscribe: true, query: {query}}}}}\n"
    program = Rules.from_text(text, semantics=semantics).program
    return lambda: program.evaluate(TABLE, ROW)


def sqlite_call(expression: str | None) -> Callable[[], object]:
    """The same in SQLite: one execution of a prepared statement that reads the row's values."""
    cursor = apsw.Connection(":memory:").cursor()
    columns = ", ".join(f"?{place} AS {name}" for place, name in enumerate(ROW, 1))
    query = f"SELECT id{'' if expression is None else f', {expression} AS x'} FROM (SELECT {columns})"
    values = tuple(ROW.values())
    return lambda: next(cursor.execute(query, values))


def engine_value(expression: str) -> object:
    """The engine's value under `sqlite`."""
    evaluation = engine_call(expression, Semantics.SQLITE)()
    return evaluation.rows[0].data["x"]  # type: ignore[attr-defined]


def main() -> None:
    """Prints the table. SQLite's figures are its own time, in C; the last lines say what a call costs besides."""
    base = {semantics: microseconds(engine_call(None, semantics)) for semantics in Semantics}
    sqlite_base = microseconds(sqlite_call(None))
    print(f"{'µs a call':<50}{'sqlite':>10}{'powersync':>11}{'SQLite':>9}{'SQLite/ours':>13}")
    for family, expressions in FAMILIES.items():
        print(family)
        for expression in expressions:
            wanted = sqlite_call(expression)()[1]  # type: ignore[index]
            assert engine_value(expression) == wanted, (expression, engine_value(expression), wanted)
            ours = {s: microseconds(engine_call(expression, s)) - base[s] for s in Semantics}
            theirs = microseconds(sqlite_call(expression)) - sqlite_base
            ratio = theirs / ours[Semantics.SQLITE]
            figures = f"{ours[Semantics.SQLITE]:>10.2f}{ours[Semantics.POWERSYNC]:>11.2f}{theirs:>9.2f}{ratio:>13.2f}"
            print(f"  {expression:<48}{figures}")
    print(
        f"\n  {'the rest of the call':<48}{base[Semantics.SQLITE]:>10.2f}{base[Semantics.POWERSYNC]:>11.2f}{sqlite_base:>9.2f}"
    )
    parsing = microseconds(lambda: json.loads(str(ROW["meta"])))
    print(f"  {'for comparison: json.loads(meta)':<48}{parsing:>10.2f}")


if __name__ == "__main__":
    main()
