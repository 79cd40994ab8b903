"""What grows with what: rows with their own table's rules, reads with the depth of a query, and nothing else."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules import Change, Limits, MemoryStore, Request, Rules, SourceTable, Subscription, VerifiedClaims
from syncrules.engine.found import Answers, LookupKey
from syncrules.engine.row_code import row_code

MANY = Limits(buckets=100_000, parameter_results=100_000)
CHAIN = (
    "SELECT id FROM tasks WHERE project IN (SELECT id FROM projects WHERE team IN "
    "(SELECT id FROM teams WHERE org IN (SELECT org FROM members WHERE person = auth.user_id())))"
)


def streams(*queries: str) -> Rules:
    named = {f"s{number}": {"auto_subscribe": True, "query": query} for number, query in enumerate(queries)}
    return Rules.from_text(json.dumps({"config": {"edition": 3}, "streams": named}))


class CountingStore:
    """A store that remembers what it was asked, a batch an item."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.batches: list[list[LookupKey]] = []

    def at(self, checkpoint: int | None = None) -> "CountingStore":
        return self

    @property
    def checkpoint(self) -> int:
        return self.store.state().checkpoint

    def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        self.batches.append([*keys])
        return self.store.at().lookup(keys)


def ask(rules: Rules, rows: list[tuple[str, dict[str, Any]]]) -> tuple[CountingStore, set[str]]:
    store = CountingStore(MemoryStore(rules))
    store.store.apply(Change.put(table, row) for table, row in rows)
    resolution = rules.resolve(Request(VerifiedClaims.unverified_for_testing({"sub": "ada"})), store, MANY)
    return store, {bucket.id for bucket in resolution.buckets}


def organisation(width: int) -> list[tuple[str, dict[str, Any]]]:
    """Ada is in `width` organisations, each with a team, each with a project."""
    rows: list[tuple[str, dict[str, Any]]] = []
    for number in range(width):
        rows += [
            ("members", {"id": f"m{number}", "person": "ada", "org": f"o{number}"}),
            ("teams", {"id": f"t{number}", "org": f"o{number}"}),
            ("projects", {"id": f"p{number}", "team": f"t{number}"}),
        ]
    return rows


@pytest.mark.parametrize("width", [1, 20, 500])
def test_three_lookups_are_three_reads_whatever_the_number_of_bindings(width: int) -> None:
    store, buckets = ask(streams(CHAIN), organisation(width))
    assert len(buckets) == width
    assert len(store.batches) == 3


def test_all_queries_of_a_request_advance_together() -> None:
    store, _ = ask(
        streams(CHAIN, CHAIN.replace("tasks", "notes"), CHAIN.replace("SELECT org", "SELECT team")), organisation(5)
    )
    assert len(store.batches) == 3


def test_duplicates_are_dropped_by_the_step_that_makes_them() -> None:
    rows = [("members", {"id": f"m{number}", "person": "ada", "org": "o"}) for number in range(200)]
    rows += [("teams", {"id": "t", "org": "o"}), ("projects", {"id": "p", "team": "t"})]
    store, buckets = ask(streams(CHAIN), rows)
    assert [len(batch) for batch in store.batches] == [1, 1, 1]
    assert len(buckets) == 1


def test_no_key_is_read_twice() -> None:
    store, _ = ask(streams(CHAIN, CHAIN.replace("tasks", "notes"), CHAIN.replace("tasks", "files")), organisation(30))
    asked = [key for batch in store.batches for key in batch]
    assert len(asked) == len(set(asked))


def test_what_one_stream_asked_for_is_not_asked_for_again_by_another_one_step_later() -> None:
    rules = Rules.from_text("""
config: {edition: 3}
streams:
  far:
    query: SELECT * FROM a WHERE team IN (SELECT id FROM teams WHERE org IN (SELECT org FROM members WHERE person = auth.user_id()))
  near:
    query: SELECT * FROM b WHERE team IN (SELECT id FROM teams WHERE org = subscription.parameter('org'))
""")
    store = CountingStore(MemoryStore(rules))
    store.store.apply(Change.put(table, row) for table, row in organisation(1))
    claims = VerifiedClaims.unverified_for_testing({"sub": "ada"})
    subscriptions = (Subscription("far"), Subscription("near", {"org": "o0"}))
    found = rules.resolve(Request(claims, {}, subscriptions), store)
    assert ["far", "near"] == [bucket.definition for bucket in found.buckets]
    assert [2] == [len(batch) for batch in store.batches]


def test_a_thousand_streams_compile_and_a_row_runs_through_its_own_tables_rules_only() -> None:
    rules = streams(*(f"SELECT id FROM t{number} WHERE owner = auth.user_id()" for number in range(1000)))
    assert len(rules.plan.bucket_queries) == 1000
    own = rules.program.row_rules(SourceTable("t7"))
    assert len(own) == 1
    alone = streams("SELECT id FROM t7 WHERE owner = auth.user_id()")
    others = alone.program.row_rules(SourceTable("t7"))
    lines = [
        len(row_code(SourceTable("t7"), found, rules.plan.buckets, rules.plan.semantics).lines)
        for found in (own, others)
    ]
    assert lines[0] == lines[1]


def test_a_thousand_streams_that_sync_the_same_rows_are_one_bucket() -> None:
    rules = streams(*("SELECT id FROM t WHERE owner = auth.user_id()" for _ in range(1000)))
    assert len(rules.plan.buckets) == len(rules.plan.row_rules) == 1


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6))
def test_reads_grow_with_the_depth_of_a_query_alone(depth: int, width: int) -> None:
    inner = "SELECT x FROM l0 WHERE person = auth.user_id()"
    for level in range(1, depth):
        inner = f"SELECT x FROM l{level} WHERE y IN ({inner})"
    rows = [("l0", {"id": f"a{n}", "person": "ada", "x": n}) for n in range(width)]
    rows += [(f"l{level}", {"id": f"{level}-{n}", "y": n, "x": n}) for level in range(1, depth) for n in range(width)]
    store, buckets = ask(streams(f"SELECT id FROM t WHERE z IN ({inner})"), rows)
    assert (len(store.batches), len(buckets)) == (depth, width)
