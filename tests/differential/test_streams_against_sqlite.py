"""The definition of correct, taken literally: a request syncs the rows that SQLite returns."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, seed, settings
from hypothesis import strategies as st

from syncrules import Change, MemoryStore, Rules
from tests.differential.files import ASKED, FILES, Asked, File, Stream, in_engine, in_sqlite, synced_from
from tests.differential.queries import DATA, ROW, SHAPES, TABLE_EXPRESSIONS, Text, plain
from tests.differential.rows import Data, changes, stored
from tests.replica import Replica

QUICK = settings(max_examples=150, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=50_000, suppress_health_check=list(HealthCheck), database=None)


def one_query(query: str) -> File:
    return File((Stream("s", True, 3, (plain(query),)),))


NOBODY = Asked({"sub": "a"}, {}, ())
OR_BESIDE_FILTERS = one_query("SELECT t.id FROM t WHERE t.a = 0 AND t.b = 0 AND (t.a = 0 OR t.c IS NULL)")
"""Once let every row through: the filters were joined without parentheses around the OR."""


def check(file: File, data: Data, asked: Asked) -> None:
    rules = file.rules()
    if rules is not None:
        assert in_engine(rules, changes(data), asked) == in_sqlite(file, data, asked), file.text()


@QUICK
@given(FILES, DATA, ASKED)
@example(OR_BESIDE_FILTERS, {"t": [{"a": None, "b": None, "c": None, "j": None}]}, NOBODY)
def test_a_request_syncs_exactly_the_rows_that_sqlite_returns(file: File, data: Data, asked: Asked) -> None:
    check(file, data, asked)


@QUICK
@given(FILES, DATA, ASKED)
def test_a_plan_that_went_through_json_answers_the_same(file: File, data: Data, asked: Asked) -> None:
    rules = file.rules()
    if rules is not None:
        again = Rules.from_json(rules.to_json())
        assert in_engine(rules, changes(data), asked) == in_engine(again, changes(data), asked)


@QUICK
@given(FILES, DATA, ASKED)
def test_respelling_a_file_changes_no_answer_and_no_number_of_buckets(file: File, data: Data, asked: Asked) -> None:
    rules, respelt = file.rules(), file.rules("respelt")
    if rules is None or respelt is None:
        return
    assert in_engine(rules, changes(data), asked) == in_engine(respelt, changes(data), asked)
    stores = []
    for each in (rules, respelt):
        store = MemoryStore(each)
        store.apply(changes(data))
        stores.append(len(each.resolve(asked.request(), store).buckets))
    assert stores[0] == stores[1]


HISTORY = st.lists(
    st.tuples(st.sampled_from("tgh"), st.integers(0, 3), st.one_of(st.none(), ROW)), min_size=1, max_size=6
)


@QUICK
@given(FILES, DATA, ASKED, HISTORY)
def test_after_any_history_the_store_answers_for_the_rows_that_are_left(
    file: File, data: Data, asked: Asked, history: list[tuple[str, int, dict[str, Any] | None]]
) -> None:
    rules = file.rules()
    if rules is None:
        return
    replica = Replica(rules, changes(data))
    left = {table: dict(enumerate(rows)) for table, rows in data.items()}
    for table, number, row in history:
        if row is None:
            replica.apply([Change.delete(table, f"{table}{number}")])
            left[table].pop(number, None)
        else:
            replica.apply([Change.put(table, stored(table, number, row))])
            left[table][number] = row
    rows = [
        Change.put(table, stored(table, number, row)) for table, rows in left.items() for number, row in rows.items()
    ]
    assert synced_from(replica, asked) == synced_from(Replica(rules, rows), asked)


FEATURES = {
    "a subquery": r"IN \(SELECT",
    "a subquery in a subquery": r"IN \(SELECT.*IN \(SELECT",
    "a subquery on the left of which stands a request": r"auth\.[a-z_]+\([^()]*\) IN \(SELECT",
    "a comma join": r"FROM t, g, h",
    "JOIN ON": r"JOIN g ON",
    "a self join": r"t, t AS o",
    "a table expression after IN": r"IN one\b",
    "a table expression in FROM": r"pair AS k",
    "a table expression beside &&": r"&& one\b",
    "a subselect": r"FROM t, \(SELECT",
    "json_each of a column": r"json_each\(t\.j\)",
    "json_each of a constant": r"json_each\('",
    "a cast as key": r"CAST\([a-z0-9.]+ AS (text|integer)\) = (auth|connection|subscription)",
    "json_each of a request": r"json_each\((auth|subscription)",
    "an array of a request after IN": r"IN (auth|subscription)\.parameter\('[xy]s'\)",
    "a request in an array of a row": r"\) IN [a-z]\d?\.j\b",
    "overlap": r"\.j && (auth|subscription)",
    "an array after IN": r"IN ARRAY",
    "a JSON text after IN": r"IN '\[",
    "a wildcard table": r"w_%",
    "a table's suffix": r"table_suffix\(\)",
    "a table's name": r"table_name\(\)",
    "the user": r"auth\.user_id\(\)",
    "a claim": r"auth\.parameter\('p'\)",
    "a path into the claims": r"auth\.parameters\(\) ->>",
    "a connection parameter": r"connection\.parameter",
    "a subscription parameter": r"subscription\.parameter\('p'\)",
    "NOT": r"NOT \(",
    "OR": r" OR ",
    "CASE": r"CASE WHEN",
    "BETWEEN": r"BETWEEN",
    "an expression as key": r"upper\([a-z0-9]+\.[abc]\) = ",
    "a test for NULL as key": r"IS NULL\) = (auth|connection|subscription|upper)",
}


def test_queries_of_every_shape_reach_every_feature_with_rows_that_sync() -> None:
    missing = set(FEATURES)

    def reach(query: Text, expressions: dict[str, Text], data: Data, asked: Asked) -> None:
        file = File((Stream("s1", True, 3, (query,)),), expressions)
        check(file, data, asked)
        shown = {name for name in missing if re.search(FEATURES[name], query.stream)}
        if shown and in_sqlite(file, data, asked):
            missing.difference_update(shown)

    few = settings(max_examples=80, suppress_health_check=list(HealthCheck), database=None)
    rounds = ((number, queries) for number in range(10) for queries in SHAPES.values())
    for number, queries in rounds:
        if missing or number == 0:
            seed(number)(few(given(queries, TABLE_EXPRESSIONS, DATA, ASKED)(reach)))()
    assert missing == set()


@pytest.mark.long
@LONG
@given(FILES, DATA, ASKED)
def test_a_request_syncs_exactly_the_rows_that_sqlite_returns_at_length(file: File, data: Data, asked: Asked) -> None:
    check(file, data, asked)
