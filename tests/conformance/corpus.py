"""The corpora of this folder's tests, unpacked from `fixtures/conformance/`."""

import gzip
import json
import runpy
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "fixtures" / "conformance"
JUDGED = Path(__file__).parent / "judged.txt"

Scenario = dict[str, Any]


@cache
def lines(name: str) -> list[Scenario]:
    """The objects of a packed JSON lines file."""
    with gzip.open(FOLDER / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@cache
def judged() -> dict[str, str]:
    """The scenarios that are judged, with the reason."""
    listed = (line for line in JUDGED.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return dict(line.split(maxsplit=1) for line in listed)


@cache
def _differences() -> Callable[[Scenario, Scenario, Scenario], Iterator[tuple[str, str]]]:
    module = runpy.run_path(str(FOLDER / "compare.py"))
    return module["differences"]  # type: ignore[no-any-return]


def differences(scenario: Scenario, theirs: Scenario, ours: Scenario) -> list[str]:
    """What `compare.py` finds different between two results of a scenario."""
    return [f"{kind}: {detail}" for kind, detail in _differences()(scenario, theirs, ours)]
