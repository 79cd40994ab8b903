"""What more of something costs, plotted: `python -m benchmarks.curves [--picture FILE]` (needs `dev`).

Each curve lets one thing grow, and nothing else. A figure is the best of nine runs, which a busy machine moves least. *Growth*
is the slope between the two largest sizes on logarithmic scales: 0 is flat, 1 linear.
"""

import gc
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Final

from benchmarks.jobs import CLAIMS, STREAMS, many_streams
from benchmarks.output import output
from syncrules import Change, Limits, MemoryStore, Request, Rules, SourceTable, VerifiedClaims, Verifier
from syncrules.auth.signing_key import SigningKey

LIMITS: Final = Limits(buckets=1_000_000, parameter_results=1_000_000)
LINEAR: Final = 1.3
"""A growth that counts as linear: what no longer fits the processor's caches costs more, once."""


@dataclass(frozen=True)
class Curve:
    """What grows, what is timed, and `made`: for a size, the call to time and how many calls one run makes."""

    grows: str
    timed: str
    sizes: Sequence[int]
    made: Callable[[int], tuple[Callable[[], object], int]]


def curves() -> Iterator[Curve]:
    """All curves."""
    counts = (1, 10, 100, 1000)
    yield Curve("streams", "compile", counts, lambda n: (lambda text=many_streams(n): Rules.from_text(text), 1))
    yield Curve("streams", "compile after one query changed", counts, _recompile)
    yield Curve("streams", "evaluate a row of one of them", counts, _evaluate)
    yield Curve("streams", "resolve, with a lookup in each", (1, 10, 100, 1000, 2000), _resolve_streams)
    yield Curve("rows in the store", "resolve", (1_000, 10_000, 100_000, 300_000), _resolve_rows)
    yield Curve("bindings", "resolve: so many lists of a user", (1, 10, 100, 1000, 10_000), _resolve_bindings)
    yield Curve("claims", "verify a token, cold (HS256)", (10, 100, 400), lambda n: _verify(n, 0))
    yield Curve("claims", "verify a token seen before", (10, 100, 400), lambda n: _verify(n, 1_000_000))
    yield Curve("claims", "resolve", (10, 100, 400), _resolve_claims)


def _recompile(streams: int) -> tuple[Callable[[], object], int]:
    text = many_streams(streams)
    changed = text.replace(f"SELECT id, title FROM t{streams // 2} ", f"SELECT id FROM t{streams // 2} ")
    rules = Rules.from_text(text)
    return lambda: rules.changed(changed), 3


def _evaluate(streams: int) -> tuple[Callable[[], object], int]:
    program, table = Rules.from_text(many_streams(streams)).program, SourceTable("t0")
    return lambda: program.evaluate(table, {"id": "r", "title": "Oats", "list": "l"}), 2000


