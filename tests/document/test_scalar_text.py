"""The text of a scalar is decoded exactly, and each character knows what made it."""

from hypothesis import given
from hypothesis import strategies as st

from syncrules.diagnostics import Span
from syncrules.document import MappedText, Scalar
from tests.document.reading import at, written
from tests.document.written import ANY_STYLE, Written


def _text(file: str) -> MappedText:
    scalar = at(file, "k", 0)
    assert isinstance(scalar, Scalar)
    return scalar.text


@given(ANY_STYLE)
def test_the_text_is_what_was_written(file: Written) -> None:
    assert _text(file.file).text == file.text


@given(ANY_STYLE)
def test_every_character_maps_to_what_made_it(file: Written) -> None:
    text = _text(file.file)
    assert [text.span(i, i + 1) for i in range(len(file.text))] == [Span(*place) for place in file.places]


@given(ANY_STYLE, st.data())
def test_a_range_begins_and_ends_with_its_own_characters(file: Written, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(file.text) - 1))
    end = data.draw(st.integers(start + 1, len(file.text)))
    assert _text(file.file).span(start, end) == Span(file.places[start][0], file.places[end - 1][1])


@given(ANY_STYLE)
def test_what_follows_a_scalar_is_read(file: Written) -> None:
    assert written(file.file, "k", 1) == "end"


@given(ANY_STYLE)
def test_the_span_of_a_scalar_holds_its_text_but_line_feeds_at_its_end(file: Written) -> None:
    span = at(file.file, "k", 0).span
    kept = len(file.text.rstrip("\n"))
    places = file.places[:kept]
    assert span.start <= places[0][0]
    assert places[-1][1] <= span.end
