"""The pages about tokens and errors: configurations load, rules compile, commands run, links lead somewhere."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from syncrules import Rules, Verifier
from syncrules.auth import ErrorCode, start_warnings
from syncrules.resolve.limits import LimitExceeded

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs/tokens").glob("*.md"), *(ROOT / "docs/errors").glob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)")


def blocks(language: str) -> list[object]:
    return [*_blocks(language)]


def _blocks(language: str) -> Iterator[object]:
    for page in PAGES:
        found = [block[2] for block in BLOCK.finditer(page.read_text("utf-8")) if block[1] == language]
        for number, text in enumerate(found):
            yield pytest.param(text, id=f"{page.stem}-{number}")


@pytest.mark.parametrize("text", blocks("yaml"))
def test_a_configuration_or_a_rules_file_in_a_page_is_a_valid_one(text: str) -> None:
    if text.startswith("# rules"):
        assert Rules.from_text(text).to_json()
        return
    warnings = {notice.code for notice in Verifier.from_config(yaml.safe_load(text)).warnings}
    assert warnings <= {"supabase-pooler"}


@pytest.mark.parametrize("script", blocks("sh"))
def test_a_command_in_a_page_runs_as_it_is_written(script: str) -> None:
    here = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONUTF8": "1"}
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=ROOT,
        env=os.environ | here,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("script", blocks("python"))
def test_a_program_in_a_page_runs(script: str) -> None:
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "verifier" in script.splitlines()[-1], done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_files(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text("utf-8")) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("code", [*ErrorCode, LimitExceeded.code])
def test_every_code_has_a_page_that_the_index_leads_to(code: str) -> None:
    page = ROOT / "docs/errors" / f"{code}.md"
    text = page.read_text("utf-8")
    assert text.startswith(f"# {code}\n")
    assert "## What to do" in text
    assert f"({page.name})" in (ROOT / "docs/errors/README.md").read_text("utf-8")


def _written(name: str, *modules: str) -> set[str]:
    """The names of notices or hints in the source."""
    source = "".join((Path(start_warnings.__file__).parent / f"{module}.py").read_text("utf-8") for module in modules)
    return set(re.findall(rf'{name}\(\s*"([a-z0-9-]+)"', source))


def test_every_hint_and_every_warning_is_explained() -> None:
    pages = "".join(page.read_text("utf-8") for page in PAGES)
    modules = ("hints", "start_warnings", "supabase", "key_set", "trust", "user_id", "claims")
    names = _written("Notice", *modules)
    assert len(names) > 30
    assert {name for name in names if f"`{name}`" not in pages} == set()
