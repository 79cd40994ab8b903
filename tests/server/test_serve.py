"""What the service answers, to whom, and what it refuses."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from syncrules import Request, VerifiedClaims
from syncrules.casefile.scene import Scene
from syncrules.server.access import is_loopback
from syncrules.values.json_text import json_text
from tests.server.running import SECRET, Running, auth_file, bearer, token

FIXTURES = Path(__file__).parents[2] / "fixtures"
APPS = sorted(path.parent.name for path in FIXTURES.glob("*/sync-streams.yaml"))
RULES = """
config: {edition: 3}
streams:
  mine: {auto_subscribe: true, query: SELECT * FROM lists WHERE owner = auth.user_id()}
  shared: {auto_subscribe: true, query: "SELECT * FROM lists AS shared WHERE id IN (SELECT list FROM members WHERE person = auth.user_id())"}
  one: {query: "SELECT * FROM lists AS one WHERE id = subscription.parameter('id') AND id IN (SELECT list FROM members WHERE person = auth.user_id())"}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("serve")
    (folder / "rules.yaml").write_text(RULES, "utf-8")
    with Running(folder / "rules.yaml", "--auth", auth_file(folder), "--store", folder / "store.sqlite") as service:
        yield service


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("rules", ["sync-streams.yaml", "sync-rules.yaml"])
def test_everybody_gets_what_the_library_gives_them(tmp_path: Path, app: str, rules: str) -> None:
    kind = "streams" if "streams" in rules else "rules"
    scene = Scene.load(FIXTURES / app / f"{kind}.syncrules.yaml")
    people = [person for person in scene.people.values() if isinstance(person, VerifiedClaims)]
    assert people
    with Running(FIXTURES / app / rules, "--auth", auth_file(tmp_path), "--data", FIXTURES / app / "data") as service:
        for person in people:
            names = json.loads(json_text(dict(person.claims))) | {"aud": "sync"}
            found = service.resolve(names)
            assert found.status_code == 200, found.text
            expected = scene.resolve(Request(VerifiedClaims.unverified_for_testing(names)))
            assert [(b["bucket"], b["priority"], b["definition"], b["reasons"]) for b in found.json()["buckets"]] == [
                (b.id, b.priority, b.definition, list(b.reasons)) for b in expected.buckets
            ]
            assert found.json()["user"] == person.user_id


def test_rows_that_are_sent_decide_what_is_synced_from_then_on(running: Running) -> None:
    ada = {"sub": "ada"}
    before = running.resolve(ada).json()
    taken = running.put("members", {"id": "m1", "list": "groceries", "person": "ada"}).json()
    assert taken == {"checkpoint": taken["checkpoint"], "changed_keys": 2, "errors": []}
    after = running.resolve(ada).json()
    assert {b["bucket"] for b in after["buckets"]} - {b["bucket"] for b in before["buckets"]} == {
        'shared|0["groceries"]'
    }
    assert after["checkpoint"] == taken["checkpoint"]
    assert after["usage"] == {"buckets": 2, "parameter_results": 1}
    earlier = running.resolve(ada, checkpoint=before["checkpoint"]).json()
    assert earlier["buckets"] == before["buckets"]
    asked = running.resolve(ada, subscriptions=[{"stream": "one", "parameters": {"id": "groceries"}, "priority": 1}])
    (one,) = [bucket for bucket in asked.json()["buckets"] if bucket["definition"] == "one"]
    assert (one["parameters"], one["priority"], one["reasons"]) == (["groceries"], 1, [0])
    assert running.buckets({"sub": "bea"}) == {'mine|0["bea"]'}
    gone = running.client.post("/v1/rows", json={"changes": [{"operation": "delete", "table": "members", "key": "m1"}]})
    assert gone.json()["changed_keys"] == 2
    assert running.resolve(ada).json()["buckets"] == before["buckets"]


REFUSED = [
    ({"json": {}, "headers": {}}, 401, "PSYNC_S2106"),
    ({"json": {}, "headers": {"Authorization": "Bearer x.y.z"}}, 401, "PSYNC_S2101"),
    ({"json": {}, "headers": {"Authorization": f"Bearer {token({'sub': 'ada'}, lifetime=-100)}"}}, 401, "PSYNC_S2103"),
    ({"json": {"checkpoint": 10**6}}, 409, "checkpoint"),
    ({"json": {"surprise": 1}}, 422, "body"),
    ({"json": {"subscriptions": [{"stream": "one", "priority": 9}]}}, 422, "body"),
    ({"json": {"subscriptions": [{"stream": "one"}] * 10_001}}, 422, "body"),
    ({"json": []}, 422, "body"),
    ({"content": b'{"parameters": {"n": NaN}}'}, 400, "json"),
    ({"content": b'{"parameters": '}, 400, "json"),
    ({"content": b'{"parameters": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}"}, 400, "json"),
    ({"content": b"\xff\xfe"}, 400, "json"),
    ({"content": b"{" + b" " * 2_000_000 + b"}"}, 413, "too-large"),
    ({"content": b"{}", "headers": {"Content-Type": "text/plain", **bearer({"sub": "ada"})}}, 415, "content-type"),
]


@pytest.mark.parametrize(
    ("sent", "status", "code"), REFUSED, ids=[f"{number} {code}" for number, (_, _, code) in enumerate(REFUSED)]
)
def test_what_cannot_be_answered_is_refused_with_a_reason(
    running: Running, sent: dict[str, Any], status: int, code: str
) -> None:
    headers = sent.get("headers", bearer({"sub": "ada"}))
    answer = running.client.post("/v1/resolve", **{**sent, "headers": {"Content-Type": "application/json", **headers}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_too_much_is_refused_with_the_services_code_and_what_used_it_up(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    with Running(tmp_path / "rules.yaml", "--auth", auth_file(tmp_path), "--limit-results", "2") as service:
        for number in range(3):
            service.put("members", {"id": number, "list": f"l{number}", "person": "ada"})
        answer = service.resolve({"sub": "ada"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "PSYNC_S2305")
    assert answer.json()["error"]["streams"] == {"shared": 3}


@pytest.mark.parametrize(
    "change",
    [
        {"operation": "put", "table": "lists"},
        {"operation": "delete", "table": "lists"},
        {"operation": "drop", "table": "lists", "key": 1},
        {"operation": "put", "table": "lists", "row": {"id": {"$blob": "xyz"}}},
        {"operation": "put", "table": "", "row": {"id": 1}},
        {"operation": "put", "table": "lists", "row": {"id": 1}, "key": {"a": 1}},
    ],
)  # fmt: skip
def test_one_change_that_means_nothing_leaves_the_whole_batch_out(running: Running, change: dict[str, Any]) -> None:
    before = running.client.get("/ready").json()
    whole = {"operation": "put", "table": "members", "row": {"id": "no", "list": "no", "person": "cleo"}}
    answer = running.client.post("/v1/rows", json={"changes": [whole, change]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "body")
    assert running.client.get("/ready").json() == before
    assert running.buckets({"sub": "cleo"}) == {'mine|0["cleo"]'}


def test_values_arrive_as_they_were_sent(running: Running) -> None:
    numbers = [2**53 + 1, -(2**63), 1.5, "007", "\u0000", None, {"$blob": "00ff"}, True]
    changes = [
        {"operation": "put", "table": "members", "key": ["value", number], "row": {"list": value, "person": "dora"}}
        for number, value in enumerate(numbers)
    ]
    assert running.client.post("/v1/rows", json={"changes": changes}).status_code == 200
    answer = running.resolve({"sub": "dora"}).json()
    found = [bucket["parameters"] for bucket in answer["buckets"] if bucket["definition"] == "shared"]
    expected = [[2**53 + 1], [-(2**63)], [1.5], ["007"], ["\0"], [1]]
    assert sorted(found, key=repr) == sorted(expected, key=repr), "NULL and BLOBs are no keys"


def test_paths_and_methods_that_are_not_there_are_refused_alike(running: Running) -> None:
    assert running.client.get("/v1/resolve").json()["error"]["code"] == "method"
    assert running.client.get("/nothing").json()["error"]["code"] == "no-such-path"


def test_metrics_count_what_was_asked(running: Running) -> None:
    def counted() -> dict[tuple[str, ...], float]:
        families = text_string_to_metric_families(running.client.get("/metrics").text)
        return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}

    before = counted()
    running.resolve({"sub": "ada"})
    running.client.post("/v1/resolve", json={})
    after = counted()
    resolved = ("syncrules_requests_total", "/v1/resolve", "200")
    assert after[resolved] == before.get(resolved, 0) + 1
    refused = ("syncrules_refusals_total", "PSYNC_S2106")
    assert after[refused] == before.get(refused, 0) + 1
    assert after["syncrules_checkpoint",] == running.client.get("/ready").json()["checkpoint"]


def test_the_log_tells_of_every_request_and_of_no_token(running: Running) -> None:
    answer = running.resolve({"sub": "somebody"})
    record = running.logged(request=answer.headers["x-request-id"])
    assert (record["path"], record["status"], record["buckets"]) == ("/v1/resolve", 200, 1)
    assert not any("eyJ" in line or "somebody" in line for line in running.lines)


def test_every_answer_is_as_the_description_says(running: Running) -> None:
    described = running.client.get("/openapi.json").json()

    def check(path: str, answer: httpx.Response) -> None:
        operation = described["paths"][path][answer.request.method.lower()]
        response = operation["responses"][str(answer.status_code)]
        schema = {**response["content"]["application/json"]["schema"], "components": described["components"]}
        jsonschema.validate(answer.json(), schema)

    check("/v1/resolve", running.resolve({"sub": "ada"}))
    check("/v1/resolve", running.client.post("/v1/resolve", json={}))
    check("/v1/resolve", running.resolve({"sub": "ada"}, surprise=1))
    check("/v1/rows", running.put("lists", {"id": "l1", "owner": "ada"}))
    check("/v1/rows", running.client.post("/v1/rows", json={}))
    check("/v1/reload", running.client.post("/v1/reload"))
    check("/health", running.client.get("/health"))
    check("/ready", running.client.get("/ready"))


GUARDED = [("POST", "/v1/rows"), ("POST", "/v1/reload"), ("GET", "/metrics")]


def test_with_a_secret_only_who_knows_it_sends_rows_reloads_and_reads_metrics(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    with Running(tmp_path / "rules.yaml", "--auth", auth_file(tmp_path), secret=SECRET) as service:
        for method, path in GUARDED:
            for headers in (
                {},
                bearer({"sub": "ada"}),
                {"Authorization": f"Bearer {SECRET[:-1]}"},
                {"Authorization": SECRET},
                {"Authorization": b"Bearer \xe9"},
            ):
                answer = service.client.request(method, path, headers=headers)
                assert (answer.status_code, answer.json()["error"]["code"]) == (401, "secret")
        given = {"Authorization": f"Bearer {SECRET}"}
        assert service.put("members", {"id": 1, "list": "l", "person": "ada"}, **given).status_code == 200
        assert service.client.get("/metrics", headers=given).status_code == 200
        assert service.client.post("/v1/reload", headers=given).status_code == 200
        assert service.client.post("/v1/resolve", json={}, headers=given).status_code == 401, (
            "the secret is nobody's token"
        )
        assert not any(SECRET in line for line in service.lines)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {"X-Real-IP": "127.0.0.1"}, {"Via": "1.1 proxy"},
        {"Origin": "http://localhost"}, {"Host": "attacker.example"},
    ],
    ids=lambda headers: next(iter(headers)),
)  # fmt: skip
@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_without_a_secret_a_proxy_or_a_web_page_on_this_machine_may_not(
    running: Running, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = running.client.request(method, path, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not-local")


def test_without_a_secret_a_service_that_others_reach_has_none_of_these_paths(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    with Running(tmp_path / "rules.yaml", "--auth", auth_file(tmp_path), "--host", "0.0.0.0") as service:
        for method, path in GUARDED:
            assert service.client.request(method, path).status_code == 404
            assert path not in service.client.get("/openapi.json").json()["paths"]
        assert service.buckets({"sub": "ada"}) == {'mine|0["ada"]'}


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("10.0.0.1", False), ("localhost.example", False), ("", False), ("127.0.0.1.example", False)],
)  # fmt: skip
def test_loopback_is_this_machine_only(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
