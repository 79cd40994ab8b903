"""What is not a matter of speed per call: the memory of lookup rows, and how long a start takes. Each in fresh processes."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

_MEMORY: Final = """
import sys, tracemalloc
from benchmarks.jobs import STREAMS
from syncrules import Change, MemoryStore, Rules

rules, rows = Rules.from_text(STREAMS), int(sys.argv[1])
store = MemoryStore(rules)
tracemalloc.start()
store.fill(
    Change.put("members", {"id": f"m{n}", "list_id": f"l{n // 3}", "user_id": f"u{n // 4}"}) for n in range(rows)
)
print(tracemalloc.get_traced_memory()[0] / 2**20 * 1e6 / rows)
"""


@dataclass(frozen=True)
class Footprint:
    """A figure, and the bound that it must not exceed, if there is one."""

    value: float
    unit: str
    bound: float | None


def footprints(rows: int, runs: int) -> Iterator[tuple[str, Callable[[], Footprint]]]:
    """What can be measured, by what it is of: memory with so many rows, starts as the median of so many runs."""
    yield "memory store: a million lookup rows", lambda: _memory(rows)
    yield "import syncrules, beyond Python's own start", lambda: _import(runs)
    yield "syncrules --version, as a whole", lambda: _start(["syncrules", "--version"], runs, 250)


def _memory(rows: int) -> Footprint:
    return Footprint(round(float(_output([sys.executable, "-c", _MEMORY, str(rows)]))), "MiB", None)


def _import(runs: int) -> Footprint:
    bare = _start([sys.executable, "-c", "pass"], runs, None)
    whole = _start([sys.executable, "-c", "import syncrules"], runs, None)
    return Footprint(round(whole.value - bare.value, 1), "ms", 150)


def _start(command: list[str], runs: int, bound: float | None) -> Footprint:
    measured = []
    for _ in range(runs):
        began = time.perf_counter()
        _output(command)
        measured.append((time.perf_counter() - began) * 1e3)
    return Footprint(round(statistics.median(measured), 1), "ms", bound)


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout
