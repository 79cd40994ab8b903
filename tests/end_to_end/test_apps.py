"""The example apps, from a signed token to the rows a person sees, in both languages."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from syncrules import Change, MemoryStore, Request, Rules, Subscription, Verifier, load
from syncrules.cli.source_rows import read_changes
from syncrules.stores.protocol import Answers, LookupKey

FIXTURES = Path(__file__).parents[2] / "fixtures"
NOW = 1795608060.0
CASES = [
    pytest.param(expected.parent, case, id=f"{expected.parent.name}: {case['name']}")
    for expected in sorted(FIXTURES.glob("*/expected.yaml"))
    for case in yaml.safe_load(expected.read_text("utf-8"))
]


def request_of(app: Path, case: dict[str, Any]) -> Request:
    verifier = Verifier.from_config(app / "auth.yaml")
    claims = verifier.verify((app / "tokens" / f"{case['person']}.jwt").read_text("utf-8").strip(), now=NOW)
    subscriptions = [Subscription(s["stream"], s.get("parameters")) for s in case.get("subscriptions", ())]
    return Request(claims, case.get("parameters", {}), tuple(subscriptions))


def filled(rules: Rules, app: Path) -> MemoryStore:
    store = MemoryStore(rules)
    store.apply(read_changes(app / "data"))
    assert not store.errors
    return store


def visible(store: MemoryStore, buckets: set[str]) -> dict[str, set[str]]:
    rows: dict[str, set[str]] = defaultdict(set)
    for evaluation in store.evaluations().values():
        for row in evaluation.rows:
            if row.bucket in buckets:
                rows[row.table].add(row.id)
    return dict(rows)


class Awaited:
    """A store that answers only when it is awaited, and counts its reads."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.reads = 0

    async def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        self.reads += 1
        await asyncio.sleep(0)
        return self.store.lookup(keys)


@pytest.mark.parametrize(("app", "case"), CASES)
@pytest.mark.parametrize("language", ["sync-rules", "sync-streams"])
def test_a_person_syncs_exactly_what_sql_says(app: Path, case: dict[str, Any], language: str) -> None:
    if language not in case:
        assert language == "sync-rules"
        return
    rules = load(app / f"{language}.yaml")
    store = filled(rules, app)
    resolution = rules.resolve(request_of(app, case), store)
    assert resolution.errors == ()
    expected = {table: set(ids) for table, ids in case[language]["rows"].items()}
    assert expected == visible(store, {bucket.id for bucket in resolution.buckets})
    if language == "sync-rules":
        assert set(case[language]["buckets"]) == {bucket.id for bucket in resolution.buckets}


@pytest.mark.parametrize(("app", "case"), CASES)
def test_an_awaited_store_and_a_stored_plan_give_the_same_answer(app: Path, case: dict[str, Any]) -> None:
    rules = load(app / "sync-streams.yaml")
    store = filled(rules, app)
    request = request_of(app, case)
    expected = rules.resolve(request, store)
    awaited = Awaited(store)
    assert expected == asyncio.run(rules.resolve_async(request, awaited))
    assert awaited.reads <= 2, "one read for each depth of lookups"
    assert expected == Rules.from_json(rules.to_json()).resolve(request, store)


@pytest.mark.parametrize("app", sorted({case.values[0] for case in CASES}), ids=lambda app: app.name)
def test_removing_every_row_leaves_a_store_empty(app: Path) -> None:
    rules = load(app / "sync-streams.yaml")
    store = filled(rules, app)
    store.apply([Change("delete", table, key) for table, key in list(store.evaluations())])
    assert store == MemoryStore(rules)


def test_the_apps_hold_data_in_every_format_that_a_table_can_have() -> None:
    assert {".csv", ".jsonl", ".yaml"} <= {file.suffix for file in FIXTURES.glob("*/data/*")}
