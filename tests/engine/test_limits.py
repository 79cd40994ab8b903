"""What multiplies is limited, what is odd is converted or refused, and one rule's trouble stays its own."""

import json
from collections import UserDict
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from syncrules import (
    Change,
    LimitExceeded,
    Limits,
    MemoryStore,
    Request,
    RequestError,
    Rules,
    RulesError,
    Semantics,
    Subscription,
    VerifiedClaims,
)
from syncrules.engine.row_code import MAXIMUM_ELEMENTS

ANYBODY = VerifiedClaims.unverified_for_testing({"sub": "u"})


def streams(*queries: str) -> Rules:
    named = {f"s{number}": {"auto_subscribe": True, "query": query} for number, query in enumerate(queries)}
    return Rules.from_text(json.dumps({"config": {"edition": 3}, "streams": named}), semantics=Semantics.SQLITE)


def test_many_arrays_in_one_query_are_refused_and_sixteen_run() -> None:
    def query(count: int) -> str:
        return "SELECT id FROM t WHERE " + " AND ".join(f"auth.user_id() IN t.c{i}" for i in range(count))

    row = {"id": "r"} | {f"c{i}": '["u"]' for i in range(16)}
    assert streams(query(16)).evaluate("t", row).rows
    with pytest.raises(RulesError) as refused:
        streams(query(17))
    assert "too-many-arrays" in {d.code for d in refused.value.diagnostics}


def test_the_arrays_of_a_row_cannot_multiply_without_end() -> None:
    rules = streams(
        "SELECT id FROM t WHERE auth.parameter('a') IN t.a AND auth.parameter('b') IN t.b AND auth.parameter('c') IN t.c",
        "SELECT id FROM t",
    )
    array = json.dumps([*range(60)])
    found = rules.evaluate("t", {"id": "r", "a": array, "b": array, "c": array})
    assert [row.bucket for row in found.rows] == ["s1|0[]"]
    assert [str(MAXIMUM_ELEMENTS) in error.message for error in found.errors] == [True]


def test_a_tower_of_subselects_is_refused_at_once() -> None:
    inner = "SELECT g.a AS x FROM g"
    for _ in range(20):
        inner = f"SELECT k.x || k.x AS x FROM ({inner}) AS k"
    with pytest.raises(RulesError) as refused:
        streams(f"SELECT t.id FROM t, ({inner}) AS k WHERE k.x = t.a")
    assert "expression-too-large" in {d.code for d in refused.value.diagnostics}


def test_many_tables_in_one_query_are_refused() -> None:
    tables = ", ".join(f"g AS g{number}" for number in range(200))
    with pytest.raises(RulesError) as refused:
        streams(f"SELECT t.id FROM t, {tables}")
    assert "too-many-sources" in {d.code for d in refused.value.diagnostics}


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "kind"),
    [(float("nan"), "null"), (10**400, "real"), (-(10**400), "real"), (Colour.RED, "text"), (True, "integer")],
)
def test_odd_values_of_a_row_are_values_of_sql(value: object, kind: str) -> None:
    rules = streams("SELECT id, typeof(a) AS k, CAST(a AS TEXT) AS t FROM t", "SELECT * FROM t")
    first, second = rules.evaluate("t", {"id": 1, "a": value}).rows
    assert first.data["k"] == kind
    assert type(second.data["a"]) in (type(None), int, float, str)


@pytest.mark.parametrize(
    "parameters", [{"n": 10**5000}, {1: 2}, {"a": object()}, {"a": {"b": {3, 4}}}, [["nested"] * 2]]
)
def test_parameters_that_are_no_json_are_refused(parameters: Any) -> None:
    if isinstance(parameters, list):
        parameters = {"deep": parameters}
        for _ in range(3000):
            parameters = {"deep": parameters}
    with pytest.raises(RequestError):
        Subscription("s0", parameters)
    with pytest.raises(RequestError):
        Request(ANYBODY, parameters)


class Secretive(UserDict[str, object]):
    def __repr__(self) -> str:
        return "{…}"


def test_subscriptions_are_told_apart_by_what_they_hold() -> None:
    rules = streams("SELECT id FROM t WHERE a = subscription.parameter('p')")
    asked = tuple(Subscription("s0", Secretive({"p": value})) for value in ("x", "y"))
    resolution = rules.resolve(Request(ANYBODY, subscriptions=asked), MemoryStore(rules))
    assert {bucket.id: bucket.reasons for bucket in resolution.buckets} == {'s0|0["x"]': (0,), 's0|0["y"]': (1,)}


@pytest.mark.parametrize("priority", [True, 1.0, 4, -1])
def test_a_priority_is_one_of_four_integers(priority: Any) -> None:
    with pytest.raises(RequestError):
        Subscription("s0", priority=priority)


