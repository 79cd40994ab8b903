"""The corpora of scenarios, answered and compared with what the published peer answers."""

import json

import pytest

from syncrules import Rules, RulesError
from tests.conformance.corpus import Scenario, differences, judged, lines
from tests.conformance.scenarios import answer

CORPORA = ("rules", "streams", "metadata")
CASES = [
    pytest.param(scenario, theirs, id=scenario["name"])
    for corpus in CORPORA
    for scenario, theirs in zip(lines(corpus), lines(f"{corpus}.expected"), strict=True)
]


@pytest.mark.parametrize(("scenario", "theirs"), CASES)
def test_a_scenario_is_answered_like_the_peer_or_judged(scenario: Scenario, theirs: Scenario) -> None:
    ours = json.loads(json.dumps(answer(scenario)))
    found = differences(scenario, theirs, ours)
    if scenario["name"] in judged():
        assert found, "judged, but the same: take it off the list"
    else:
        assert [] == found


def test_every_judged_scenario_exists_and_has_a_reason() -> None:
    names = {case.values[0]["name"] for case in CASES}
    assert set(judged()) <= names
    assert all(len(reason) > 20 for reason in judged().values())


@pytest.mark.parametrize("corpus", ["rules", "streams", "metadata"])
def test_every_plan_of_a_corpus_round_trips_through_json(corpus: str) -> None:
    plans = 0
    for scenario in lines(corpus):
        try:
            rules = Rules.from_text(scenario["config"])
        except RulesError:
            continue
        plans += 1
        assert rules.plan == Rules.from_json(rules.to_json()).plan
        assert rules.to_json() == Rules.from_json(rules.to_json()).to_json()
    assert plans > 10
