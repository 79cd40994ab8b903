"""A service over time: rules that change, stores that are slow or gone, clients that leave, processes that end."""

import asyncio
import json
import os
import signal
import sqlite3
import threading
import time
from pathlib import Path

import httpx
import psycopg
import pytest

from syncrules import Verifier, load
from syncrules.server.service import Service
from tests.postgres import Server
from tests.server.running import Running, auth_file, bearer
from tests.server.test_serve import RULES

ADA = {"sub": "ada"}
COLUMNS_ONLY = RULES.replace(
    "  mine:", "  more: {auto_subscribe: true, query: SELECT id FROM notes WHERE owner = auth.user_id()}\n  mine:"
)
OTHER_LOOKUPS = RULES.replace("SELECT list FROM members WHERE person", "SELECT list FROM guests WHERE person")
BROKEN = RULES.replace("auto_subscribe: true", "auto_subscribe: perhaps", 1)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, "utf-8")
    return path


@pytest.mark.parametrize("processes", [1, 2])
def test_rules_are_changed_while_requests_run_and_none_is_dropped(tmp_path: Path, rules: Path, processes: int) -> None:
    with Running(
        rules, "--auth", auth_file(tmp_path), "--store", tmp_path / "s.sqlite", "--processes", str(processes)
    ) as service:
        stop, statuses, seen = threading.Event(), [], set()

        def ask() -> None:
            headers = bearer(ADA)
            while not stop.is_set():
                with httpx.Client(base_url=service.url, timeout=30) as client:
                    answer = client.post("/v1/resolve", json={}, headers=headers)
                    statuses.append(answer.status_code)
                    seen.add(frozenset(bucket["definition"] for bucket in answer.json()["buckets"]))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        rules.write_text(COLUMNS_ONLY, "utf-8")
        answer = service.client.post("/v1/reload")
        assert (answer.status_code, answer.json()["streams"]) == (200, ["more", "mine", "shared", "one"])
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and {frozenset({"mine"}), frozenset({"mine", "more"})} - seen:
            time.sleep(0.05)
        time.sleep(1)
        rules.write_text(RULES, "utf-8")
        os.kill(service.process.pid, signal.SIGHUP)
        service.logged(message="rules reloaded", streams=3)
        time.sleep(1)
        stop.set()
        for thread in threads:
            thread.join()
        assert set(statuses) == {200}
        assert seen == {frozenset({"mine"}), frozenset({"mine", "more"})}
        assert service.buckets(ADA) == {'mine|0["ada"]'}
    assert service.process.returncode == 0


@pytest.mark.parametrize("new", [BROKEN, OTHER_LOOKUPS, "\0", None], ids=["broken", "other lookups", "no YAML", "gone"])
def test_rules_that_cannot_be_put_in_force_leave_the_old_ones_and_are_reported(
    tmp_path: Path, rules: Path, new: str | None
) -> None:
    with Running(rules, "--auth", auth_file(tmp_path), "--store", tmp_path / "s.sqlite") as service:
        service.put("members", {"id": 1, "list": "l", "person": "ada"})
        before = service.resolve(ADA).json()
        rules.unlink() if new is None else rules.write_text(new, "utf-8")
        answer = service.client.post("/v1/reload")
        assert answer.status_code == (409 if new == OTHER_LOOKUPS else 422)
        assert "the rules stay as they were" in answer.json()["error"]["message"]
        if new == BROKEN:
            assert any(
                "auto_subscribe" in line and "rules.yaml:4" in line for line in answer.json()["error"]["diagnostics"]
            )
        os.kill(service.process.pid, signal.SIGHUP)
        service.logged(level="warning", logger="syncrules.server")
        assert service.resolve(ADA).json() == before
        assert 'syncrules_reloads_total{result="refused"}' in service.client.get("/metrics").text
        assert service.client.get("/ready").status_code == 200
        rules.write_text(RULES, "utf-8")
        assert service.client.post("/v1/reload").status_code == 200


