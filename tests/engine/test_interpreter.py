"""Generated code answers what the interpreter answers: on every corpus, and on random queries."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from syncrules import Change, MemoryStore, Request, Rules, RulesError, Semantics
from syncrules.resolve.request import RequestError
from tests.conformance.corpus import lines
from tests.conformance.scenarios import change_of, request_of
from tests.differential.files import ASKED, FILES, Asked, File
from tests.differential.queries import DATA
from tests.differential.rows import Data, changes
from tests.engine.interpreted import (
    engine_buckets,
    engine_rows,
    interpreted_buckets,
    interpreted_entries,
    interpreted_rows,
)
from tests.functions.evaluate import compiled
from tests.functions.test_fuzz import EXPRESSIONS, ROWS


def check(rules: Rules, changes: list[Change], requests: list[Request]) -> None:
    store = MemoryStore(rules)
    store.apply(changes)
    for change in changes:
        assert engine_rows(rules, change.table, change.row) == interpreted_rows(rules, change.table, change.row)
        found = rules.program.lookups(change.table, change.row)
        entries = [(each.rule, each.key, each.outputs) for each in found.entries]
        errors = [error.message for error in found.errors]
        assert repr((entries, errors)) == repr(interpreted_entries(rules, change.table, change.row))
    for request in requests:
        assert engine_buckets(rules, request, store) == interpreted_buckets(rules, request, store)


@pytest.mark.parametrize("semantics", Semantics)
@pytest.mark.parametrize("corpus", ["rules", "streams", "metadata"])
def test_every_scenario_of_a_corpus(corpus: str, semantics: Semantics) -> None:
    checked = 0
    for scenario in lines(corpus):
        try:
            rules = Rules.from_text(scenario["config"], semantics=semantics)
        except RulesError:
            continue
        default = scenario.get("default_schema", "public")
        changes = [change_of(item, number, default) for number, item in enumerate(scenario.get("rows", ()))]
        requests = []
        for asked in scenario.get("requests", ()):
            with suppress(RequestError):
                requests.append(request_of(asked))
        check(rules, changes, requests)
        checked += 1
    assert checked > 10


@pytest.mark.parametrize("semantics", Semantics)
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(FILES, DATA, ASKED)
def test_random_streams(semantics: Semantics, file: File, data: Data, asked: Asked) -> None:
    rules = file.rules(semantics=semantics)
    if rules is not None:
        check(rules, [*changes(data)], [asked.request()])


@pytest.mark.parametrize("semantics", Semantics)
@settings(max_examples=500, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS, EXPRESSIONS, ROWS)
def test_random_expressions(semantics: Semantics, value: str, condition: str, row: dict[str, Any]) -> None:
    rules = compiled(f"SELECT id, {value} AS x FROM t WHERE {condition}", semantics)
    if isinstance(rules, Rules):
        check(rules, [Change.put("t", {**row, "id": "r"})], [])
