"""Rules that once synced what their SQL does not return, or too little; each against what it means."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules import Change, Request, Rules, RulesError, Semantics, VerifiedClaims
from syncrules.engine.bucket_id import bucket_id
from tests.replica import Replica

Rows = list[tuple[str, dict[str, Any]]]


def stream(query: str, **shared: str) -> Rules:
    file = {"config": {"edition": 3}, "with": shared, "streams": {"s": {"auto_subscribe": True, "query": query}}}
    return Rules.from_text(json.dumps(file), semantics=Semantics.SQLITE)


def definition(parameters: str, *data: str) -> Rules:
    file = {"config": {"edition": 2}, "bucket_definitions": {"b": {"parameters": [parameters], "data": [*data]}}}
    return Rules.from_text(json.dumps(file))


def synced(rules: Rules, rows: Rows, **claims: object) -> set[str]:
    """The ids that a user syncs."""
    replica = Replica(rules, (Change.put(table, row) for table, row in rows))
    return replica.synced(Request(VerifiedClaims.unverified_for_testing(claims)))


LETTERS: Rows = [("t", {"id": "1", "a": "a"}), ("t", {"id": "2", "a": "b"}), ("t", {"id": "3", "a": "c"})]
CONSTANT = 'json_each(\'["a","b"]\') e'


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("e.value = auth.user_id()", {"2"}),
        ("upper(e.value) = auth.parameter('big')", {"2"}),
        ("e.value < auth.user_id()", {"1"}),
        ("e.value IN auth.parameter('list')", {"2"}),
        ("e.value != 'b'", {"1"}),
    ],
)
def test_a_condition_on_the_elements_of_a_constant_still_asks_the_request(condition: str, ids: set[str]) -> None:
    claims = {"sub": "b", "big": "B", "list": ["b", "c"]}
    joined = stream(f"SELECT t.* FROM t, {CONSTANT} WHERE e.value = t.a AND {condition}")
    assert synced(joined, LETTERS, **claims) == ids
    sought = stream(f"SELECT * FROM t WHERE a IN (SELECT e.value FROM {CONSTANT} WHERE {condition})")
    assert synced(sought, LETTERS, **claims) == ids


def test_roles_in_a_table_expression_let_only_their_holders_in() -> None:
    rules = stream(
        "SELECT t.* FROM t, roles WHERE t.kind = roles.r AND roles.r = auth.parameter('role')",
        roles='SELECT e.value AS r FROM json_each(\'["admin", "owner"]\') e',
    )
    rows: Rows = [("t", {"id": "1", "kind": "admin"}), ("t", {"id": "2", "kind": "owner"})]
    assert synced(rules, rows, sub="u", role="nobody") == set()
    assert synced(rules, rows, sub="u", role="owner") == {"2"}


def test_two_constants_that_meet_each_other_and_the_row_are_both_asked() -> None:
    rules = stream(
        'SELECT t.* FROM t, json_each(\'["a","b"]\') e, json_each(\'["b","c"]\') f '
        "WHERE e.value = t.a AND f.value = e.value"
    )
    assert synced(rules, LETTERS, sub="u") == {"2"}


def test_a_cast_beside_a_bucket_parameter_is_a_condition_like_any_other() -> None:
    rows: Rows = [("t", {"id": "1", "a": "u", "b": "zz"}), ("t", {"id": "2", "a": "u", "b": "u"})]
    both = definition(
        "SELECT request.user_id() AS x", "SELECT id FROM t WHERE a = bucket.x AND CAST(b AS TEXT) = bucket.x"
    )
    alone = definition("SELECT request.user_id() AS x", "SELECT id FROM t WHERE CAST(b AS TEXT) = bucket.x")
    assert synced(both, rows, sub="u") == {"2"}
    assert synced(alone, rows, sub="u") == {"2"}


def test_a_bucket_parameter_in_a_constant_array_narrows_the_rows() -> None:
    beside = definition(
        "SELECT request.user_id() AS x", 'SELECT id FROM t WHERE a = bucket.x AND bucket.x IN \'["q", "b"]\''
    )
    assert synced(beside, LETTERS, sub="a") == set()
    assert synced(beside, LETTERS, sub="b") == {"2"}
    alone = definition("SELECT request.user_id() AS x", 'SELECT id FROM t WHERE bucket.x IN \'["a", "b"]\'')
    assert synced(alone, LETTERS, sub="b") == {"1", "2", "3"}
    assert synced(alone, LETTERS, sub="c") == set()


def test_a_definition_cannot_take_the_name_of_a_streams_bucket() -> None:
    text = """
