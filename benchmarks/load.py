"""How many resolves a second a service holds, and how long each takes: `python -m benchmarks.load` (needs `dev`).

Fills an SQLite store with a million lookup rows, starts `syncrules serve` on it in processes of its own, and sends requests
at a fixed rate, whether the answers keep up or not, from a process of ours: each is timed from the moment it was due. Every
answer is compared with what the library gives for the same person before and after the run; a request that fails is counted.
"""

import asyncio
import gc
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, cast

from benchmarks.output import output
from syncrules import Change, Request, Rules, SqliteStore, VerifiedClaims
from syncrules.auth.signing_key import SigningKey

RULES: Final = """
config: {edition: 3}
streams:
  profile: {auto_subscribe: true, query: SELECT id FROM profiles WHERE id = auth.user_id()}
  lists: {auto_subscribe: true, query: SELECT id FROM lists WHERE id IN (SELECT list FROM members WHERE person = auth.user_id())}
  todos: {auto_subscribe: true, query: SELECT id FROM todos WHERE list IN (SELECT list FROM members WHERE person = auth.user_id())}
  everyone: {auto_subscribe: true, query: SELECT id FROM notices}
"""
LISTS_OF_EACH: Final = 4
KEY: Final = SigningKey.from_jwk(
    {"kty": "oct", "alg": "HS256", "kid": "k", "k": "dGVzdC1vbmx5LXNlY3JldC1mb3ItdGhlLWxvYWQtdGVzdHM"}
)


@dataclass(frozen=True)
class Load:
    """What is measured. `service_us` and `driver_us` are the processor time of a request, there and here. Memory is that of each process of the service, the one that looks after the others included."""

    rows: int
    processes: int
    asked_a_second: int
    seconds: float
    answers: int
    failures: int
    answered_a_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    service_us: float
    driver_us: float
    fill_seconds: float
    store_bytes: int
    memory_mib: list[float]


def members(rows: int) -> Iterator[Change]:
    """So many rows, a few for each person."""
    for number in range(rows):
        row = {"id": number, "list": f"l{number // 3}", "person": f"p{number // LISTS_OF_EACH}"}
        yield Change.put("members", row, key=number)


def token(person: str) -> str:
    """A token that lasts."""
    now = int(time.time())
    return KEY.sign({"sub": person, "aud": "load", "iat": now, "exp": now + 3600})


class Connection(asyncio.Protocol):
    """A connection that is kept, and carries one request at a time: as little work for us as can be."""

    def __init__(self) -> None:
        self.received = b""
        self.answered: Callable[[int, bytes], None] = lambda status, body: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Some of the answer, or the rest of it."""
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        start = self.received.find(b"content-length: ") + 16
        length = int(self.received[start : self.received.find(b"\r", start)])
        if len(self.received) >= end + 4 + length:
            status, body = int(self.received[9:12]), self.received[end + 4 :]
            self.received = b""
            self.answered(status, body)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone, and with it the answer."""
        self.answered(0, b"")

    def send(self, request: bytes, answered: "Callable[[int, bytes], None]") -> None:
        """Sends a request as it is; `answered` is told the status and the body."""
        self.answered = answered
        self.transport.write(request)