def _resolve_streams(streams: int) -> tuple[Callable[[], object], int]:
    rules = Rules.from_text(many_streams(streams))
    store = MemoryStore(rules)
    store.apply(Change.put(f"members{n}", {"id": "m", "list": "l", "person": "u1"}) for n in range(streams))
    request = Request(VerifiedClaims.unverified_for_testing({"sub": "u1"}))
    return lambda: rules.resolve(request, store, LIMITS), max(3, 1000 // streams)


def _resolve_rows(rows: int) -> tuple[Callable[[], object], int]:
    rules = Rules.from_text(STREAMS)
    store = MemoryStore(rules)
    people = rows // 4
    store.fill(
        Change.put("members", {"id": f"m{n}", "list_id": f"l{n}", "user_id": f"u{n % people}"}) for n in range(rows)
    )
    request = Request(VerifiedClaims.unverified_for_testing(CLAIMS[1]))
    return lambda: rules.resolve(request, store), 1000


def _resolve_bindings(lists: int) -> tuple[Callable[[], object], int]:
    rules = Rules.from_text(STREAMS)
    store = MemoryStore(rules)
    store.fill(Change.put("members", {"id": f"m{n}", "list_id": f"l{n}", "user_id": "u1"}) for n in range(lists))
    request = Request(VerifiedClaims.unverified_for_testing(CLAIMS[1]))
    return lambda: rules.resolve(request, store, LIMITS), max(3, 3000 // lists)


def _claims(count: int) -> dict[str, object]:
    now = int(time.time())
    return {**CLAIMS[1], "iat": now, "exp": now + 3600, **{f"claim{n}": f"value {n}" for n in range(count)}}


def _verify(claims: int, remembered: int) -> tuple[Callable[[], object], int]:
    key = SigningKey.from_jwk(
        {"kty": "oct", "alg": "HS256", "kid": "k", "k": "dGVzdC1vbmx5LXNlY3JldC1mb3ItdGhlLWJlbmNobWFya3M"}
    )
    config = {"jwks": {"keys": [dict(key.private_jwk)]}, "audience": ["bench"]}
    token, verifier = key.sign(_claims(claims)), Verifier.from_config(config, remembered=remembered)
    return lambda: verifier.verify(token), 1000


def _resolve_claims(claims: int) -> tuple[Callable[[], object], int]:
    rules = Rules.from_text(
        STREAMS.replace("SELECT * FROM notices", "SELECT * FROM notices WHERE kind = auth.parameter('claim1')")
    )
    store = MemoryStore(rules)
    verified = VerifiedClaims.unverified_for_testing(_claims(claims))
    return lambda: rules.resolve(Request(verified), store), 500


def measured(curve: Curve, sizes: Sequence[int]) -> list[float]:
    """Microseconds a call, for each size."""
    figures = []
    for size in sizes:
        call, calls = curve.made(size)
        call()
        gc.collect()
        gc.freeze()
        runs = []
        for _ in range(9):
            began = time.perf_counter()
            for _ in range(calls):
                call()
            runs.append((time.perf_counter() - began) / calls * 1e6)
        figures.append(min(runs))
    return figures


def growth(curve: Curve, figures: Sequence[float]) -> float:
    """How fast the cost grows, at the end of what was measured."""
    end = len(figures)
    return log(figures[-1] / figures[-2]) / log(curve.sizes[end - 1] / curve.sizes[end - 2])


def plotted(found: Sequence[tuple[Curve, Sequence[float]]], file: Path) -> None:
    """One small picture for each curve, with a line of linear growth beside it."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot as plt

    rows = -(-len(found) // 3)
    figure, places = plt.subplots(rows, 3, figsize=(12, 3.2 * rows), constrained_layout=True)
    for place, (curve, figures) in zip(places.flat, found, strict=False):
        start = curve.sizes[0]
        sizes = curve.sizes[: len(figures)]
        place.loglog(sizes, figures, "o-", color="#2a7f62")
        place.loglog(sizes, [figures[0] * size / start for size in sizes], ":", color="#999999")
        place.set_title(f"{curve.timed}: {growth(curve, figures):.2f}", fontsize=10)
        place.set_xlabel(curve.grows)
        place.set_ylabel("µs")
    for place in places.flat[len(found) :]:
        place.axis("off")
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    """Prints the curves, and draws them; exit status 1 if one grows faster than linearly."""
    parser = ArgumentParser(prog="python -m benchmarks.curves", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--picture", metavar="FILE", type=output, help="draw them as SVG; dotted lines are linear")
    parser.add_argument("--quick", action="store_true", help="the two smallest sizes of each: that it runs")
    chosen = parser.parse_args()
    found = []
    for curve in curves():
        figures = measured(curve, curve.sizes[:2] if chosen.quick else curve.sizes)
        found.append((curve, figures))
        shown = "  ".join(f"{size:,}: {figure:,.1f}" for size, figure in zip(curve.sizes, figures, strict=False))
        print(f"{curve.timed} (µs by {curve.grows}), growth {growth(curve, figures):.2f}\n    {shown}", flush=True)
    if chosen.picture is not None:
        plotted(found, chosen.picture)
    sys.exit(not chosen.quick and any(growth(*each) > LINEAR for each in found))


if __name__ == "__main__":
    main()