config: {edition: 2}
bucket_definitions:
  "s|0": {parameters: [SELECT request.user_id() AS x], data: [SELECT id FROM secrets WHERE o = bucket.x]}
streams:
  s: {query: "SELECT id FROM notes WHERE topic = subscription.parameter('topic')"}
"""
    with pytest.raises(RulesError) as refused:
        Rules.from_text(text)
    assert "duplicate-bucket" in {d.code for d in refused.value.diagnostics}


NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**62), 2**62).map(float),
    st.sampled_from([2**53, 2**53 + 1, float(2**53), float(2**63), -(2**63), -float(2**63), 10**18 + 100]),
)


@given(NUMBERS, NUMBERS)
def test_two_numbers_have_one_bucket_id_if_and_only_if_they_are_equal(first: float, second: float) -> None:
    assert (bucket_id("b", (first,)) == bucket_id("b", (second,))) == (first == second)
    if isinstance(first, int):
        real = float(first)
        assert (bucket_id("b", (first,)) == bucket_id("b", (real,))) == (first == real)


@pytest.mark.parametrize(("condition", "ids"), [("typeof(e.value) = 'real'", {"1"}), ("(e.value || '') = t.b", {"2"})])
def test_elements_that_are_equal_but_not_alike_stay_apart(condition: str, ids: set[str]) -> None:
    rules = stream(f"SELECT t.id FROM t, json_each(auth.parameter('xs')) e WHERE e.value = t.a AND {condition}")
    rows: Rows = [("t", {"id": "1", "a": 1, "b": "x"}), ("t", {"id": "2", "a": "1.0", "b": "1.0"})]
    if ids == {"2"}:
        rules = stream("SELECT t.id FROM t, json_each(auth.parameter('xs')) e WHERE (e.value || '') = t.b")
    assert synced(rules, rows, sub="u", xs=[1, 1.0]) == ids


def test_a_parameter_query_gives_a_value_for_each_kind_of_number() -> None:
    rules = definition(
        "SELECT typeof(value) AS x FROM json_each(request.jwt() ->> 'xs')", "SELECT id FROM t WHERE a = bucket.x"
    )
    rows: Rows = [("t", {"id": "1", "a": "real"}), ("t", {"id": "2", "a": "integer"})]
    assert synced(rules, rows, sub="u", xs=[1, 1.0]) == {"1", "2"}


def test_a_cast_sought_in_an_array_is_compared_as_sqlite_compares_it() -> None:
    rows: Rows = [("t", {"id": "1", "n": 1}), ("t", {"id": "2", "n": 2})]
    assert synced(stream("SELECT id FROM t WHERE CAST(n AS TEXT) NOT IN '[1]'"), rows, sub="u") == {"2"}
    assert synced(stream("SELECT id FROM t WHERE CAST(n AS TEXT) IN auth.parameter('xs')"), rows, sub="u", xs=[1]) == {
        "1"
    }


def test_a_star_that_replaces_a_column_by_a_blob_leaves_nothing_of_it() -> None:
    rules = stream("SELECT a AS x, * FROM t")
    [row] = rules.evaluate("t", {"id": "1", "a": "seen", "x": b"blob"}).rows
    assert row.data == {"id": "1", "a": "seen"}