async def connect(port: int) -> Connection:
    """A new connection."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


async def ask(connection: Connection, request: bytes) -> tuple[int, bytes]:
    """One request and its answer."""
    answer: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
    connection.send(request, lambda status, body: None if answer.done() else answer.set_result((status, body)))
    return await answer


def request_of(person: str) -> bytes:
    """A whole request for a person."""
    return (
        f"POST /v1/resolve HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
        f"Authorization: Bearer {token(person)}\r\n\r\n{{}}"
    ).encode()


async def drive(
    port: int, requests: list[bytes], rate: int, seconds: float, connections: int
) -> tuple[list[float], int, float]:
    """The time of each answer in milliseconds, how many failed, and how long it all took, in seconds."""
    loop = asyncio.get_running_loop()
    free = deque([await connect(port) for _ in range(connections)])
    chosen = random.Random(7)  # noqa: S311 (who asks when need not be a secret)
    total = int(rate * seconds)
    asked = [chosen.choice(requests) for _ in range(total)]
    times: list[float] = []
    failures = due = 0
    done = asyncio.Event()
    began = loop.time()

    def answered(connection: Connection, number: int, status: int) -> None:
        nonlocal failures
        failures += status != 200  # noqa: PLR2004
        times.append((loop.time() - began - number / rate) * 1e3)
        free.append(connection)
        if len(times) == total:
            done.set()
        else:
            send()

    def send() -> None:
        """Sends whatever is due by now, as long as there are connections for it."""
        nonlocal due
        while free and due < total and began + due / rate <= loop.time():
            connection, number = free.popleft(), due
            due += 1
            connection.send(asked[number], lambda status, _, c=connection, n=number: answered(c, n, status))

    while due < total:
        send()
        await asyncio.sleep(0.0005)
    await done.wait()
    return times, failures, loop.time() - began


def resident(pid: int) -> float:
    """The memory of a process, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(rows: int, processes: int, rate: int, seconds: float, connections: int, people: int) -> Load:
    """Fills, starts, checks, and drives."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules.yaml").write_text(RULES, "utf-8")
        auth = {"client_auth": {"jwks": {"keys": [dict(KEY.private_jwk)]}, "audience": ["load"]}}
        (folder / "auth.json").write_text(json.dumps(auth), "utf-8")
        rules = Rules.from_text(RULES)
        began = time.perf_counter()
        with SqliteStore(rules, folder / "store.sqlite") as store:
            store.fill(members(rows))
            filled = time.perf_counter() - began
            chosen = random.Random(3)
            persons = [f"p{chosen.randrange(rows // LISTS_OF_EACH)}" for _ in range(people)]
            expected = {person: buckets(rules, store, person) for person in persons[:200]}
        size = sum(file.stat().st_size for file in folder.glob("store.sqlite*"))
        code = "from syncrules.cli.main import main; main()"
        command = [
            sys.executable, "-c", code, "serve", "rules.yaml", "--auth", "auth.json", "--store", "store.sqlite",
            "--port", "0", "--processes", str(processes), "--log", "json", "--quiet",
        ]  # fmt: skip
        server = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
        assert server.stderr is not None
        try:
            port = int(next(line for line in server.stderr if line.startswith("listening")).rpartition(":")[2])
            found = asyncio.run(answers(port, expected))
            assert found == expected, "the service answers as the library does"
            requests = [request_of(person) for person in persons]
            asyncio.run(drive(port, requests, rate // 2, 5.0, connections))
            children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
            pids = [server.pid, *map(int, children)]
            before, ours = seconds_of(pids), time.process_time()
            times, failures, took = asyncio.run(drive(port, requests, rate, seconds, connections))
            service_us = (seconds_of(pids) - before) / len(times) * 1e6
            driver_us = (time.process_time() - ours) / len(times) * 1e6
            assert asyncio.run(answers(port, expected)) == expected
            memory = sorted(resident(pid) for pid in pids)
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=30)
    ordered = sorted(times)

    def rank(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

    return Load(
        rows, processes, rate, seconds, len(times), failures, round(len(times) / took, 1),
        rank(0.5), rank(0.95), rank(0.99), rank(1.0), round(service_us, 1), round(driver_us, 1), round(filled, 1), size, [round(each, 1) for each in memory],
    )  # fmt: skip


def buckets(rules: Rules, store: SqliteStore, person: str) -> list[str]:
    """What the library says."""
    claims = VerifiedClaims.unverified_for_testing({"sub": person})
    return sorted(bucket.id for bucket in rules.resolve(Request(claims), store).buckets)


async def answers(port: int, expected: dict[str, list[str]]) -> dict[str, list[str]]:
    """What the service says, once it is there."""
    for _ in range(200):
        connection = await connect(port)
        status, _body = await ask(connection, request_of("nobody"))
        if status == 200:  # noqa: PLR2004
            break
        await asyncio.sleep(0.1)
    found = {}
    for person in expected:
        _, body = await ask(connection, request_of(person))
        found[person] = sorted(bucket["bucket"] for bucket in json.loads(body)["buckets"])
    return found


def seconds_of(pids: list[int]) -> float:
    """The processor time that processes have used."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measures and prints."""
    parser = ArgumentParser(prog="python -m benchmarks.load", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="lookup rows in the store")
    parser.add_argument("--rate", type=int, default=2000, help="requests a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--processes", type=int, default=2, help="processes of the service")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--people", type=int, default=5000, help="people who ask; their tokens are verified once each")
    parser.add_argument("--json", metavar="FILE", type=output, help="write the figures, too")
    chosen = parser.parse_args()
    gc.disable()  # ours would show in the times
    load = measure(chosen.rows, chosen.processes, chosen.rate, chosen.seconds, chosen.connections, chosen.people)
    for name, value in asdict(load).items():
        print(f"{name:<20}{value}")
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(asdict(load), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
