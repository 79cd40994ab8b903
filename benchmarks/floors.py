"""How near ours is to what any Python program must do for the same answers: `python -m benchmarks.floors` (needs `dev`).

A floor is straight-line code, written by hand for the one case of the job: it checks nothing, handles no errors, and knows
which tables, columns and types there are. For tokens it is the signature alone, for compiles libyaml's events and Lark's
trees alone. Ours and its floor take turns; the figures are medians, in microseconds.
"""

import json
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from benchmarks.__main__ import microseconds
from benchmarks.jobs import CLAIMS, MEMBER, MEMBERS, STREAMS, TODO, Job, jobs, many_streams
from syncrules.auth.algorithms import made_by
from syncrules.auth.jwk import read_key
from syncrules.auth.token import read_token
from syncrules.engine.bucket import ResolvedBucket
from syncrules.engine.found import Evaluation, LookupEntry, LookupEvaluation, SyncedRow
from syncrules.syntax.grammar import make_parser

Call = Callable[[], object]


def resolve() -> Call:
    """A dictionary of lists by person, and a bucket for each."""
    index: dict[str, list[tuple[str]]] = {}
    for row in MEMBERS:
        index.setdefault(str(row["user_id"]), []).append((str(row["list_id"]),))
    people, new, quoted, reasons = iter(CLAIMS * 10_000), tuple.__new__, json.encoder.encode_basestring, ("default",)

    def run() -> object:
        person = str(next(people)["sub"])
        lists = index.get(person, [])
        buckets = [new(ResolvedBucket, (f"profile|0[{quoted(person)}]", (person,), 3, "profile", reasons))]
        for stream in ("lists", "todos"):
            for key in lists:
                buckets.append(new(ResolvedBucket, (f"{stream}|0[{quoted(key[0])}]", key, 3, stream, reasons)))
        buckets.append(new(ResolvedBucket, ("notices|0[]", (), 3, "notices", reasons)))
        return tuple(buckets)

    return run


def evaluate() -> Call:
    """A copy of the row, a bucket's id, and two tuples with names."""
    new, quoted, row = tuple.__new__, json.encoder.encode_basestring, TODO

    def run() -> object:
        synced = new(SyncedRow, (f"todos|0[{quoted(row['list_id'])}]", row["id"], "todos", {**row}))
        return new(Evaluation, ((synced,), ()))

    return run


def lookups() -> Call:
    """Four tuples."""
    new, row = tuple.__new__, MEMBER

    def run() -> object:
        entry = new(LookupEntry, (0, (row["user_id"],), (row["list_id"],)))
        return new(LookupEvaluation, ((entry,), ()))

    return run


def compiled(text: str) -> Call:
    """libyaml's events and Lark's trees; no places, no nodes, no meaning."""
    lark = make_parser("sync_streams")
    queries = [stream["query"] for stream in yaml.load(text, Loader=yaml.CSafeLoader)["streams"].values()]

    def run() -> object:
        events = list(yaml.parse(text, Loader=yaml.CSafeLoader))
        return events, [lark.parse(query) for query in queries]

    return run


def signature(job: Job) -> Call:
    """The check of the signature alone."""
    asked: dict[str, Any] = job.peer or {}
    key, token = read_key(asked["jwk"]), read_token(asked["token"])
    return lambda: made_by(key, token.algorithm, token.signed, token.signature)


def floors() -> Iterator[tuple[Job, Call]]:
    """Each job that has a floor, with it."""
    for job in jobs():
        match job.peer:
            case {"kind": "resolve"} if "4 streams" in job.name:
                yield job, resolve()
            case {"kind": "evaluate"} if "4 streams" in job.name:
                yield job, evaluate()
            case {"kind": "lookups"}:
                yield job, lookups()
            case {"kind": "compile"} if "changed" not in job.name:
                yield job, compiled(many_streams(1000) if "1,000" in job.name else STREAMS)
            case {"kind": "verify"} if "cold" in job.name:
                yield job, signature(job)


def main() -> None:
    """Prints the table."""
    print(f"{'µs a call':<52}{'ours':>14}{'floor':>14}{'ours/floor':>12}")
    for job, floor in floors():
        call, rounds = job.ours(), 3 if job.calls == 1 else 15
        calls = max(1, job.calls // 5)
        ours, least = [], []
        for _ in range(rounds):
            ours.append(microseconds(call, calls))
            least.append(microseconds(floor, calls))
        mine, theirs = statistics.median(ours), statistics.median(least)
        print(f"{job.name:<52}{mine:>14,.2f}{theirs:>14,.2f}{mine / theirs:>12.1f}", flush=True)


if __name__ == "__main__":
    main()
