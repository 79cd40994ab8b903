"""Values of a real PostgreSQL, as rules see them: what is documented of each type, and what the server itself prints."""

import json
import struct
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.stores.change import Change
from tests.sources.reading import asked, execute, read, rules_about

SETUP = """
CREATE TYPE mood AS ENUM ('sad', 'so so', 'happy');
CREATE DOMAIN rating AS float8 CHECK (VALUE <= 5);
CREATE DOMAIN stars AS rating;
CREATE DOMAIN tags AS text[];
CREATE DOMAIN document AS jsonb;
CREATE TYPE inner_pair AS (flag bool, at timestamptz);
CREATE TYPE pair AS (a rating[], "b c" text, mood mood, inside inner_pair, doc json, raw bytea);
CREATE TYPE span_of_text AS RANGE (subtype = text, collation = "C");
"""


@pytest.fixture(scope="module")
def types(shared_url: str) -> str:
    execute(shared_url, SETUP)
    return shared_url


def stored(url: str, kind: str, literal: str, edition: int = 3, config: str = "") -> Any:
    """What a column of a type gives for a literal."""
    execute(url, "DROP TABLE IF EXISTS one", f"CREATE TABLE one (v {kind})", f"INSERT INTO one VALUES ({literal})")
    (change,) = read(url, rules_about("one", edition=edition, config=config))
    return change.row["v"]


