"""Every limit is an error of its own, found quickly."""

import pytest

from syncrules.document import limits
from tests.document.reading import diagnostics, errors


def _codes(text: str) -> list[str]:
    return [found.code for found in diagnostics(text)]


@pytest.mark.parametrize(
    "level",
    ["[", "{a: ", "- ", "? "],
    ids=["flow sequences", "flow mappings", "block sequences", "block mappings"],
)
def test_ten_thousand_levels_are_refused(level: str) -> None:
    assert _codes(level * 10_000) == ["nested-too-deeply"]


def test_ten_thousand_levels_of_indentation_are_refused() -> None:
    assert _codes("\n".join(" " * i + "a:" for i in range(2_000))) == ["nested-too-deeply"]


def test_the_deepest_nesting_is_read() -> None:
    depth = limits.DEPTH
    assert _codes("[" * depth + "]" * depth) == []
    assert errors("[" * (depth + 1) + "]" * (depth + 1)) == [("nested-too-deeply", "[")]


def test_a_file_can_be_too_long() -> None:
    assert _codes("#" * limits.CHARACTERS) == []
    assert errors("#" * (limits.CHARACTERS + 1)) == [("document-too-long", "#")]


def test_a_file_can_have_too_many_lines() -> None:
    assert _codes("\r\n" * limits.LINES) == []
    assert _codes("\n" * (limits.LINES + 1)) == ["too-many-lines"]


def test_a_file_can_have_too_many_nodes() -> None:
    assert _codes("[" + "a," * (limits.NODES - 1) + "]") == []
    assert errors("[" + "a," * limits.NODES + "]") == [("too-many-nodes", "a")]


@pytest.mark.parametrize("wrong", ["- *x\n", "- !x y\n", "\0"])
def test_not_every_error_is_shown(wrong: str) -> None:
    assert _codes(wrong * (limits.FINDINGS + 5))[-1] == "too-many-findings"
    assert len(_codes(wrong * (limits.FINDINGS + 5))) == limits.FINDINGS + 1
    assert len(_codes(wrong * limits.FINDINGS)) == limits.FINDINGS
