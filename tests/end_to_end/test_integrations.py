"""The pre-commit hooks and the GitHub Action, run as their hosts run them."""

import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
LEAKY = "config: {edition: 3}\nstreams:\n  s:\n    auto_subscribe: true\n    query: select * from secrets\n"


def step(name: str, folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Runs a step of the action as a runner does: its script in bash, inputs through the environment."""
    (found,) = (each for each in ACTION["runs"]["steps"] if each["name"] == name)
    values = {key: str(value["default"]) for key, value in ACTION["inputs"].items()} | inputs
    environment = dict(os.environ, PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    for variable, expression in found["env"].items():
        key = expression.removeprefix("${{ inputs.").removesuffix(" }}")
        environment[variable] = values[key]
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found["run"]]
    return subprocess.run(script, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_action_annotates_what_it_finds_and_fails(tmp_path: Path) -> None:
    (tmp_path / "sync rules.yaml").write_text(LEAKY, "utf-8")
    done = step("Lint", tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("::warning file=sync rules.yaml,line=5,")


def test_the_action_takes_its_inputs(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(LEAKY, "utf-8")
    (tmp_path / "db.sql").write_text("CREATE TABLE other (id uuid);", "utf-8")
    done = step("Lint", tmp_path, paths="a.yaml", schema="db.sql", sarif="out.sarif", **{"fail-level": "error"})
    assert done.returncode == 0
    assert "unknown-table" in done.stdout
    assert '"2.1.0"' in (tmp_path / "out.sarif").read_text("utf-8")


def test_the_action_does_not_run_what_stands_in_an_input(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(LEAKY, "utf-8")
    step("Lint", tmp_path, paths="a.yaml $(touch broken) ; touch broken", schema="$(touch broken)")
    assert not (tmp_path / "broken").exists()


def test_no_step_puts_an_input_into_its_script() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert all("${{" not in each["run"] for each in ACTION["runs"]["steps"])


@pytest.mark.parametrize("hook", sorted(HOOKS))
def test_a_hook_runs_the_command_that_is_installed(hook: str, tmp_path: Path) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    command, *arguments = shlex.split(HOOKS[hook]["entry"])
    assert command in scripts
    rules = tmp_path / "sync.yaml"
    rules.write_text(LEAKY, "utf-8")
    done = subprocess.run(
        [str(Path(sys.executable).parent / command), *arguments, str(rules)],
        capture_output=True,
        text=True,
        check=False,
    )
    if hook == "syncrules-lint":
        assert (done.returncode, "unfiltered-table" in done.stdout) == (1, True)
    else:
        assert (done.returncode, "SELECT * FROM" in rules.read_text("utf-8")) == (0, True)


def test_pre_commit_installs_and_runs_the_hooks(tmp_path: Path) -> None:
    repository = tmp_path / "app"
    repository.mkdir()
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    (repository / "sync.yaml").write_text(LEAKY, "utf-8")
    subprocess.run([*git, "add", "."], check=True)
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "--files", "sync.yaml", "--verbose"]
    environment = dict(os.environ, PRE_COMMIT_HOME=str(tmp_path / "home"))
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "unfiltered-table" in done.stdout
    assert "SELECT * FROM" in (repository / "sync.yaml").read_text("utf-8")