@pytest.mark.parametrize(
    ("kind", "literal", "expected"),
    [
        ("text", "'ä\n'", "ä\n"),
        ("text", "''", ""),
        ("text", "NULL", None),
        ("varchar(5)", "'abc'", "abc"),
        ("char(3)", "'a'", "a  "),
        ("name", "'n'", "n"),
        ('"char"', "'c'", "c"),
        ("int2", "-32768", -32768),
        ("int4", "2147483647", 2147483647),
        ("int8", "-9223372036854775808", -(2**63)),
        ("float8", "0.1", 0.1),
        ("float8", "1", 1.0),
        ("float8", "'-Infinity'", float("-inf")),
        ("float8", "'NaN'", None),
        ("float4", "0.1", 0.1),
        ("numeric", "1.50", "1.50"),
        ("numeric(40, 20)", "12345678901234567890.12345678901234567890", "12345678901234567890.12345678901234567890"),
        ("numeric", "'NaN'", "NaN"),
        ("numeric", "'-Infinity'", "-Infinity"),
        ("bool", "true", 1),
        ("bool", "false", 0),
        ("bytea", r"'\x00ff5c'", b"\x00\xff\\"),
        ("bytea", "''", b""),
        ("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("json", """'{"b":  1, "a": [1.0]}'""", '{"b":  1, "a": [1.0]}'),
        ("jsonb", """'{"b":1,"a":[1.0]}'""", '{"a": [1.0], "b": 1}'),
        ("document", """'{"b":1}'""", '{"b": 1}'),
        ("date", "'2030-01-31'", "2030-01-31"),
        ("time", "'17:42:01.12'", "17:42:01.120000"),
        ("time", "'24:00'", "24:00:00.000000"),
        ("timetz", "'17:42:01.12+02'", "17:42:01.12+02"),
        ("interval", "'1 year 2 days 3:00'", "1 year 2 days 03:00:00"),
        ("inet", "'10.0.0.1/8'", "10.0.0.1/8"),
        ("macaddr", "'08:00:2B:01:02:03'", "08:00:2b:01:02:03"),
        ("tsvector", "'a fat cat'", "'a' 'cat' 'fat'"),
        ("point", "'(1,2)'", "(1,2)"),
        ("bit varying", "B'101'", "101"),
        ("oid", "7", "7"),
        ("int2vector", "'1 2'", "1 2"),
        ("mood", "'so so'", "so so"),
        ("rating", "2", 2.0),
        ("stars", "2.5", 2.5),
    ],
)
def test_a_value_of_one_type_is_as_documented(types: str, kind: str, literal: str, expected: object) -> None:
    found = stored(types, kind, literal)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("kind", "literal", "spaced", "iso8601"),
    [
        ("timestamptz", "'2025-09-22 16:29:30+02'", "2025-09-22 14:29:30Z", "2025-09-22T14:29:30.000000Z"),
        ("timestamptz", "'2025-09-22 14:29:30.12Z'", "2025-09-22 14:29:30.12Z", "2025-09-22T14:29:30.120000Z"),
        ("timestamp", "'2025-09-22 14:29:30'", "2025-09-22 14:29:30", "2025-09-22T14:29:30.000000"),
        ("timestamp", "'2025-09-22 14:29:30.000001'", "2025-09-22 14:29:30.000001", "2025-09-22T14:29:30.000001"),
        ("timestamptz", "'infinity'", "9999-12-31 23:59:59Z", "9999-12-31T23:59:59.000000Z"),
        ("timestamptz", "'-infinity'", "0000-01-01 00:00:00Z", "0000-01-01T00:00:00.000000Z"),
        ("timestamp", "'infinity'", "9999-12-31 23:59:59", "9999-12-31T23:59:59.000000"),
        ("timestamp", "'-infinity'", "0000-01-01 00:00:00", "0000-01-01T00:00:00.000000"),
        ("timestamp", "'294276-12-31 00:00:00'", "294276-12-31 00:00:00", "294276-12-31T00:00:00.000000"),
        ("timestamp", "'0001-06-01 00:00:00 BC'", "0000-06-01 00:00:00", "0000-06-01T00:00:00.000000"),
        ("timestamptz", "'0044-03-15 12:00:00+00 BC'", "-0043-03-15 12:00:00Z", "-0043-03-15T12:00:00.000000Z"),
        ("time", "'17:42:01.12'", "17:42:01.12", "17:42:01.120000"),
    ],
)
def test_moments_have_the_form_that_the_file_chooses(
    types: str, kind: str, literal: str, spaced: str, iso8601: str
) -> None:
    assert stored(types, kind, literal) == iso8601
    assert stored(types, kind, literal, edition=1) == spaced
    assert stored(types, kind, literal, config="timestamps_iso8601: false") == spaced


@pytest.mark.parametrize(
    ("precision", "expected"),
    [
        ("seconds", "2025-09-22T14:29:30Z"),
        ("milliseconds", "2025-09-22T14:29:30.999Z"),
        ("microseconds", "2025-09-22T14:29:30.999900Z"),
        ("nanoseconds", "2025-09-22T14:29:30.999900Z"),
    ],
)
def test_a_precision_cuts_moments_and_never_rounds_them(types: str, precision: str, expected: str) -> None:
    config = f"timestamp_max_precision: {precision}"
    assert stored(types, "timestamptz", "'2025-09-22 14:29:30.9999Z'", config=config) == expected


@pytest.mark.parametrize(
    ("kind", "literal", "expected"),
    [
        ("int4[]", "'{1,NULL,-3}'", [1, None, -3]),
        ("int4[]", "'{}'", []),
        ("int4[]", "'[5:6]={1,2}'", [1, 2]),
        ("int4[]", "'[0:1][2:2]={{1},{2}}'", [[1], [2]]),
        ("float8[]", "'{1,0.5}'", [1.0, 0.5]),
        ("bool[]", "'{t,f}'", [1, 0]),
        ("numeric[]", "'{1.50,NaN}'", ["1.50", "NaN"]),
        ("text[]", r"""ARRAY['', 'NULL', NULL, 'a,b', '{x}', '"', '\', ' pad ', E'\n']""",
         ["", "NULL", None, "a,b", "{x}", '"', "\\", " pad ", "\n"]),
        ("text[][]", "'{{a,b},{c,d}}'", [["a", "b"], ["c", "d"]]),
        ("timestamptz[]", "'{2025-01-01T00:00:00Z,infinity}'",
         ["2025-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.000000Z"]),
        ("uuid[]", "'{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}'", ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
        ("jsonb[]", """ARRAY['{"a": [1]}', '"x"', 'null']::jsonb[]""", [{"a": [1]}, "x", None]),
        ("bytea[]", r"ARRAY['\x00'::bytea]", [None]),
        ("box[]", "'{(1,1),(0,0);(2,2),(1,1)}'", ["(1,1),(0,0)", "(2,2),(1,1)"]),
        ("tags", "'{a,b}'", ["a", "b"]),
        ("mood[]", "'{sad,so so}'", ["sad", "so so"]),
        ("rating[]", "'{1,NULL}'", [1.0, None]),
        ("int4range", "'[1,5]'", {"lower": 1, "upper": 6, "lower_exclusive": False, "upper_exclusive": True}),
        ("int8range", "'(,5)'", {"lower": None, "upper": 5, "lower_exclusive": True, "upper_exclusive": True}),
        ("span_of_text", r"""span_of_text('a,b]', 'q""\ (', '[]')""",
         {"lower": "a,b]", "upper": 'q""\\ (', "lower_exclusive": False, "upper_exclusive": False}),
        ("int4range[]", "ARRAY['empty'::int4range]", ["empty"]),
        ("int4multirange", "'{[1,3),[5,7)}'", [
            {"lower": 1, "upper": 3, "lower_exclusive": False, "upper_exclusive": True},
            {"lower": 5, "upper": 7, "lower_exclusive": False, "upper_exclusive": True},
        ]),
        ("int4multirange", "'{}'", []),
        ("pair", r"""ROW('{1,2}', 'x "y", \z)', 'so so', ROW(true, '2025-01-01T00:00:00Z'), '{"k":[1]}', '\x00')""", {
            "a": [1.0, 2.0], "b c": 'x "y", \\z)', "mood": "so so",
            "inside": {"flag": 1, "at": "2025-01-01T00:00:00.000000Z"}, "doc": {"k": [1]}, "raw": None,
        }),
        ("pair", "ROW(NULL, '', NULL, NULL, NULL, NULL)",
         {"a": None, "b c": "", "mood": None, "inside": None, "doc": None, "raw": None}),
        ("pair[]", "ARRAY[NULL, ROW(NULL, 'b', NULL, NULL, NULL, NULL)]::pair[]",
         [None, {"a": None, "b c": "b", "mood": None, "inside": None, "doc": None, "raw": None}]),
    ],
)  # fmt: skip
def test_what_is_made_of_other_values_is_json(types: str, kind: str, literal: str, expected: object) -> None:
    assert json.loads(stored(types, kind, literal)) == expected


def test_an_empty_range_is_a_word(types: str) -> None:
    assert stored(types, "int4range", "'empty'") == "empty"


@pytest.mark.parametrize(
    ("kind", "literal"),
    [
        ("rating", "2"),
        ("tags", "'{a,b}'"),
        ("mood", "'sad'"),
        ("mood[]", "'{sad,so so}'"),
        ("pair", "ROW('{1,2}', 'x', 'sad', NULL, '{}', NULL)"),
        ("pair[]", "ARRAY[ROW(NULL, 'b', NULL, NULL, NULL, NULL)]::pair[]"),
        ("int4range", "'[1,5]'"),
        ("int4multirange", "'{[1,3),[5,7)}'"),
        ("tstzrange", "'[2025-01-01T00:00:00Z,]'"),
    ],
)
def test_types_of_ones_own_are_the_servers_text_in_older_files(types: str, kind: str, literal: str) -> None:
    found = stored(types, kind, literal, edition=1)
    assert asked(types, "SELECT v::text FROM one") == [(found,)]
    assert stored(types, kind, literal, config="custom_postgres_types: false") == found


def test_arrays_of_the_servers_types_are_json_in_older_files_too(types: str) -> None:
    assert stored(types, "timestamp[]", "'{2025-01-01 00:00:00.5}'", edition=1) == '["2025-01-01 00:00:00.5"]'


@dataclass(frozen=True)
class Kind:
    """A type, values for it, and what each becomes."""

    name: str
    values: st.SearchStrategy[Any]


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
KINDS = {
    "i8": Kind("int8", st.integers(-(2**63), 2**63 - 1)),
    "f8": Kind("float8", st.floats(allow_nan=False)),
    "f4": Kind("float4", st.floats(width=32, allow_nan=False)),
    "num": Kind("numeric", st.decimals(allow_nan=False, allow_infinity=False, places=6)),
    "txt": Kind("text", TEXT),
    "raw": Kind("bytea", st.binary(max_size=8)),
    "flag": Kind("bool", st.booleans()),
    "doc": Kind("jsonb", st.dictionaries(TEXT, st.one_of(TEXT, st.integers(-9, 9)), max_size=3).map(json.dumps)),
    "texts": Kind("text[]", st.lists(st.none() | TEXT, max_size=4)),
    "grid": Kind("int4[][]", st.integers(1, 3).flatmap(
        lambda width: st.lists(st.lists(st.none() | st.integers(-9, 9), min_size=width, max_size=width), min_size=1, max_size=3)
    )),
    "whole": Kind("pair_of_text", st.tuples(st.none() | TEXT, st.none() | TEXT)),
    "at": Kind("timestamptz", st.datetimes().map(lambda at: f"{at.isoformat()}Z")),
    "day": Kind("date", st.dates()),
}  # fmt: skip


@pytest.fixture(scope="module")
def random_table(types: str) -> str:
    columns = ", ".join(f"{name} {kind.name}" for name, kind in KINDS.items())
    execute(types, "CREATE TYPE pair_of_text AS (l text, r text)", f"CREATE TABLE many (n int PRIMARY KEY, {columns})")
    return types


ROWS = st.lists(st.fixed_dictionaries({name: st.none() | kind.values for name, kind in KINDS.items()}), max_size=8)


@settings(max_examples=40)
@given(ROWS)
def test_rows_are_what_was_written_and_what_the_server_says_of_them(
    random_table: str, rows: list[dict[str, Any]]
) -> None:
    marks = [f"ROW(%(whole_l)s::text, %(whole_r)s::text)::{kind.name}" if name == "whole" else f"%({name})s::{kind.name}"
             for name, kind in KINDS.items()]  # fmt: skip
    insert = f"INSERT INTO many VALUES (%(n)s, {', '.join(marks)})"
    with psycopg.connect(random_table, autocommit=True) as connection:
        connection.execute("TRUNCATE many")
        for number, row in enumerate(rows):
            left, right = row["whole"] or (None, None)
            connection.execute(insert.encode(), {**row, "n": number, "whole_l": left, "whole_r": right})
        connection.execute("SET TimeZone = 'UTC'")
        told = connection.execute(
            b"SELECT n, num::text, doc::text, day::text, to_json(texts)::text, to_json(grid)::text, to_json(whole)::text,"
            b' to_char(at, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\') FROM many ORDER BY n'
        ).fetchall()
    found = {change.key: change.row for change in read(random_table, rules_about("many"), batch=3)}
    assert len(found) == len(rows)
    for number, num, doc, day, texts, grid, whole, at in told:
        was, now = rows[number], found[number]
        assert (now["num"], now["doc"], now["day"], now["at"]) == (num, doc, day, at)
        assert [now[name] for name in ("i8", "f8", "txt", "raw", "flag")] == [
            was[name] for name in ("i8", "f8", "txt", "raw", "flag")
        ]
        single = now["f4"] if now["f4"] is None else struct.unpack("f", struct.pack("f", now["f4"]))[0]
        assert single == was["f4"]
        for name, text in (("texts", texts), ("grid", grid), ("whole", whole)):
            assert (None if now[name] is None else json.loads(now[name])) == (
                None if text is None else json.loads(text)
            )


def test_every_value_of_a_row_is_one_that_sql_has(random_table: str) -> None:
    execute(random_table, "TRUNCATE many", "INSERT INTO many (n, f8, texts) VALUES (1, 'NaN', '{}')")
    (change,) = read(random_table, rules_about("many"))
    assert Change.put("many", change.row, change.key).row == change.row
    assert {type(value) for value in change.row.values()} <= {type(None), int, float, str, bytes}
