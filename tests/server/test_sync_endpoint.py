"""The example of a sync endpoint, over real connections: devices are told what they gain and lose when it happens."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.running import auth_file, bearer
from tests.server.test_serve import RULES

EXAMPLE = Path(__file__).parents[2] / "examples" / "sync_endpoint"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    environment = {
        **os.environ,
        "SYNC_RULES": str(tmp_path / "rules.yaml"),
        "SYNC_AUTH": str(auth_file(tmp_path)),
        "SYNC_STORE": str(tmp_path / "store.sqlite"),
    }
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "app:app",
            "--fd",
            str(listening.fileno()),
            "--log-level",
            "error",
            "--timeout-graceful-shutdown",
            "2",
        ]
        process = subprocess.Popen(command, cwd=EXAMPLE, env=environment, pass_fds=[listening.fileno()])
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


class Device:
    """A device that listens, and what it has."""

    def __init__(self, stack: ExitStack, client: httpx.Client, claims: dict[str, object], lifetime: int = 3600) -> None:
        self.answer = stack.enter_context(client.stream("GET", "/sync", headers=bearer(claims, lifetime)))
        self.lines = self.answer.iter_lines()
        self.buckets: set[str] = set()

    def hear(self) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(next(self.lines))
        assert not self.buckets & set(line["added"])
        assert self.buckets >= set(line["removed"])
        self.buckets = (self.buckets | set(line["added"])) - set(line["removed"])
        return line


def test_devices_are_told_at_once_what_they_gain_and_lose_and_others_hear_nothing(url: str) -> None:
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(base_url=url, timeout=30))
        ada, bea = (Device(stack, client, {"sub": person}) for person in ("ada", "bea"))
        ada.hear(), bea.hear()
        assert (ada.buckets, bea.buckets) == ({'mine|0["ada"]'}, {'mine|0["bea"]'})
        client.post("/rows", json=[{"table": "members", "row": {"id": 1, "list": "l", "person": "ada"}}])
        assert ada.hear()["added"] == ['shared|0["l"]']
        client.post("/rows", json=[{"table": "members", "row": {"id": 1, "list": "l", "person": "bea"}}])
        assert ada.hear()["removed"] == ['shared|0["l"]']
        assert bea.hear()["added"] == ['shared|0["l"]'], "and it is the first thing that bea hears since"
        client.post("/rows", json=[{"table": "members", "delete": 1}])
        assert bea.hear()["removed"] == ['shared|0["l"]']


def test_a_stream_ends_when_its_token_does(url: str) -> None:
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(base_url=url, timeout=30))
        assert client.get("/").status_code == 404, "it runs"
        began = time.monotonic()
        device = Device(stack, client, {"sub": "ada"}, lifetime=4)
        device.hear()
        assert list(device.lines) == []
        assert time.monotonic() - began < 20


def test_nobody_listens_without_a_token(url: str) -> None:
    assert httpx.get(f"{url}/sync").status_code == 401
    assert httpx.get(f"{url}/sync", headers={"Authorization": "Bearer a.b.c"}).status_code == 401
