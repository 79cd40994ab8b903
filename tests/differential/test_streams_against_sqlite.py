"""The definition of correct, taken literally: a request syncs the rows that SQLite returns."""

import json
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syncrules import Change, MemoryStore, Request, Rules, RulesError, Semantics, Subscription, VerifiedClaims
from tests.differential.queries import CLAIM_SETS, COLUMNS, DATA, QUERIES, Text

Data = dict[str, list[dict[str, Any]]]


def in_sqlite(query: Text, data: Data, claims: dict[str, Any], parameters: dict[str, Any]) -> set[str]:
    """The ids that the query returns."""
    database = apsw.Connection(":memory:")
    for table, rows in data.items():
        database.execute(f"CREATE TABLE {table} (id, {', '.join(COLUMNS)}, j)")
        for number, row in enumerate(rows):
            values = [f"{table}{number}", *(row[name] for name in COLUMNS), _array(row["j"])]
            database.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", values)
    bound = {"claims": json.dumps(claims), "subscription": json.dumps(parameters)}
    return {
        row[0] for row in database.execute(query.sqlite, {k: v for k, v in bound.items() if f":{k}" in query.sqlite})
    }


def in_engine(query: Text, data: Data, claims: dict[str, Any], parameters: dict[str, Any]) -> set[str] | None:
    """The ids that sync; None where the query is refused for its many alternatives."""
    text = f"config: {{edition: 3}}\nstreams:\n  s:\n    query: {json.dumps(query.stream)}\n"
    try:
        rules = Rules.from_text(text, semantics=Semantics.SQLITE)
    except RulesError as error:
        assert {d.code for d in error.diagnostics if d.severity == "error"} == {"too-many-alternatives"}, str(error)
        return None
    store = MemoryStore(rules)
    for table, rows in data.items():
        for number, row in enumerate(rows):
            store.apply([Change.put(table, row | {"id": f"{table}{number}", "j": _array(row["j"])})])
    assert not store.errors
    request = Request(VerifiedClaims.unverified_for_testing(claims), subscriptions=(Subscription("s", parameters),))
    resolution = rules.resolve(request, store)
    assert not resolution.errors
    buckets = {bucket.id for bucket in resolution.buckets}
    return {row.id for found in store.evaluations().values() for row in found.rows if row.bucket in buckets}


def _array(value: list[Any] | None) -> str | None:
    return None if value is None else json.dumps(value)


NOBODY = {"p": None, "q": None, "xs": None, "ys": None}
OR_BESIDE_FILTERS = "SELECT t.id FROM t WHERE t.a = 0 AND t.b = 0 AND (t.a = 0 OR t.c IS NULL)"
"""Once let every row through: the filters were joined without parentheses around the OR."""


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(QUERIES, DATA, CLAIM_SETS, CLAIM_SETS)
@example(
    Text(OR_BESIDE_FILTERS, OR_BESIDE_FILTERS),
    {"t": [{"a": None, "b": None, "c": None, "j": None}], "g": [], "h": []},
    NOBODY,
    NOBODY,
)
def test_a_request_syncs_exactly_the_rows_that_sqlite_returns(
    query: Text, data: Data, claims: dict[str, Any], parameters: dict[str, Any]
) -> None:
    synced = in_engine(query, data, claims, parameters)
    if synced is not None:
        assert in_sqlite(query, data, claims, parameters) == synced, query.stream


@pytest.mark.long
@settings(max_examples=20_000, suppress_health_check=list(HealthCheck))
@given(QUERIES, DATA, CLAIM_SETS, CLAIM_SETS, st.just(None))
def test_a_request_syncs_exactly_the_rows_that_sqlite_returns_at_length(
    query: Text, data: Data, claims: dict[str, Any], parameters: dict[str, Any], _: None
) -> None:
    synced = in_engine(query, data, claims, parameters)
    if synced is not None:
        assert in_sqlite(query, data, claims, parameters) == synced, query.stream
