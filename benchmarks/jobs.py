"""The jobs that are measured: inputs, what ours does with them, what both must answer, and the goal."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final

from syncrules import Change, MemoryStore, Request, Rules, SourceTable, VerifiedClaims, Verifier
from syncrules.auth.signing_key import SigningKey

STREAMS: Final = """
config: {edition: 3}
streams:
  profile:
    auto_subscribe: true
    query: SELECT * FROM profiles WHERE id = auth.user_id()
  lists:
    auto_subscribe: true
    query: SELECT * FROM lists WHERE id IN (SELECT list_id FROM members WHERE user_id = auth.user_id())
  todos:
    auto_subscribe: true
    query: SELECT * FROM todos WHERE list_id IN (SELECT list_id FROM members WHERE user_id = auth.user_id())
  notices:
    auto_subscribe: true
    query: SELECT * FROM notices
"""
DEFINITIONS: Final = """
bucket_definitions:
  profile:
    parameters: SELECT request.user_id() AS user_id
    data: [SELECT * FROM profiles WHERE id = bucket.user_id]
  lists:
    parameters: SELECT list_id FROM members WHERE user_id = request.user_id()
    data: [SELECT * FROM lists WHERE id = bucket.list_id, SELECT * FROM todos WHERE list_id = bucket.list_id]
  notices:
    data: [SELECT * FROM notices]
