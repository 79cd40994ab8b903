"""Hostile requests, made from the service's own description: every answer is one that it describes, and nobody gains by one."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.server.running import SECRET, Running, auth_file, bearer
from tests.server.test_serve import RULES

ADA = {'mine|0["ada"]', 'shared|0["l"]'}
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("hostile")
    (folder / "rules.yaml").write_text(RULES, "utf-8")
    arguments = (folder / "rules.yaml", "--auth", auth_file(folder), "--store", folder / "store.sqlite", "--quiet")
    with Running(*arguments, secret=SECRET) as service:
        service.put("members", {"id": "m", "list": "l", "person": "ada"}, Authorization=f"Bearer {SECRET}")
        yield service


AUTHORIZATIONS = st.sampled_from(
    [{}, {"Authorization": "Bearer a.b.c"}, {"Authorization": "Basic eDp5"}, bearer({"sub": "mallory"}), {"Authorization": f"Bearer {SECRET}x"}]
)  # fmt: skip
SETTINGS = settings(max_examples=100, suppress_health_check=list(HealthCheck), deadline=None)


def attack(running: Running, examples: int) -> None:
    """Sends so many requests with a body, valid and broken ones, evenly to each path, as strangers and as Mallory."""
    document = running.client.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=running.url)
    operations = [result.ok() for result in schema.get_all_operations()]
    valid, broken = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
    plans = {operation: [valid, broken] if operation.body else [valid] for operation in operations}
    with_body = sum(len(modes) == 2 for modes in plans.values())
    statuses: set[int] = set()
    for operation, modes in plans.items():
        for mode in modes:
            # A path without a body has one request, with each of the ways to say who asks.
            share = examples // (2 * with_body) if operation.body else 20

            @settings(SETTINGS, max_examples=share)
            @given(operation.as_strategy(generation_mode=mode), AUTHORIZATIONS)
            def send(case: schemathesis.Case, authorization: dict[str, str]) -> None:
                case.headers = {
                    **{n: v for n, v in (case.headers or {}).items() if n.lower() != "authorization"},
                    **authorization,
                }
                answer = case.call(base_url=running.url)
                statuses.add(answer.status_code)
                assert answer.status_code < 500, (answer.status_code, answer.text)
                case.validate_response(answer, checks=CHECKS)
                if answer.status_code == 200 and operation.path == "/v1/resolve":
                    found = {bucket["bucket"] for bucket in answer.json()["buckets"]}
                    assert answer.json()["user"] == "mallory"
                    assert found <= {'mine|0["mallory"]'}
                if operation.path in {"/v1/rows", "/v1/reload", "/metrics"}:
                    assert answer.status_code in {401, 405}, "nobody here knows the secret"

            send()
    assert statuses >= {200, 401, 422}, "and all kinds of them were seen"
    assert running.buckets({"sub": "ada"}) == ADA, "and what was there is as it was"
    assert running.client.get("/ready").json()["checkpoint"] == 1


def test_requests_of_every_kind_get_answers_that_are_described_and_give_nothing_away(running: Running) -> None:
    attack(running, 300)


@pytest.mark.long
def test_very_many_hostile_requests(running: Running) -> None:
    attack(running, 100_000)
