"""Sync Rules by their definition: the data query joined to the parameter query's rows, in SQLite."""

import json
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncrules import Change, MemoryStore, Request, Rules, Semantics, VerifiedClaims
from tests.differential.queries import (
    ARRAYS,
    CLAIM_SETS,
    CLAIMS,
    COLUMNS,
    DATA,
    Text,
    both,
    column,
    row_condition,
)

Data = dict[str, list[dict[str, Any]]]

REQUESTS = st.sampled_from(CLAIMS).map(lambda n: Text(f"request.jwt() ->> '{n}'", f"(:claims ->> '{n}')"))
ARRAY_REQUESTS = st.sampled_from(ARRAYS).map(lambda n: Text(f"request.jwt() ->> '{n}'", f"(:claims ->> '{n}')"))


def matches(table: str) -> st.SearchStrategy[Text]:
    """A row of the parameter query's table meets the request."""
    return st.one_of(
        st.tuples(column(table), REQUESTS).map(lambda p: both(lambda to: f"({p[0]} = {p[1]:{to}})")),
        st.tuples(column(table), ARRAY_REQUESTS).map(
            lambda p: Text(
                f"({p[0]} IN {p[1]:stream})",
                f"EXISTS (SELECT 1 FROM json_each({p[1]:sqlite}) AS e WHERE e.value = {p[0]})",
            )
        ),
        REQUESTS.map(
            lambda r: Text(
                f"(({r:stream}) IN {table}.j)",
                f"EXISTS (SELECT 1 FROM json_each({table}.j) AS e WHERE e.value = {r:sqlite})",
            )
        ),
    )


TABLE_QUERIES = st.tuples(column("g"), st.lists(row_condition("g"), max_size=2), matches("g"), st.booleans()).map(
    lambda p: both(
        lambda to: (
            f"SELECT {p[0]} AS x FROM g WHERE {' AND '.join(f'{c:{to}}' for c in ([*p[1], p[2]] if p[3] else [p[2], *p[1]]))}"
        )
    )
)
STATIC_QUERIES = REQUESTS.map(lambda r: both(lambda to: f"SELECT {r:{to}} AS x"))
EACH_QUERIES = ARRAY_REQUESTS.map(lambda r: both(lambda to: f"SELECT value AS x FROM json_each({r:{to}})"))
PARAMETER_QUERIES = st.one_of(TABLE_QUERIES, STATIC_QUERIES, EACH_QUERIES)

MEETINGS = st.one_of(
    column("t").map(lambda c: Text(f"{c} = bucket.x", f"{c} = p.x")),
    st.just(Text("bucket.x IN t.j", "EXISTS (SELECT 1 FROM json_each(t.j) AS e WHERE e.value = p.x)")),
    st.tuples(column("t"), column("t")).map(
        lambda c: Text(f"({c[0]} = bucket.x AND bucket.x = {c[1]})", f"({c[0]} = p.x AND p.x = {c[1]})")
    ),
    st.tuples(column("t"), column("t")).map(
        lambda c: Text(f"({c[0]} = bucket.x OR bucket.x = {c[1]})", f"({c[0]} = p.x OR p.x = {c[1]})")
    ),
)
DATA_CONDITIONS = st.tuples(MEETINGS, st.lists(row_condition("t"), max_size=2)).map(
    lambda p: both(lambda to: " AND ".join(f"{c:{to}}" for c in [*p[1], p[0]]))
)


def in_sqlite(parameters: Text, condition: Text, data: Data, claims: dict[str, Any]) -> set[str]:
    """The ids of the rows that some row of the parameter query makes the data query return."""
    database = apsw.Connection(":memory:")
    for table, rows in data.items():
        database.execute(f"CREATE TABLE {table} (id, {', '.join(COLUMNS)}, j)")
        for number, row in enumerate(rows):
            values = [f"{table}{number}", *(row[name] for name in COLUMNS), _array(row["j"])]
            database.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", values)
    query = f"SELECT t.id FROM t, ({parameters:sqlite}) AS p WHERE {condition:sqlite}"
    return {row[0] for row in database.execute(query, {"claims": json.dumps(claims)})}


def in_engine(parameters: Text, condition: Text, data: Data, claims: dict[str, Any]) -> set[str]:
    """The ids that sync."""
    definition = {"parameters": parameters.stream, "data": [f"SELECT id FROM t WHERE {condition:stream}"]}
    rules = Rules.from_text(json.dumps({"bucket_definitions": {"b": definition}}), semantics=Semantics.SQLITE)
    store = MemoryStore(rules)
    for table, rows in data.items():
        for number, row in enumerate(rows):
            store.apply([Change.put(table, row | {"id": f"{table}{number}", "j": _array(row["j"])})])
    resolution = rules.resolve(Request(VerifiedClaims.unverified_for_testing(claims)), store)
    assert not resolution.errors
    buckets = {bucket.id for bucket in resolution.buckets}
    return {row.id for found in store.evaluations().values() for row in found.rows if row.bucket in buckets}


def _array(value: list[Any] | None) -> str | None:
    return None if value is None else json.dumps(value)


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