def test_a_store_in_memory_with_data_is_filled_anew_for_rules_with_other_lookups(tmp_path: Path, rules: Path) -> None:
    data = tmp_path / "data.json"
    data.write_text(
        json.dumps(
            {"members": [{"id": 1, "list": "m", "person": "ada"}], "guests": [{"id": 1, "list": "g", "person": "ada"}]}
        )
    )
    with Running(rules, "--auth", auth_file(tmp_path), "--data", data) as service:
        assert service.buckets(ADA) == {'mine|0["ada"]', 'shared|0["m"]'}
        rules.write_text(OTHER_LOOKUPS, "utf-8")
        assert service.client.post("/v1/reload").status_code == 200
        assert service.buckets(ADA) == {'mine|0["ada"]', 'shared|0["g"]'}


def test_a_service_told_to_end_finishes_what_runs_and_ends_well(tmp_path: Path, rules: Path) -> None:
    """What runs is a body that arrives slowly."""

    async def check(service: Running) -> httpx.Response:
        async def slowly() -> object:
            yield b'{"parameters":'
            os.kill(service.process.pid, signal.SIGTERM)
            await asyncio.sleep(0.5)
            yield b"{}}"

        async with httpx.AsyncClient(base_url=service.url, timeout=30) as client:
            headers = {**bearer(ADA), "Content-Type": "application/json"}
            return await client.post("/v1/resolve", content=slowly(), headers=headers)

    with Running(rules, "--auth", auth_file(tmp_path), "--store", tmp_path / "s.sqlite") as service:
        answer = asyncio.run(check(service))
        assert (answer.status_code, [b["bucket"] for b in answer.json()["buckets"]]) == (200, ['mine|0["ada"]'])
        service.process.wait(20)
        with pytest.raises(httpx.ConnectError):
            service.client.get("/health")
    assert service.process.returncode == 0
    assert not any("exception" in record for record in service.log)


