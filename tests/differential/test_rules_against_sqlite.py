"""Sync Rules by their definition: the data query joined to the parameter query's rows, in SQLite."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncrules import Request, Rules, Semantics, VerifiedClaims
from tests.differential.queries import (
    ARRAYS,
    CLAIM_SETS,
    CLAIMS,
    DATA,
    Text,
    column,
    here_and_there,
    joined,
    literal,
    operator,
    plain,
    spelt,
)
from tests.differential.rows import Data, changes, database
from tests.replica import Replica

REQUESTS = st.sampled_from(CLAIMS).map(lambda n: here_and_there(f"request.jwt() ->> '{n}'", f"(:claims ->> '{n}')"))
ARRAY_REQUESTS = st.sampled_from(ARRAYS).map(
    lambda n: here_and_there(f"request.jwt() ->> '{n}'", f"(:claims ->> '{n}')")
)


def row_condition(table: str) -> st.SearchStrategy[Text]:
    """Conditions on a row alone, in what Sync Rules have."""
    constants = st.sampled_from([0, 1, 2.5, "1", "a"]).map(literal).map(plain)
    simple = st.one_of(
        st.tuples(column(table), st.sampled_from(["=", "!=", "<", ">="]), constants).map(lambda p: operator(*p)),
        st.tuples(column(table), st.sampled_from(["IS NULL", "IS NOT NULL"])).map(
            lambda p: plain(f"({p[0].stream} {p[1]})")
        ),
        st.tuples(column(table), st.sampled_from(["=", "<"]), column(table)).map(lambda p: operator(*p)),
    )
    return st.one_of(simple, simple.map(lambda c: plain(f"(NOT {c.stream})")))


def some_element(value: Text, array: Text) -> Text:
    """`value IN array`: one of its elements equals the value."""
    return here_and_there(
        f"(({value.stream}) IN {array.stream})",
        f"EXISTS (SELECT 1 FROM json_each({array.sqlite}) AS e WHERE +e.value = {value.sqlite})",
    )


def matches(table: str) -> st.SearchStrategy[Text]:
    """A row of the parameter query's table meets the request."""
    return st.one_of(
        st.tuples(column(table), st.just("="), REQUESTS).map(lambda p: operator(*p)),
        st.tuples(column(table), ARRAY_REQUESTS).map(lambda p: some_element(*p)),
        REQUESTS.map(lambda r: some_element(r, plain(f"{table}.j"))),
    )


TABLE_QUERIES = st.tuples(column("g"), st.lists(row_condition("g"), max_size=2), matches("g"), st.booleans()).map(
    lambda p: spelt(
        lambda to: (
            f"SELECT {p[0]:{to}} AS x FROM g WHERE "
            f"{' AND '.join(f'{c:{to}}' for c in ([*p[1], p[2]] if p[3] else [p[2], *p[1]]))}"
        )
    )
)
STATIC_QUERIES = REQUESTS.map(lambda r: spelt(lambda to: f"SELECT {r:{to}} AS x"))
EACH_QUERIES = ARRAY_REQUESTS.map(
    lambda r: here_and_there(
        f"SELECT value AS x FROM json_each({r.stream})", f"SELECT +value AS x FROM json_each({r.sqlite})"
    )
)
PARAMETER_QUERIES = st.one_of(TABLE_QUERIES, STATIC_QUERIES, EACH_QUERIES)

BUCKET = here_and_there("bucket.x", "p.x")
MEETINGS = st.one_of(
    column("t").map(lambda c: operator(c, "=", BUCKET)),
    st.just(here_and_there("bucket.x IN t.j", "EXISTS (SELECT 1 FROM json_each(t.j) AS e WHERE +e.value = p.x)")),
    st.tuples(st.sampled_from(["AND", "OR"]), column("t"), column("t")).map(
        lambda p: joined(p[0], [operator(p[1], "=", BUCKET), operator(BUCKET, "=", p[2])])
    ),
)
DATA_CONDITIONS = st.tuples(MEETINGS, st.lists(row_condition("t"), max_size=2)).map(
    lambda p: spelt(lambda to: " AND ".join(f"{c:{to}}" for c in [*p[1], p[0]]))
)


def in_sqlite(parameters: Text, condition: Text, data: Data, claims: dict[str, Any]) -> set[str]:
    """The ids of the rows that some row of the parameter query makes the data query return."""
    query = f"SELECT t.id FROM t, ({parameters:sqlite}) AS p WHERE {condition:sqlite}"
    return {row[0] for row in database(data).execute(query, {"claims": json.dumps(claims)})}


def in_engine(parameters: Text, condition: Text, data: Data, claims: dict[str, Any]) -> set[str]:
    """The ids that sync."""
    definition = {"parameters": parameters.stream, "data": [f"SELECT id FROM t WHERE {condition:stream}"]}
    rules = Rules.from_text(json.dumps({"bucket_definitions": {"b": definition}}), semantics=Semantics.SQLITE)
    return Replica(rules, changes(data)).synced(Request(VerifiedClaims.unverified_for_testing(claims)))


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(PARAMETER_QUERIES, DATA_CONDITIONS, DATA, CLAIM_SETS)
def test_a_request_syncs_what_the_joined_queries_return(
    parameters: Text, condition: Text, data: Data, claims: dict[str, Any]
) -> None:
    found = in_engine(parameters, condition, data, claims)
    assert in_sqlite(parameters, condition, data, claims) == found, (parameters.stream, condition.stream)


@pytest.mark.long
@settings(max_examples=20_000, suppress_health_check=list(HealthCheck))
@given(PARAMETER_QUERIES, DATA_CONDITIONS, DATA, CLAIM_SETS, st.just(None))
def test_a_request_syncs_what_the_joined_queries_return_at_length(
    parameters: Text, condition: Text, data: Data, claims: dict[str, Any], _: None
) -> None:
    found = in_engine(parameters, condition, data, claims)
    assert in_sqlite(parameters, condition, data, claims) == found, (parameters.stream, condition.stream)
