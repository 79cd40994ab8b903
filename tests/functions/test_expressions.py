"""27,973 expressions with the values that SQLite and the deployed service give them."""

import gzip
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncrules import Semantics
from syncrules.values import powersync
from syncrules.values.value import INTEGER_MAXIMUM, INTEGER_MINIMUM
from tests.functions.evaluate import Dropped, Failed, value_of

FILE = Path(__file__).parents[2] / "fixtures" / "conformance" / "expressions.jsonl.gz"

Line = dict[str, Any]

# Where the deployed service's value is a mistake (BUG in the language notes, part 6), SQLite's is right,
# or an error of the row where SQLite has none. Each entry: topic, expression, the clause.
MISTAKES = [
    (
        r"operator [%&|<]|operator <<|unary operators|constant arithmetic|precedence",
        r"[%&|]|<<|>>",
        "row errors for % & | and shifts",
    ),
    (
        r"operator [-+*]|constant arithmetic|literal|unary (operators|typeof)|json chains",
        r"",
        "integers beyond 64 bits stay exact",
    ),
    (
        r"cast|unary operators|conditional|in|compare constants",
        r"(?i)cast|::|numeric|integer",
        "casts floor and leave 64 bits",
    ),
    (r"is|where|conditional|logic", r"(?i)IS (NOT )?(TRUE|FALSE)", "IS TRUE compares with 1"),
    (
        r"json.*|unary operators",
        r"->|json_extract|json_array_length",
        "JavaScript members, subscripts and integers beyond 64 bits",
    ),
    (r"geometry", r"typeof\(st_x", "NaN of an empty point is no SQL value"),
    (r"substring|strings|unary substring|instr", r"substring", "a start before the text is moved to it"),
]

# Lines that are not met as they stand, with the reason.
ARGUED = [
    (r"conditional", r"^CASE (ELSE 1 )?END$", "CASE without WHEN compiles in the peer (BUG); it is no SQL"),
    (r"conditional", r"^ifnull\(1, 2, 3\)$", "the language takes more than two arguments; SQLite has no such call"),
    (r"support", r"^t\.(schema|table_name|table_suffix)\(\)$", "newer services have the table metadata functions"),
    (r"json constants", r"^json_valid", "newer services have json_valid"),
    (r"literal", r"^E'\\x41'$", "an escape of PostgreSQL that the peer's reader lacks"),
    (r"literal", r"^([tf]|unknown)$", "SQLite has no such column; here a missing column is NULL"),
    (r"support", r"^nosuch$", "SQLite has no such column; here a missing column is NULL"),
    (r"date.*", r"^unixepoch\(CAST\(d AS text\)\)$", "SQLite has no such column; here a missing column is NULL"),
]


def lines() -> Iterator[Line]:
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def topics() -> list[str]:
    return sorted({line["topic"] for line in lines()})


def ours(line: Line, semantics: Semantics) -> object:
    row = {
        name: bytes.fromhex(value["$blob"]) if isinstance(value, dict) else value for name, value in line["row"].items()
    }
    expression = f"iif({line['expr']}, 1, 0)" if "context" in line else line["expr"]
    return value_of(expression, row, semantics)


def agrees(found: object, wanted: object) -> bool:
    match wanted:
        case {"error": _}:
            at = wanted.get("at")  # type: ignore[attr-defined]
            return isinstance(found, Failed) and (at in (None, "load") or found.at == at)
        case {"$blob": _} | {"dropped": True}:
            return found is Dropped
        case {"$real": name}:
            return isinstance(found, float) and (math.isnan(found) if name == "NaN" else found == float(name))
        case str():
            return isinstance(found, str) and readable(found) == readable(wanted)
        case _:
            return type(found) is type(wanted) and found == wanted


def readable(text: str) -> str:
    """Bytes that are not UTF-8 are kept as lone surrogates, and were written down as U+FFFD."""
    return re.sub("[\udc80-\udcff]", "\ufffd", text)


def is_listed(line: Line, entries: list[tuple[str, str, str]]) -> bool:
    return any(re.fullmatch(topic, line["topic"]) and re.search(expr, line["expr"]) for topic, expr, _ in entries)


def wanted_of_sqlite(line: Line) -> object:
    """SQLite's value; precedence, and what the language refuses, are the language's."""
    refused = isinstance(line["default"], dict) and line["default"].get("at") == "compile"
    if refused:
        return line["default"]
    return line["sqlite_engine" if line["topic"] == "precedence" else "apsw"]


def is_unknown(wanted: object) -> bool:
    return isinstance(wanted, dict) and ("absent" in wanted or "clock" in wanted)


def truth_column(line: Line, value: object) -> object:
    return (1 if value == 1 else 0) if "context" in line and not isinstance(value, dict) else value


@pytest.mark.parametrize("topic", topics())
def test_sqlite_semantics_gives_sqlites_value(topic: str) -> None:
    missed = []
    for line in lines():
        wanted = truth_column(line, wanted_of_sqlite(line))
        if line["topic"] != topic or is_unknown(wanted):
            continue
        found = ours(line, Semantics.SQLITE)
        if not agrees(found, wanted) and not is_listed(line, ARGUED):
            missed.append((line["expr"], line["row"], wanted, found))
    assert missed == []


@pytest.mark.parametrize("topic", topics())
def test_powersync_semantics_gives_the_services_value_or_mends_its_mistake(topic: str) -> None:
    missed = []
    for line in lines():
        wanted = truth_column(line, line["default"])
        if line["topic"] != topic or is_unknown(wanted):
            continue
        found = ours(line, Semantics.POWERSYNC)
        if agrees(found, wanted) or is_listed(line, ARGUED):
            continue
        if is_listed(line, MISTAKES) and mends(found, line):
            continue
        missed.append((line["expr"], line["row"], wanted, found, line["apsw"]))
    assert missed == []


def mends(found: object, line: Line) -> bool:
    """Whether a value is SQLite's, or a clean error of the row, in place of the service's mistake.

    Where only the operation is mistaken, SQLite's operation on the service's own operands is meant: its
    text of numbers and BLOBs, its numbers of texts that start with a no-break space.
    """
    candidates = [truth_column(line, wanted_of_sqlite(line)), truth_column(line, line["sqlite_engine"])]
    if isinstance(found, Failed):
        return found.at == "row"
    if any(agrees(found, candidate) for candidate in candidates):
        return True
    texts = {name: powersync_text(value) for name, value in line["row"].items()}
    stripped = {
        name: value.lstrip("\u00a0") if isinstance(value, str) else value for name, value in line["row"].items()
    }
    others = [ours({**line, "row": row}, Semantics.SQLITE) for row in (line["row"], texts, stripped)]
    others += held(line["default"])
    return any(type(found) is type(other) and found == other for other in others)


def powersync_text(value: object) -> object:
    plain = bytes.fromhex(value["$blob"]) if isinstance(value, dict) else value
    return plain if plain is None or isinstance(plain, bool) else powersync.to_text(plain)  # type: ignore[arg-type]


def held(wanted: object) -> list[object]:
    """An integer beyond 64 bits, or the text of one, as SQLite would hold it: clamped, or as a REAL."""
    if isinstance(wanted, str) and re.fullmatch(r"-?\d{19,}", wanted):
        return [powersync.to_text(float(wanted))]
    if isinstance(wanted, int) and not INTEGER_MINIMUM <= wanted <= INTEGER_MAXIMUM:
        return [max(INTEGER_MINIMUM, min(wanted, INTEGER_MAXIMUM)), float(wanted)]
    return []
