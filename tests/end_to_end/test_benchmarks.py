"""The benchmarks run from a clone, and say so where the peer is not there."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_without_the_peer_ours_is_measured_alone(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "SYNCRULES_PEER"}
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--quick",
        "--only",
        "a row",
        "--json",
        str(tmp_path / "figures.json"),
    ]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, timeout=250, check=False)
    assert ran.returncode in {0, 1}, ran.stderr
    assert "no peer: `npm install" in ran.stderr
    figures = json.loads((tmp_path / "figures.json").read_text("utf-8"))["jobs"]
    assert figures["evaluate a row: 1 of 4 streams"]["peer_us"] is None
    assert all(figure["ours_us"] > 0 and figure["goal"] > 0 for figure in figures.values())
