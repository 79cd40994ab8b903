"""A service that really runs: `syncrules serve` in a process of its own, and people with tokens that it trusts."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from syncrules.auth.signing_key import SigningKey

KEY = SigningKey.from_jwk(
    {"kty": "oct", "alg": "HS256", "kid": "test-only", "k": "dGVzdC1vbmx5LXNlY3JldC1vZi10aGUtc2VydmVyLXRlc3Rz"}
)
SECRET = "a-secret-of-the-tests-that-is-long-enough"


def token(claims: Mapping[str, object], lifetime: int = 3600) -> str:
    """A token with these claims, valid from now on."""
    now = int(time.time())
    return KEY.sign({**claims, "iat": now, "exp": now + lifetime, "aud": "sync"})


def bearer(claims: Mapping[str, object], lifetime: int = 3600) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(claims, lifetime)}"}


def auth_file(folder: Path) -> Path:
    path = folder / "auth.json"
    path.write_text(
        json.dumps({"client_auth": {"jwks": {"keys": [dict(KEY.private_jwk)]}, "audience": ["sync"]}}), "utf-8"
    )
    return path


class Running:
    """The process, and a client for it. Ends with the block; its log is then in `log`."""

    def __init__(self, *arguments: str | Path, secret: str | None = None) -> None:
        self.arguments = [str(argument) for argument in arguments]
        self.environment = {**os.environ, **({} if secret is None else {"SYNCRULES_SERVER_SECRET": secret})}
        self.lines: list[str] = []

    def __enter__(self) -> Self:
        code = "from syncrules.cli.main import main; main()"
        command = [sys.executable, "-c", code, "serve", *self.arguments, "--port", "0", "--log", "json"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=self.environment)
        self._reading = threading.Thread(target=self._read)
        self._reading.start()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            found = [line.split()[-1] for line in self.lines if line.startswith("listening on ")]
            if found:
                self.url = found[0]
                self.client = httpx.Client(base_url=self.url, timeout=30)
                if self._is_ready():
                    return self
            time.sleep(0.05)
        self.__exit__()
        raise AssertionError("\n".join(self.lines))

    def _is_ready(self) -> bool:
        try:
            return self.client.get("/ready").status_code == 200
        except httpx.TransportError:
            return False

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reading.join()
        if self.process.stderr is not None:
            self.process.stderr.close()
        if hasattr(self, "client"):
            self.client.close()

    @property
    def log(self) -> list[dict[str, Any]]:
        """The records of the log so far."""
        return [json.loads(line) for line in list(self.lines) if line.startswith("{")]

    def logged(self, **members: object) -> dict[str, Any]:
        """The record of the log with these members, once it is there."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for record in self.log:
                if members.items() <= record.items():
                    return record
            time.sleep(0.02)
        raise AssertionError(f"nothing like {members} in {self.lines}")

    def resolve(self, claims: Mapping[str, object], **body: object) -> httpx.Response:
        return self.client.post("/v1/resolve", json=body, headers=bearer(claims))

    def buckets(self, claims: Mapping[str, object], **body: object) -> set[str]:
        answer = self.resolve(claims, **body)
        assert answer.status_code == 200, answer.text
        return {bucket["bucket"] for bucket in answer.json()["buckets"]}

    def put(self, table: str, row: Mapping[str, object], **headers: str) -> httpx.Response:
        return self.client.post(
            "/v1/rows", json={"changes": [{"operation": "put", "table": table, "row": row}]}, headers=headers
        )
