"""What ships is what works: the built wheel, in an environment of its own, run from an empty folder."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TODO = ROOT / "fixtures" / "todo"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with nothing but the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=True)
    subprocess.run([folder / "env/bin/pip", "install", "--quiet", str(wheel)], check=True, capture_output=True)
    return folder / "env"


def test_the_wheel_resolves_a_request_from_an_empty_folder(environment: Path, tmp_path: Path) -> None:
    command = [environment / "bin/syncrules", "resolve", TODO / "sync-streams.yaml"]
    command += ["--token", TODO / "tokens/ada.jwt", "--auth", TODO / "auth.yaml"]
    command += ["--data", TODO / "data", "--now", "2026-11-25T12:01:00Z"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "2 buckets, 5 rows in 2 tables" in done.stdout


def test_the_wheel_holds_the_grammar_and_the_types_marker(environment: Path, tmp_path: Path) -> None:
    (package,) = (environment / "lib").glob("python*/site-packages/syncrules")
    assert (package / "py.typed").exists()
    assert {file.name for file in (package / "_tables").iterdir()} == {"sync_rules", "sync_streams"}
    assert {file.name for file in (package / "_grammar").iterdir()} == {
        "expression.lark",
        "sync_rules.lark",
        "sync_streams.lark",
    }
