"""What the front door promises, and what it costs to open."""

import subprocess
import sys

import pytest

import syncrules


def test_every_promised_name_is_there() -> None:
    assert all(getattr(syncrules, name) is not None for name in syncrules.__all__)


@pytest.mark.parametrize(
    "module", ["pydantic", "lark", "httpx", "jwt", "cryptography", "yaml", "click", "pyarrow", "psycopg", "starlette"]
)
def test_importing_the_package_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, syncrules; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("grammar", ["sync_rules", "sync_streams"])
def test_the_grammars_have_no_hidden_conflict(grammar: str) -> None:
    from lark import Lark

    from syncrules.syntax.grammar import grammar_text

    Lark(grammar_text(grammar), parser="lalr", lexer="basic", maybe_placeholders=True, strict=True)