"""


def many_streams(count: int) -> str:
    """A file of so many streams, each with a table and a membership of its own."""
    lines = ["config: {edition: 3}", "streams:"]
    for number in range(count):
        members = f"SELECT list FROM members{number} WHERE person = auth.user_id()"
        lines += [
            f"  s{number}:",
            "    auto_subscribe: true",
            f"    query: SELECT id, title FROM t{number} WHERE list IN ({members})",
        ]
    return "\n".join(lines) + "\n"


TODO: Final = {"id": "t1", "list_id": "l1", "title": "Buy oats", "done": 0, "created_at": "2026-11-25T12:00:00Z"}
MEMBER: Final = {"id": "m1", "list_id": "l1", "user_id": "u1"}
PEOPLE: Final = 500
MEMBERS: Final = [{"id": f"m{n}", "list_id": f"l{n // 3}", "user_id": f"u{n % PEOPLE}"} for n in range(PEOPLE * 4)]
CLAIMS: Final = [{"sub": f"u{n}", "aud": "bench", "role": "authenticated"} for n in range(PEOPLE)]
Call = Callable[[], object]


@dataclass(frozen=True)
class Job:
    """One row of the table. `ours` makes the call that is timed; `peer` says what the peer does, None if nothing like it.

    `answer` is what ours gives for the same input, to be compared with the peer's. `goal` is the peer's time to ours;
    without a peer it is our own other way to ours (`other`).
    """

    name: str
    goal: float
    calls: int
    ours: Callable[[], Call]
    answer: Callable[[], object]
    config: str | None = None
    rows: tuple[dict[str, object], ...] = ()
    peer: dict[str, Any] | None = None
    other: Callable[[], Call] | None = None
    note: str = ""
    peer_calls: int | None = field(default=None)


def jobs() -> Iterator[Job]:
    """Every job."""
    yield from _resolving()
    yield from _evaluating()
    yield from _compiling()
    yield from _verifying()


def _filled(text: str) -> tuple[Rules, MemoryStore]:
    rules = Rules.from_text(text)
    store = MemoryStore(rules)
    store.apply(Change.put("members", row) for row in MEMBERS)
    return rules, store


def _resolving() -> Iterator[Job]:
    rows = tuple({"table": "members", "row": row} for row in MEMBERS)
    for name, text, goal in (
        ("resolve a new client: 4 streams, 2 with lookups", STREAMS, 10.0),
        ("resolve a new client: Sync Rules, 3 definitions", DEFINITIONS, 3.0),
    ):

        def ours(text: str = text) -> Call:
            rules, store = _filled(text)
            people = cycle([VerifiedClaims.unverified_for_testing(claims) for claims in CLAIMS])
            return lambda: rules.resolve(Request(next(people)), store)

        def answer(text: str = text) -> object:
            rules, store = _filled(text)
            people = [VerifiedClaims.unverified_for_testing(claims) for claims in CLAIMS[:20]]
            return [sorted(bucket.id for bucket in rules.resolve(Request(one), store).buckets) for one in people]

        yield Job(name, goal, 3000, ours, answer, text, rows, {"kind": "resolve", "claims": CLAIMS})


def _evaluating() -> Iterator[Job]:
    for name, text, table, goal, calls in (
        ("evaluate a row: 1 of 4 streams", STREAMS, "todos", 2.0, 20_000),
        ("evaluate a row: 1 of 1,000 streams", many_streams(1000), "t500", 50.0, 20_000),
    ):
        row: dict[str, object] = TODO if table == "todos" else {"id": "r", "title": "Oats", "owner": "ada", "list": "l"}

        def ours(text: str = text, table: str = table, row: dict[str, object] = row) -> Call:
            program, source = Rules.from_text(text).program, SourceTable(table)
            return lambda: program.evaluate(source, row)  # type: ignore[arg-type]

        def answer(text: str = text, table: str = table, row: dict[str, object] = row) -> object:
            found = Rules.from_text(text).evaluate(table, row)
            return [[each.bucket, each.table, each.id, list(each.data)] for each in found.rows]

        peer = {"kind": "evaluate", "table": table, "row": row}
        yield Job(name, goal, calls, ours, answer, text, (), peer, peer_calls=300 if "1,000" in name else None)

    def entries() -> Call:
        program, source = Rules.from_text(STREAMS).program, SourceTable("members")
        return lambda: program.lookups(source, MEMBER)  # type: ignore[arg-type]

    def count() -> object:
        return len(Rules.from_text(STREAMS).program.lookups(SourceTable("members"), MEMBER).entries)  # type: ignore[arg-type]

    peer = {"kind": "lookups", "table": "members", "row": MEMBER}
    yield Job("make the lookup entries of a row", 2.0, 20_000, entries, count, STREAMS, (), peer)

    def batch() -> Call:
        rules, rows = Rules.from_text(STREAMS), [TODO] * 1000
        return lambda: sum(len(each.rows) for each in rules.evaluate_rows("todos", rows)) / 1000

    def one_by_one() -> Call:
        rules, rows = Rules.from_text(STREAMS), [TODO] * 1000
        return lambda: sum(len(rules.evaluate("todos", row).rows) for row in rows) / 1000

    yield Job(
        "a row of many through evaluate_rows", 3.0, 20, batch, lambda: (batch()(), one_by_one()()), other=one_by_one,
        note="to `evaluate`, row by row; in thousands of rows",
    )  # fmt: skip


def _compiling() -> Iterator[Job]:
    for name, text, goal, calls in (
        ("compile 4 streams, cold", STREAMS, 1.5, 30),
        ("compile 1,000 streams, cold", many_streams(1000), 1.5, 1),
    ):
        yield Job(
            name, goal, calls, lambda text=text: lambda: Rules.from_text(text), lambda: True, None, (),  # type: ignore[misc]
            {"kind": "compile", "config": text}, peer_calls=min(calls, 10),
        )  # fmt: skip

    text = many_streams(1000)
    changes = [text.replace("SELECT id, title FROM t500 ", f"SELECT {columns} FROM t500 ") for columns in ("id", "*")]

    def again() -> Call:
        turns, held = cycle(changes), [Rules.from_text(text)]

        def change() -> None:
            held[0] = held[0].changed(next(turns))

        return change

    def same() -> bool:
        return Rules.from_text(text).changed(changes[0]).to_json() == Rules.from_text(changes[0]).to_json()

    yield Job(
        "compile 1,000 streams after one query changed", 100.0, 20, again, same, None, (),
        {"kind": "compile", "config": changes[0]}, peer_calls=1,
    )  # fmt: skip


def _verifying() -> Iterator[Job]:
    for algorithm, goal in (("ES256", 2.5), ("RS256", 3.0), ("HS256", 1.0)):
        key = _key(algorithm)
        now = int(time.time())
        token = key.sign({"sub": "u1", "aud": "bench", "role": "authenticated", "iat": now, "exp": now + 3600})
        jwk = dict(key.private_jwk) if algorithm == "HS256" else key.public_jwk()
        config = {"jwks": {"keys": [jwk]}, "audience": ["bench"]}

        def ours(config: dict[str, object] = config, token: str = token) -> Call:
            verifier = Verifier.from_config(config, remembered=0)
            return lambda: verifier.verify(token)

        def answer(config: dict[str, object] = config, token: str = token) -> object:
            return Verifier.from_config(config, remembered=0).verify(token).user_id

        peer = {"kind": "verify", "jwk": {**jwk, "alg": algorithm}, "token": token}
        yield Job(f"verify a token, cold: {algorithm}", goal, 1000, ours, answer, None, (), peer)
        if algorithm == "ES256":

            def again(config: dict[str, object] = config, token: str = token) -> Call:
                verifier = Verifier.from_config(config)
                return lambda: verifier.verify(token)

            yield Job("verify a token seen before", 50.0, 20_000, again, answer, None, (), peer, peer_calls=1000)


def _key(algorithm: str) -> SigningKey:
    if algorithm != "HS256":
        return SigningKey.generate(algorithm, "k")
    return SigningKey.from_jwk(
        {"kty": "oct", "alg": "HS256", "kid": "k", "k": "dGVzdC1vbmx5LXNlY3JldC1mb3ItdGhlLWJlbmNobWFya3M"}
    )


def plain(value: object) -> object:
    """A value as JSON has it, for comparison."""
    return json.loads(json.dumps(value))
