"""Record batches: their values are those of PostgreSQL's columns of the same types, and they go through rules as rows do."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules import ColumnTypeError, MemoryStore, Request, Rules, VerifiedClaims
from syncrules.sources.arrow import batch_rows
from syncrules.sources.postgres import snapshot
from syncrules.values.json_text import json_text
from tests.postgres import postgres

TYPES: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "int2": (pa.int16(), st.integers(-(2**15), 2**15 - 1)),
    "int4": (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    "int8": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "float4": (pa.float32(), st.floats(width=32)),
    "float8": (pa.float64(), st.floats()),
    "bool": (pa.bool_(), st.booleans()),
    "text": (pa.string(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))),
    "bytea": (pa.binary(), st.binary()),
    "numeric(30,5)": (pa.decimal128(30, 5), st.decimals(-(10**20), 10**20, places=5)),
    "date": (pa.date32(), st.dates()),
    "time": (pa.time64("us"), st.times()),
    "timestamp": (pa.timestamp("us"), st.datetimes()),
    "timestamptz": (pa.timestamp("us", "Europe/Oslo"), st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(9000, 1, 1), timezones=st.just(dt.UTC))),
    "uuid": (pa.uuid(), st.uuids()),
    "int4[]": (pa.list_(pa.int32()), st.lists(st.none() | st.integers(-9, 9), max_size=3)),
    "bool[]": (pa.large_list(pa.bool_()), st.lists(st.none() | st.booleans(), max_size=3)),
    "float8[]": (pa.list_(pa.float64()), st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=3)),
    "timestamp[]": (pa.list_(pa.timestamp("us")), st.lists(st.datetimes(), max_size=3)),
    "text[]": (pa.list_(pa.string()), st.lists(st.sampled_from(["", "a b", '"', "{}", "NULL", "ä,"]), max_size=3)),
}  # fmt: skip
ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | values for name, (_, values) in TYPES.items()}), min_size=1, max_size=4
)
CONFIGS = ["edition: 3", "edition: 2", "edition: 1", "edition: 3, timestamp_max_precision: milliseconds"]


def batch(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    arrays = []
    for name, (kind, _) in TYPES.items():
        values = [row[name] for row in rows]
        if name == "uuid":
            storage = pa.array([None if value is None else value.bytes for value in values], pa.binary(16))
            arrays.append(pa.ExtensionArray.from_storage(kind, storage))
        else:
            arrays.append(pa.array(values, kind))
    return pa.RecordBatch.from_arrays(arrays, names=list(TYPES))


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection[Any]]:
    with postgres() as url, psycopg.connect(url, autocommit=True) as made:
        yield made


@pytest.mark.parametrize("config", CONFIGS)
@settings(max_examples=25)
@given(rows=ROWS)
def test_values_are_those_that_postgres_columns_of_the_same_types_have(
    connection: psycopg.Connection[Any], config: str, rows: list[dict[str, Any]]
) -> None:
    stream = (
        "streams: {s: {query: SELECT * FROM t}}"
        if "3" in config
        else "bucket_definitions: {b: {data: [SELECT * FROM t]}}"
    )
    rules = Rules.from_text(f"config: {{{config}}}\n{stream}")
    columns = ", ".join(f'"{name}" {name}' for name in TYPES)
    connection.execute(f"DROP TABLE IF EXISTS t; CREATE TABLE t (n int4, {columns})".encode())
    marks = ", ".join(["%s", *(f"%s::{name}" for name in TYPES)])
    for number, row in enumerate(rows):
        connection.execute(f"INSERT INTO t VALUES ({marks})".encode(), (number, *(row[name] for name in TYPES)))
    with snapshot(f"{connection.info.dsn}", rules.plan) as taken:
        expected = sorted((dict(change.row) for change in taken.changes()), key=lambda row: row.pop("n"))
    assert list(batch_rows(batch(rows), rules.plan.source_format)) == expected


RULES = Rules.from_text(
    """
config: {edition: 3}
streams:
  mine: {auto_subscribe: true, query: "SELECT * FROM t WHERE int4 = auth.parameter('n')"}
  few: {auto_subscribe: true, query: "SELECT text AS id, bytea, int8 + 1 AS more, text || bool AS joined FROM t WHERE text = auth.user_id()"}
  listed: {auto_subscribe: true, query: "SELECT text AS id, float8 FROM t WHERE auth.parameter('n') IN \\"int4[]\\""}
  known: {auto_subscribe: true, query: "SELECT * FROM t AS known WHERE text IN (SELECT text FROM t WHERE int4 = auth.parameter('n'))"}
