"""What a compile costs, stage by stage: `python -m benchmarks.compile` (needs the `dev` extra).

Each figure is the median of repeated runs in one process, in milliseconds; the import is timed in
processes of its own.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml
from ruamel.yaml import YAML

from syncrules import Rules
from syncrules.diagnostics import Source
from syncrules.document import MappedText, read
from syncrules.engine.table import SourceTable
from syncrules.syntax import parse_query

FILE = Path(__file__).parents[1] / "fixtures" / "chat" / "sync-streams.yaml"
QUERY = "SELECT id FROM items WHERE list_id IN (SELECT list_id FROM list_members WHERE user_id = auth.user_id())"


def median_ms(run: Callable[[], object], times: int = 50) -> float:
    """The median time of one run, in milliseconds."""
    run()
    measured = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        measured.append(time.perf_counter() - start)
    return statistics.median(measured) * 1000


def import_ms(statement: str, times: int = 9) -> float:
    """The median time of an import in a fresh process, without the interpreter's own start."""
    code = f"import time; start = time.perf_counter(); {statement}; print(time.perf_counter() - start)"
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(times)
    ]
    return statistics.median(runs) * 1000


def main() -> None:
    """Prints the table."""
    text = FILE.read_text("utf-8")
    rules = Rules.from_text(text)
    row = {"id": "m1", "channel_id": "c1", "author_id": "u1", "body": "hi", "pinned": 1, "sent_at": "2026-01-01"}
    table = SourceTable("messages")
    figures = {
        "YAML with spans (document.read, libyaml events)": median_ms(lambda: read(Source("x", text))),
        "  for comparison: libyaml events alone": median_ms(lambda: list(yaml.parse(text, Loader=yaml.CSafeLoader))),
        "  for comparison: ruamel.yaml events alone": median_ms(lambda: list(YAML(typ="safe", pure=True).parse(text))),
        "one query: Lark and nodes": median_ms(lambda: parse_query("sync_streams", MappedText.verbatim(QUERY, 0)), 500),
        f"whole compile of {FILE.parent.name}/{FILE.name} ({len(rules.plan.streams)} streams)": median_ms(
            lambda: Rules.from_text(text)
        ),
        "evaluate one row": median_ms(lambda: rules.program.evaluate(table, row), 2000),
        "import syncrules": import_ms("import syncrules"),
        "import syncrules and load": import_ms("from syncrules import load"),
    }
    width = max(map(len, figures))
    for name, value in figures.items():
        print(f"{name:<{width}}  {value:8.3f} ms")


if __name__ == "__main__":
    main()
