"""Values agree with those of an independent reader of YAML 1.2."""

from io import StringIO
from pathlib import Path

import pytest
import ruamel.yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.diagnostics import Source
from syncrules.document import read
from tests.document.reading import Plain, plain, value

FIXTURES = Path(__file__).parents[2] / "fixtures"

# The dumper takes the line breaks of YAML 1.1 for such, and loses them.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029\ufeff"))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    TEXTS,
    st.text("a: #-'\"\n|>[]{},&*!?"),
)
KEYS = st.text("ab-: \n'#é", max_size=8)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)
LINES = st.lists(
    st.sampled_from(
        ["a: b", "  c: d", "- e", "  - f", "    g", "  'h'", "i: |", "    j", "", "  # k", "l: >-", "      m"]
    ),
    max_size=10,
)


def _theirs(text: str) -> Plain:
    return ruamel.yaml.YAML(typ="safe", pure=True).load(text)  # type: ignore[no-any-return]


@given(TREES, st.sampled_from(["\n", "\r\n"]), st.integers(20, 100))
@settings(max_examples=150, deadline=None)
def test_a_tree_that_was_dumped_is_read_back(tree: Plain, line_break: str, width: int) -> None:
    yaml = ruamel.yaml.YAML(typ="rt", pure=True)
    yaml.width = width
    yaml.line_break = line_break  # type: ignore[assignment]
    stream = StringIO()
    yaml.dump(tree, stream)
    assert value(stream.getvalue()) == tree


@given(LINES)
@settings(max_examples=300, deadline=None)
def test_lines_mean_the_same_or_are_refused_by_both(lines: list[str]) -> None:
    text = "\n".join(lines)
    node, diagnostics = read(Source("test.yaml", text))
    try:
        expected = _theirs(text)
    except ruamel.yaml.error.YAMLError:
        assert diagnostics
        return
    assert diagnostics == ()
    assert node is not None
    assert plain(node) == expected


@pytest.mark.parametrize("path", sorted(FIXTURES.rglob("*.yaml")), ids=lambda path: str(path.relative_to(FIXTURES)))
def test_a_fixture_means_the_same(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert value(text) == _theirs(text)