""".replace("\\\\", "\\")
)


def found_in(evaluated: pa.RecordBatch) -> list[tuple[Any, ...]]:
    return [
        (row["source_row"], row["bucket"], row["table"], row["id"], json.loads(row["data"]))
        for row in evaluated.to_pylist()
    ]


@given(ROWS)
def test_a_batch_gives_what_its_rows_give_one_by_one(rows: list[dict[str, Any]]) -> None:
    made = batch(rows)
    evaluated = RULES.evaluate_batch("t", made)
    expected, errors = [], []
    for place, row in enumerate(batch_rows(made, RULES.plan.source_format)):
        one = RULES.evaluate("t", row)
        expected += [(place, each.bucket, each.table, each.id, json.loads(json_text(each.data))) for each in one.rows]
        errors += [(place, error.rule, error.message) for error in one.errors]
    assert repr(found_in(evaluated.rows)) == repr(expected)
    assert [tuple(row.values()) for row in evaluated.errors.to_pylist()] == errors


@given(ROWS, st.data())
def test_slices_and_encodings_of_a_column_have_the_same_values(rows: list[dict[str, Any]], draw: st.DataObject) -> None:
    whole = batch([*rows, *rows])
    start = draw.draw(st.integers(0, len(rows)))
    expected = list(batch_rows(whole, RULES.plan.source_format))[start : start + len(rows)]
    part = whole.slice(start, len(rows))
    assert repr(list(batch_rows(part, RULES.plan.source_format))) == repr(expected)
    for name in ("text", "int4", "timestamp"):
        encoded = part.column(name).dictionary_encode()
        again = part.set_column(part.schema.get_field_index(name), name, encoded)
        assert repr(list(batch_rows(again, RULES.plan.source_format))) == repr(expected)


@given(ROWS)
def test_a_store_that_is_filled_from_batches_answers_as_one_filled_from_rows(rows: list[dict[str, Any]]) -> None:
    made = batch(rows).append_column("id", pa.array(range(len(rows))))
    store, other = MemoryStore(RULES), MemoryStore(RULES)
    store.fill(RULES.batch_changes("t", made))
    other.fill(RULES.batch_changes("t", pa.RecordBatch.from_pylist([], made.schema)))
    assert other.state().checkpoint == 1
    for number in {row["int4"] for row in rows if row["int4"] is not None}:
        resolution = RULES.resolve(Request(VerifiedClaims.unverified_for_testing({"sub": "x", "n": number})), store)
        known = {b.parameters[0] for b in resolution.buckets if b.definition == "known"}
        assert known == {row["text"] for row in rows if row["int4"] == number and row["text"] is not None}


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([2**64 - 1], pa.uint64()), [float(2**64)]),
        (pa.array(["a"], pa.string_view()), ["a"]),
        (pa.array(["a"], pa.large_string()), ["a"]),
        (pa.array([b"a"], pa.binary_view()), [b"a"]),
        (pa.array([b"ab"], pa.binary(2)), [b"ab"]),
        (pa.array([None, None], pa.null()), [None, None]),
        (pa.array([0.1], pa.float16()), [0.099975586]),
        (pa.array([Decimal("1E-10")], pa.decimal256(20, 10)), ["0.0000000001"]),
        (pa.array([dt.datetime(2030, 1, 2, 3, 4, 5)], pa.timestamp("s")), ["2030-01-02T03:04:05.000000"]),
        (pa.array([1_900_000_000_123_456_789], pa.timestamp("ns", "UTC")), ["2030-03-17T17:46:40.123456Z"]),
        (pa.array([{"a": 1, "b": None}, None], pa.struct({"a": pa.int8(), "b": pa.binary()})), ['{"a":1,"b":null}', None]),
        (pa.array([[("k", 1.5)], None], pa.map_(pa.string(), pa.float64())), ['{"k":1.5}', None]),
        (pa.array([[[1], None]], pa.list_(pa.list_(pa.int8()))), ["[[1],null]"]),
        (pa.array([[1, 2], None], pa.list_(pa.int8(), 2)), ["[1,2]", None]),
        (pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["a", "b"])), ["a", "a", "b"]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)  # fmt: skip
def test_arrays_of_other_types_have_the_values_of_the_type_that_is_like_them(
    array: pa.Array, expected: list[Any]
) -> None:
    made = pa.RecordBatch.from_arrays([array], names=["c"])
    assert [row["c"] for row in batch_rows(made, RULES.plan.source_format)] == expected


@pytest.mark.parametrize("kind", [pa.duration("s"), pa.month_day_nano_interval(), pa.list_(pa.duration("s"))], ids=str)
def test_a_type_without_a_meaning_is_refused_by_name(kind: pa.DataType) -> None:
    made = pa.RecordBatch.from_arrays([pa.array([None], kind)], names=["how long"])
    with pytest.raises(ColumnTypeError, match="the column `how long` has the type"):
        RULES.evaluate_batch("t", made)


def test_a_batch_without_rows_or_columns_has_no_buckets() -> None:
    for made in (batch([]), pa.RecordBatch.from_arrays([], names=[])):
        evaluated = RULES.evaluate_batch("t", made)
        assert (evaluated.rows.num_rows, evaluated.errors.num_rows) == (0, 0)
        assert evaluated.rows.schema.names == ["source_row", "bucket", "table", "id", "data"]


def test_uuids_are_written_in_lower_case() -> None:
    storage = pa.array([UUID("0B7C6D1E-52A4-4F0A-9D1C-3F6A1C2B4D5E").bytes], pa.binary(16))
    made = pa.RecordBatch.from_arrays([pa.ExtensionArray.from_storage(pa.uuid(), storage)], names=["c"])
    assert list(batch_rows(made, RULES.plan.source_format)) == [{"c": "0b7c6d1e-52a4-4f0a-9d1c-3f6a1c2b4d5e"}]
