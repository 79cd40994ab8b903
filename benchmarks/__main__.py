"""Ours beside the published peer, on the same inputs, in one run: `python -m benchmarks` (needs `dev`).

Every job's answers are compared before anything is timed. Rounds of ours and of the peer take turns; a figure is the median
of the rounds, in microseconds a call. See benchmarks/README.md.
"""

import gc
import json
import platform
import statistics
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, dataclass

from benchmarks.footprint import Footprint, footprints
from benchmarks.jobs import Job, jobs, plain
from benchmarks.output import output
from benchmarks.peer import Peer, PeerAbsent
from benchmarks.picture import ratios_svg


@dataclass(frozen=True)
class Figure:
    """A job's medians, in microseconds a call, and how many times ours fits into the other."""

    ours_us: float
    peer_us: float | None
    ratio: float | None
    goal: float


def microseconds(call: Callable[[], object], calls: int) -> float:
    """The mean time of one of some calls."""
    began = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - began) / calls * 1e6


def measure(job: Job, peer: Peer | None, rounds: int, share: float) -> Figure:
    """Compares the answers, then takes turns."""
    calls = max(1, round(job.calls * share))
    if job.other is not None:
        first, second = job.answer()  # type: ignore[misc]
        assert first == second, f"{job.name}: {first} is not {second}"
    elif peer is not None:
        if job.config is not None:
            peer.ask(op="load", config=job.config)
            peer.ask(op="rows", rows=job.rows)
        theirs = peer.ask(op="answer", job=job.peer)["answer"]
        assert plain(job.answer()) == theirs, f"{job.name}: {job.answer()} is not {theirs}"
    call = job.ours()
    other = None if job.other is None else job.other()
    for _ in range(min(calls, 200)):
        call()
    # What stays for good is left out of collections, as `syncrules serve` does once it has started.
    gc.collect()
    gc.freeze()
    ours, peers = [], []
    for _ in range(rounds):
        with nullcontext() if peer is None else peer.held():
            ours.append(microseconds(call, calls))
        if other is not None:
            peers.append(microseconds(other, calls))
        elif peer is not None:
            wanted = calls if job.peer_calls is None else max(1, round(job.peer_calls * share))
            peers.append(peer.ask(op="time", job=job.peer, calls=wanted)["us"])
    mine = statistics.median(ours)
    theirs_us = statistics.median(peers) if peers else None
    return Figure(round(mine, 3), theirs_us and round(theirs_us, 3), theirs_us and round(theirs_us / mine, 2), job.goal)


def main() -> None:
    """Measures and prints; exit status 1 if a goal is missed."""
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="one round of few calls: that it runs, not how fast it is")
    parser.add_argument("--json", metavar="FILE", type=output, help="write the figures, too")
    parser.add_argument("--picture", metavar="FILE", type=output, help="write the ratios as SVG")
    parser.add_argument("--peer", metavar="FOLDER", help="where the peer's packages are installed; or SYNCRULES_PEER")
    parser.add_argument("--only", metavar="TEXT", default="", help="only jobs whose name holds this")
    chosen = parser.parse_args()
    timed, taken = [*jobs()], [*footprints(*((20_000, 1) if chosen.quick else (200_000, 9)))]
    names = [*(job.name for job in timed), *(name for name, _ in taken)]
    if not any(chosen.only in name for name in names):
        parser.error(f"no job's name holds {chosen.only!r}; there are: {'; '.join(names)}")
    rounds, share = (1, 0.05) if chosen.quick else (5, 1.0)
    figures: dict[str, Figure] = {}
    with ExitStack() as stack:
        peer: Peer | None = None
        try:
            peer = stack.enter_context(Peer(chosen.peer))
        except PeerAbsent as absent:
            print(f"{absent}\nours alone:", file=sys.stderr)
        versions = {"python": f"{platform.python_version()} ({platform.python_compiler()})"}
        if peer is not None:
            versions |= peer.ask(op="version")
        print(", ".join(f"{name} {version}" for name, version in versions.items()))
        print(f"{'µs a call':<52}{'ours':>14}{'peer':>14}{'peer/ours':>11}{'goal':>8}")
        for job in timed:
            if chosen.only in job.name:
                figures[job.name] = figure = measure(job, peer, rounds, share)
                print(_line(job.name, figure), flush=True)
    found: dict[str, Footprint] = {}
    for name, measured in taken:
        if chosen.only in name:
            found[name] = each = measured()
            bound = "" if each.bound is None else f", at most {each.bound:g}"
            print(f"{name:<52}{each.value:>14,.1f} {each.unit}{bound}", flush=True)
    if chosen.json is not None:
        told = {
            "versions": versions,
            "jobs": {n: asdict(f) for n, f in figures.items()},
            "footprint": {n: asdict(f) for n, f in found.items()},
        }
        chosen.json.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    if chosen.picture is not None:
        chosen.picture.write_text(ratios_svg({n: (f.ratio, f.goal) for n, f in figures.items()}), "utf-8")
    missed = [name for name, figure in figures.items() if figure.ratio is not None and figure.ratio < figure.goal]
    missed += [name for name, each in found.items() if each.bound is not None and each.value > each.bound]
    sys.exit(bool(missed))


def _line(name: str, figure: Figure) -> str:
    peer = "–" if figure.peer_us is None else f"{figure.peer_us:,.2f}"
    ratio = "–" if figure.ratio is None else f"{figure.ratio:.2f}{' ' if figure.ratio >= figure.goal else '!'}"
    return f"{name:<52}{figure.ours_us:>14,.2f}{peer:>14}{ratio:>11}{figure.goal:>8g}"


if __name__ == "__main__":
    main()