def test_a_request_that_leads_to_too_many_buckets_is_not_answered_in_part() -> None:
    rules = streams(
        "SELECT id FROM t WHERE a IN auth.parameter('xs') AND b IN auth.parameter('xs')", "SELECT id FROM t"
    )
    claims = VerifiedClaims.unverified_for_testing({"sub": "u", "xs": [*range(40)]})
    with pytest.raises(LimitExceeded, match="1600 buckets, more than 1000: `s0` 1600") as exceeded:
        rules.resolve(Request(claims), MemoryStore(rules))
    assert exceeded.value.code == "PSYNC_S2305"
    found = rules.resolve(Request(claims), MemoryStore(rules), Limits(buckets=1601, parameter_results=0))
    assert (len(found.buckets), found.usage.buckets) == (1601, {"s0": 1600, "s1": 1})
    with pytest.raises(LimitExceeded) as exceeded:
        rules.resolve(Request(claims), MemoryStore(rules), Limits(buckets=1600))
    assert exceeded.value.streams == {"s0": 1600, "s1": 1}


def test_a_product_of_arrays_is_refused_without_being_made() -> None:
    arrays = " AND ".join(f"{column} IN auth.parameter('xs')" for column in "abcd")
    claims = VerifiedClaims.unverified_for_testing({"sub": "u", "xs": [*range(9000)]})
    rules = streams(f"SELECT id FROM t WHERE {arrays}")
    with pytest.raises(LimitExceeded) as exceeded:
        rules.resolve(Request(claims), MemoryStore(rules))
    assert exceeded.value.usage.buckets == {"s0": 9000**4}


MEMBERS = "SELECT team FROM members WHERE person = auth.user_id()"


def test_parameter_results_are_the_rows_of_every_lookup_of_every_subscription_before_equal_ones_are_one() -> None:
    rules = Rules.from_text(json.dumps({"config": {"edition": 3}, "streams": {
        "direct": {"auto_subscribe": True, "query": f"SELECT id FROM a WHERE team IN ({MEMBERS})"},
        "nested": {"auto_subscribe": True, "query": f"SELECT id FROM b WHERE room IN (SELECT id FROM rooms WHERE team IN ({MEMBERS}))"},
        "asked": {"query": f"SELECT id FROM c WHERE x = subscription.parameter('x') AND team IN ({MEMBERS})"},
    }}))  # fmt: skip
    store = MemoryStore(rules)
    rows = [Change.put("members", {"id": f"m{number}", "person": "u", "team": f"t{number % 2}"}) for number in range(6)]
    rows += [Change.put("rooms", {"id": f"r{number}", "team": f"t{number % 4}"}) for number in range(8)]
    store.apply(rows)
    asked = (Subscription("asked", {"x": "1"}), Subscription("asked", {"x": "2"}))
    claims = VerifiedClaims.unverified_for_testing({"sub": "u"})
    found = rules.resolve(Request(claims, {}, asked), store)
    assert {(step.stream, step.table): count for step, count in found.usage.parameter_results.items()} == {
        ("asked", "public.members"): 12, ("direct", "public.members"): 6,
        ("nested", "public.members"): 6, ("nested", "public.rooms"): 4,
    }  # fmt: skip
    assert found.usage.buckets == {"direct": 2, "nested": 4, "asked": 4}
    assert rules.resolve(Request(claims, {}, asked), store, Limits(parameter_results=28)) == found
    with pytest.raises(LimitExceeded, match="28 parameter results, more than 27") as exceeded:
        rules.resolve(Request(claims, {}, asked), store, Limits(parameter_results=27))
    assert exceeded.value.streams == {"asked": 12, "nested": 10, "direct": 6}
    assert [str(step) for step in exceeded.value.steps][0] == "`asked` from `public.members`"


def test_the_messages_on_the_page_of_the_error_are_those_of_the_code() -> None:
    named = {
        "team_notes": {"auto_subscribe": True, "query": f"SELECT id FROM notes WHERE team IN ({MEMBERS})"},
        "tags": {"auto_subscribe": True, "query": "SELECT id FROM notes WHERE tag IN auth.parameter('tags')"},
    }
    rules = Rules.from_text(json.dumps({"config": {"edition": 3}, "streams": named}))
    store = MemoryStore(rules)
    store.apply([Change.put("members", {"id": number, "person": "u", "team": number % 9}) for number in range(1001)])
    page = (Path(__file__).parents[2] / "docs" / "errors" / "PSYNC_S2305.md").read_text("utf-8")
    for claims in ({"sub": "u"}, {"sub": "v", "tags": [*range(1200)]}):
        with pytest.raises(LimitExceeded) as exceeded:
            rules.resolve(Request(VerifiedClaims.unverified_for_testing(claims)), store)
        assert f"| {exceeded.value} |" in page


def test_a_request_cannot_bring_subscriptions_without_end() -> None:
    with pytest.raises(RequestError):
        Request(ANYBODY, subscriptions=tuple(Subscription("s") for _ in range(10_001)))


def test_a_table_name_with_a_control_character_is_a_name() -> None:
    rules = streams('SELECT id FROM "t\0x"')
    assert [row.table for row in rules.evaluate("t\0x", {"id": "1"}).rows] == ["t\0x"]
