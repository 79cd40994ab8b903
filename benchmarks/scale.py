"""What more streams cost: `python -m benchmarks.scale`.

Every stream has a table of its own, an owner and a membership; a figure is the median of five runs.
"""

import statistics
import time
from collections.abc import Callable

from syncrules import MemoryStore, Request, Rules, SourceTable, VerifiedClaims

SIZES = (1, 10, 100, 1000)


def seconds(run: Callable[[], object], times: int = 5) -> float:
    """The median time of a run."""
    measured = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        measured.append(time.perf_counter() - start)
    return statistics.median(measured)


def text_of(streams: int) -> str:
    """A file of so many streams."""
    lines = ["config: {edition: 3}", "streams:"]
    for number in range(streams):
        members = f"SELECT list FROM members{number} WHERE person = auth.user_id()"
        lines += [
            f"  s{number}:",
            "    auto_subscribe: true",
            f"    query: SELECT id, title FROM t{number} WHERE owner = auth.user_id() OR list IN ({members})",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Prints the table."""
    print(f"{'streams':>8}{'compile, ms':>14}{'evaluate a row, µs':>21}{'resolve a request, ms':>24}")
    row = {"id": "r", "title": "Oats", "owner": "ada", "list": "l"}
    request = Request(VerifiedClaims.unverified_for_testing({"sub": "ada"}))
    for size in SIZES:
        text = text_of(size)
        rules = Rules.from_text(text)
        store = MemoryStore(rules)
        table = SourceTable("t0")
        compiling = seconds(lambda text=text: Rules.from_text(text)) * 1e3  # type: ignore[misc]
        evaluating = seconds(lambda r=rules: [r.program.evaluate(table, row) for _ in range(1000)]) * 1e3  # type: ignore[misc]
        resolving = seconds(lambda r=rules, s=store: r.resolve(request, s)) * 1e3  # type: ignore[misc]
        print(f"{size:>8}{compiling:>14.1f}{evaluating:>21.2f}{resolving:>24.2f}")


if __name__ == "__main__":
    main()