def test_a_body_that_never_ends_is_not_waited_for(tmp_path: Path, rules: Path) -> None:
    """In this process, so that the time can be a short one."""
    from syncrules.server.app import App
    from syncrules.server.settings import Settings

    async def check() -> None:
        app = App(Settings(rules, auth_file(tmp_path), body_timeout=0.2), opened)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app.asgi()), base_url="http://test") as client:
            app._service = await opened()

            async def endless() -> object:
                yield b"{"
                await asyncio.sleep(30)

            headers = {**bearer(ADA), "Content-Type": "application/json"}
            answer = await client.post("/v1/resolve", content=endless(), headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (408, "slow-body")

    async def opened() -> Service:
        settings = Settings(rules, auth_file(tmp_path))
        return await Service.start(settings, load(settings.rules), Verifier.from_config(settings.auth))

    asyncio.run(check())


def test_a_service_that_is_killed_has_kept_every_batch_it_answered(tmp_path: Path, rules: Path) -> None:
    store = tmp_path / "s.sqlite"
    with Running(rules, "--auth", auth_file(tmp_path), "--store", store) as service:
        for number in range(20):
            assert service.put("members", {"id": number, "list": f"l{number}", "person": "ada"}).status_code == 200
        service.process.kill()
        service.process.wait()
    with Running(rules, "--auth", auth_file(tmp_path), "--store", store) as service:
        assert service.buckets(ADA) == {'mine|0["ada"]', *(f'shared|0["l{number}"]' for number in range(20))}
        assert service.client.get("/ready").json()["checkpoint"] == 20


def test_a_writer_that_holds_the_file_holds_up_no_reader_and_is_waited_for_only_so_long(
    tmp_path: Path, rules: Path
) -> None:
    store = tmp_path / "s.sqlite"
    with Running(rules, "--auth", auth_file(tmp_path), "--store", store, "--timeout", "0.5") as service:
        with sqlite3.connect(store, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = service.put("members", {"id": 1, "list": "l", "person": "ada"})
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store")
            assert service.buckets(ADA) == {'mine|0["ada"]'}
            other.execute("ROLLBACK")
        assert service.put("members", {"id": 1, "list": "l", "person": "ada"}).status_code == 200
        assert service.buckets(ADA) == {'mine|0["ada"]', 'shared|0["l"]'}


def test_processes_that_serve_as_one_answer_alike_and_are_replaced_when_they_die(tmp_path: Path, rules: Path) -> None:
    with Running(rules, "--auth", auth_file(tmp_path), "--store", tmp_path / "s.sqlite", "--processes", "2") as service:
        service.put("members", {"id": 1, "list": "l", "person": "ada"})
        children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
        os.kill(int(children[-1]), signal.SIGKILL)
        service.logged(message="a process ended", process=int(children[-1]))
        for _ in range(20):
            with httpx.Client(base_url=service.url, timeout=30) as client:
                answer = client.post("/v1/resolve", json={}, headers=bearer(ADA))
                assert {b["bucket"] for b in answer.json()["buckets"]} == {'mine|0["ada"]', 'shared|0["l"]'}
        deadline = time.monotonic() + 20
        while sum(record["message"] == "ready" for record in service.log) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        counted = service.client.get("/metrics").text
        assert 'syncrules_requests_total{path="/v1/resolve",status="200"} 20.0' in counted, (
            "all processes count together"
        )
    assert service.process.returncode == 0


def test_a_slow_database_is_given_up_in_time_and_so_is_a_client_that_left(
    tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def leave(service: Running) -> None:
        async with httpx.AsyncClient(base_url=service.url) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.post("/v1/resolve", json={}, headers=bearer(ADA), timeout=0.5)

    with Server() as server:
        monkeypatch.setenv("SYNCRULES_STORE", server.url)
        with Running(rules, "--auth", auth_file(tmp_path), "--timeout", "3") as service:
            service.put("members", {"id": 1, "list": "l", "person": "ada"})
            whole = {'mine|0["ada"]', 'shared|0["l"]'}
            assert service.buckets(ADA) == whole
            with psycopg.connect(server.url) as other:
                other.execute("LOCK TABLE syncrules.entries IN ACCESS EXCLUSIVE MODE")
                asyncio.run(leave(service))
                left = service.logged(status=499, code="client-gone")
                assert left["ms"] < 2500, "the work ends when the client has left, before its time is over"
                began = time.monotonic()
                answer = service.resolve(ADA)
                assert (answer.status_code, answer.json()["error"]["code"] in {"timeout", "store"}) == (503, True)
                assert 2 < time.monotonic() - began < 6
            assert service.buckets(ADA) == whole


def test_a_database_that_restarts_under_load_costs_answers_and_gives_no_wrong_ones(
    tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server() as server:
        monkeypatch.setenv("SYNCRULES_STORE", server.url)
        with Running(rules, "--auth", auth_file(tmp_path), "--timeout", "2") as service:
            service.put("members", {"id": 1, "list": "l", "person": "ada"})
            stop, answers = threading.Event(), []

            def ask() -> None:
                headers = bearer(ADA)
                with httpx.Client(base_url=service.url, timeout=30) as client:
                    while not stop.is_set():
                        answers.append(client.post("/v1/resolve", json={}, headers=headers))

            threads = [threading.Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            time.sleep(0.5)
            server.restart()
            restarted = len(answers)
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and [a.status_code for a in answers[restarted:]].count(200) < 50:
                time.sleep(0.1)
            stop.set()
            for thread in threads:
                thread.join()
            given = {frozenset(b["bucket"] for b in a.json()["buckets"]) for a in answers if a.status_code == 200}
            assert given == {frozenset({'mine|0["ada"]', 'shared|0["l"]'})}
            assert {a.status_code for a in answers} <= {200, 503}
            assert [a.status_code for a in answers[-20:]] == [200] * 20, "and then it goes on by itself"
