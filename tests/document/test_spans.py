"""Spans cover a node as it is written, and nothing else."""

import pytest

from syncrules.diagnostics import Span
from syncrules.document import Scalar, Style
from tests.document.reading import at, node, value, written

FILE = """\
# head
streams:
  one: &one
    query: >-
      SELECT *

      FROM a
    # a comment

  two: {a: 'b', c: [d, "e"]}   # another
  three: !!str 12
  four: *one
list:
- x
- - y
  - z

tail:
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (["streams", "one"], "query: >-\n      SELECT *\n\n      FROM a"),
        (["streams", "one", "query"], ">-\n      SELECT *\n\n      FROM a"),
        (["streams", "two"], "{a: 'b', c: [d, \"e\"]}"),
        (["streams", "two", "a"], "'b'"),
        (["streams", "two", "c"], '[d, "e"]'),
        (["streams", "three"], "12"),
        (["list"], "- x\n- - y\n  - z"),
        (["list", 1], "- y\n  - z"),
        (["tail"], ""),
    ],
)
def test_a_span_covers_the_node_without_properties_and_comments(path: list[str | int], expected: str) -> None:
    assert written(FILE, *path) == expected


def test_a_block_mapping_ends_at_the_alias_that_is_its_last_value() -> None:
    assert written(FILE, "streams").endswith("four: *one")


def test_a_node_reached_through_an_alias_keeps_the_span_of_its_anchor() -> None:
    assert at(FILE, "streams", "four").span == at(FILE, "streams", "one").span


def test_the_document_ends_with_its_last_node() -> None:
    assert node(FILE).span == Span(FILE.index("streams"), len(FILE) - 1)


@pytest.mark.parametrize("after", ["", "\n", "   # note\n", "\n\n# note\nb: 1", " \t\n", " &x\n", " &x # note\nb: 1"])
def test_a_value_that_is_not_there_is_none_after_what_calls_for_it(after: str) -> None:
    scalar = at(f"query:{after}", "query")
    place = 6 + (3 if "&" in after else 0)
    assert isinstance(scalar, Scalar)
    assert (scalar.value, scalar.span, scalar.text.whole()) == (None, Span(place, place), Span(place, place))


def test_an_item_that_is_not_there_stands_after_its_dash() -> None:
    assert [at("-\n-  # note\n- x", i).span for i in range(2)] == [Span(1, 1), Span(3, 3)]


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "\ufeff", "\ufeff# nothing", "---", "---\n...\n", "   "])
def test_a_file_without_content_is_none_with_an_empty_span(text: str) -> None:
    found = node(text)
    assert isinstance(found, Scalar)
    assert found.value is None
    assert found.span.start == found.span.end


def test_a_byte_order_mark_is_counted_but_not_read() -> None:
    assert written("\ufeffa: |2\n   b\n", "a") == "|2\n   b"
    assert value("\ufeffa: |2\n   b\n") == {"a": " b\n"}


def test_line_breaks_of_every_kind_are_counted_as_written() -> None:
    for line_break in ("\n", "\r\n", "\r"):
        file = f"a: |{line_break}  b{line_break}  c{line_break}d: 'e{line_break}  f'{line_break}g: h"
        assert value(file) == {"a": "b\nc\n", "d": "e f", "g": "h"}
        assert written(file, "g") == "h"


def test_the_indentation_indicator_counts_from_the_block_that_holds_the_scalar() -> None:
    assert value("a: &x\n  - b\n  - |2\n     c\n") == {"a": ["b", " c\n"]}
    assert value("- - |1\n    a\n- b:\n  - |2\n     c\n") == [[" a\n"], {"b": [" c\n"]}]


def test_the_style_is_kept() -> None:
    styles = [at("- a\n- 'a'\n- \"a\"\n- |\n  a\n- >\n  a\n", i) for i in range(5)]
    assert [scalar.style for scalar in styles if isinstance(scalar, Scalar)] == list(Style)


def test_a_pair_in_a_flow_sequence_is_a_mapping_from_its_key_to_its_value() -> None:
    assert written("[a: b, c]", 0) == "a: b"
    assert written("[? a : b, c]", 0) == "? a : b"


def test_text_of_a_block_scalar_keeps_lines_that_are_indented_more() -> None:
    file = "a: >\n\n\n x\n y\n\n\n z\n   w\n\n v\n\n\nb: 1"
    assert value(file) == {"a": "\n\nx y\n\nz\n  w\n\nv\n", "b": 1}
