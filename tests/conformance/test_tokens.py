"""Every judged token and connection case gets the judged answer."""

import gzip
import json
from pathlib import Path

import pytest

from tests.conformance.tokens import Case, answer

FOLDER = Path(__file__).parents[2] / "fixtures" / "conformance"


def cases(name: str) -> list[Case]:
    path = FOLDER / name
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in data.splitlines()]


EXPECTED = {case["name"]: case["should"] for case in cases("tokens.expected.jsonl")}


@pytest.mark.parametrize("case", cases("tokens.jsonl.gz"), ids=lambda case: case["name"])
def test_a_token_gets_the_judged_answer(case):
    should, given = EXPECTED[case["name"]], answer(case)
    assert (should["result"], should.get("user_id")) == (given["result"], given["user_id"])
    assert should.get("codes", [None])[0] == given["code"]
    assert should.get("hint") in {None, given["hint"]}
    assert set(should.get("lint") or ()) <= set(given["lint"])


@pytest.mark.parametrize("case", cases("detect.jsonl"), ids=lambda case: case["name"])
def test_a_connection_names_the_judged_project(case):
    assert {"name": case["name"], "ref": case["should_ref"], "via": case.get("via")} == answer(case)


def test_every_token_case_has_an_expectation():
    assert EXPECTED.keys() == {case["name"] for case in cases("tokens.jsonl.gz")}
