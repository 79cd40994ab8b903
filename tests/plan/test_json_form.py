"""A plan goes to JSON and back without loss; what is no plan, or does not hold together, never runs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncrules import Change, MemoryStore, Request, Rules, VerifiedClaims, load
from syncrules.plan.json_form import PlanFormatError
from syncrules.plan.validity import flaws
from tests.conformance.corpus import lines
from tests.differential.files import FILES, File

FILE = Path(__file__).parents[2] / "fixtures" / "chat" / "sync-streams.yaml"
PLAN = json.loads(load(FILE).to_json())
ANYBODY = VerifiedClaims.unverified_for_testing({"sub": "u"})


def test_the_form_is_the_one_that_servers_keep() -> None:
    text = "streams: {a: {query: SELECT id FROM t WHERE x = 1}}\nconfig: {edition: 3}\n"
    start, end = text.index("SELECT"), text.index("}}")
    assert json.loads(Rules.from_text(text).to_json()) == {
        "semantics": "powersync",
        "streams": ["a"],
        "buckets": [{"name": "a|0", "arity": 0}],
        "row_rules": [{
            "table": {"schema": {"text": "public", "match": "exact"}, "name": {"text": "t", "match": "exact"}, "tag": None},
            "steps": [{
                "condition": {
                    "function": "=",
                    "arguments": [
                        {"source": 0, "name": "x", "kind": "column"},
                        {"type": "integer", "text": "1", "kind": "constant"},
                    ],
                    "kind": "call",
                },
                "spans": [{"start": end - 5, "end": end}],
                "kind": "filter",
            }],
            "bucket": 0,
            "keys": [],
            "output_table": None,
            "columns": [{"name": "id", "expression": {"source": 0, "name": "id", "kind": "column"}, "kind": "output"}],
            "spans": [{"start": start, "end": end}],
        }],
        "lookup_rules": [],
        "bucket_queries": [{
            "stream": "a", "bucket": 0, "subscribable": True, "auto_subscribe": False, "priority": 3,
            "parts": [], "values": [], "spans": [{"start": start, "end": end}],
        }],
        "version": 1,
        "source_format": json.loads(Rules.from_text(text).to_json())["source_format"],
    }  # fmt: skip


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(FILES)
def test_the_compilers_plans_hold_together(file: File) -> None:
    rules = file.rules()
    assert rules is None or [*flaws(rules.plan)] == []


@pytest.mark.parametrize("corpus", ["rules", "streams", "metadata"])
def test_every_plan_of_a_corpus_holds_together(corpus: str) -> None:
    checked = 0
    for scenario in lines(corpus):
        try:
            rules = Rules.from_text(scenario["config"])
        except Exception:  # the corpus has files that are refused
            continue
        assert [*flaws(rules.plan)] == []
        checked += 1
    assert checked > 10


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '{"version": 2}', "[" * 100_000])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(PlanFormatError):
        Rules.from_json(text)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the plan's single values stand."""
    match value:
        case dict():
            for key, item in value.items():
                if key != "spans":
                    yield from places(item, (*path, key))
        case list():
            for number, item in enumerate(value):
                yield from places(item, (*path, number))
        case _:
            yield path


PLACES = [*places(PLAN)]
OTHERS = st.one_of(
    st.sampled_from([None, True, -1, 0, 1, 99, 2**70, 1.5, "", "0", "9", "nosuch", "column", "+", "json_each", "id"]),
    st.sampled_from([['"x"'], {"kind": "column", "source": 7, "name": "x"}, {"kind": "request", "part": "user_id"}]),
    st.sampled_from([{"kind": "call", "function": "upper", "arguments": []}, {"kind": "parameter", "name": "x"}]),
)


@settings(max_examples=500)
@given(st.sampled_from(PLACES), OTHERS)
def test_a_plan_with_one_wrong_value_is_refused_or_runs(place: tuple[Any, ...], value: object) -> None:
    changed = json.loads(json.dumps(PLAN))
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    try:
        rules = Rules.from_json(json.dumps(changed))
    except PlanFormatError:
        return
    store = MemoryStore(rules)
    row = {"id": "1", "channel_id": "c", "user_id": "u", "is_public": 1, "pinned": 1}
    for table in ("channels", "messages", "channel_members", "reactions", "profiles"):
        store.apply([Change.put(table, row)])
    rules.resolve(Request(ANYBODY), store)
