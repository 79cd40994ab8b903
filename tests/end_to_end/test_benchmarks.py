"""The benchmarks run from a clone, and say so where the peer is not there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.floors import floors

from syncrules import Resolution

ROOT = Path(__file__).parents[2]


def test_without_the_peer_ours_is_measured_alone(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "SYNCRULES_PEER"}
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--quick",
        "--only",
        "row",
        "--json",
        str(tmp_path / "figures.json"),
    ]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, timeout=250, check=False)
    assert ran.returncode in {0, 1}, ran.stderr
    assert "no peer: `npm install" in ran.stderr
    told = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    figures = told["jobs"]
    assert figures["evaluate a row: 1 of 4 streams"]["peer_us"] is None
    assert told["footprint"]["memory store: a million lookup rows"]["value"] > 0
    assert all(figure["ours_us"] > 0 and figure["goal"] > 0 for figure in figures.values())


def test_cost_curves_are_measured_and_drawn(tmp_path: Path) -> None:
    picture = tmp_path / "curves.svg"
    command = [sys.executable, "-m", "benchmarks.curves", "--quick", "--picture", str(picture)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "compile after one query changed (µs by streams)" in ran.stdout
    assert ran.stdout.count("growth") == 9
    assert "<svg" in picture.read_text("utf-8")


def test_floors_give_the_same_answers() -> None:
    compared = 0
    for job, floor in floors():
        assert job.peer is not None
        match job.peer["kind"]:
            case "resolve":
                found = job.ours()()
                assert isinstance(found, Resolution)
                assert sorted(found.buckets) == sorted(floor())  # type: ignore[call-overload]
                compared += 1
            case "evaluate" | "lookups":
                assert job.ours()() == floor()
                compared += 1
            case "verify":
                assert floor() is True
    assert compared == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["benchmarks", "--only", "nothing at all"], "no job's name holds 'nothing at all'"),
        (["benchmarks", "--json", "nowhere/figures.json"], "there is no folder nowhere"),
        (["benchmarks", "--picture", "tests"], "tests cannot be written: it is a folder"),
        (["benchmarks.curves", "--picture", "nowhere/curves.svg"], "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_told_is_refused_before_it_is_measured(arguments: list[str], said: str) -> None:
    command = [sys.executable, "-m", *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
