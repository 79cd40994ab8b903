"""Makes a scalar node of what the parser says about it, decoding its text once more with places."""

import re
from typing import Final, NamedTuple

import yaml

from syncrules.diagnostics import Span
from syncrules.document import block_text, core_schema, flow_text
from syncrules.document.events import Text
from syncrules.document.limits import NUMBER_LENGTH, quoted
from syncrules.document.mapped_text import MappedText
from syncrules.document.node import Scalar, Style
from syncrules.document.properties import Properties, read_properties

_STYLES: Final = {
    None: Style.PLAIN,
    "": Style.PLAIN,
    "'": Style.SINGLE_QUOTED,
    '"': Style.DOUBLE_QUOTED,
    "|": Style.LITERAL,
    ">": Style.FOLDED,
}
_SINGLE_LINE: Final = re.compile(r"[^\r\n]*+")


class _Written(NamedTuple):
    """How and where a scalar is written, without tag and anchor."""

    style: Style
    span: Span
    parent_indent: int


class _Decoded(NamedTuple):
    text: MappedText
    span: Span


def scalar(text: Text, event: yaml.ScalarEvent, parent_indent: int) -> Scalar:
    """The node of a scalar event. Raises GiveUpError if the two readings of its text differ.

    `parent_indent` is the column of the block collection that holds it, -1 if none does.
    """
    whole = text.span(event)
    properties = read_properties(text.shown, event, whole)
    style = _STYLES[event.style]
    if style is Style.PLAIN and properties.begin == whole.end:
        place = properties.end
        decoded = _Decoded(MappedText("", (), place), Span(place, place))
    else:
        written = _Written(style, Span(properties.begin, whole.end), parent_indent)
        decoded = _decode(text.own, written)
        _check_reading(text, event.value, written, decoded)
        if style is Style.PLAIN:
            _check_start(text, properties.begin)
    value = _value(text, decoded, style, event.tag, properties)
    return Scalar(value, decoded.text, decoded.span, style)


def _decode(source: str, written: _Written) -> _Decoded:
    style, (start, end) = written.style, (written.span.start, written.span.end)
    match style:
        case Style.PLAIN if _SINGLE_LINE.fullmatch(source, start, end):
            return _Decoded(MappedText.verbatim(source[start:end], start), written.span)
        case Style.PLAIN:
            return _Decoded(flow_text.plain(source, start, end), written.span)
        case Style.SINGLE_QUOTED:
            return _Decoded(flow_text.single_quoted(source, start, end), written.span)
        case Style.DOUBLE_QUOTED:
            return _Decoded(flow_text.double_quoted(source, start, end), written.span)
        case Style.LITERAL:
            block = block_text.literal(source, start, end, written.parent_indent)
        case Style.FOLDED:
            block = block_text.folded(source, start, end, written.parent_indent)
    return _Decoded(block.text, Span(start, block.end))


def _check_reading(text: Text, parsed: str, written: _Written, decoded: _Decoded) -> None:
    """Both readings must agree on the text that the parser saw."""
    span = written.span
    seen = decoded
    if text.own[span.start : span.end] != text.shown[span.start : span.end]:
        seen = _decode(text.shown, written)
    if seen.text.text != parsed:
        text.findings.give_up(
            "unreadable-scalar",
            "this text can be read in two ways",
            span,
            "write it between double quotes, and report this",
        )


def _check_start(text: Text, begin: int) -> None:
    """A plain scalar must not begin with what the parser was kept from seeing."""
    first = Span(begin, begin + 1)
    match text.own[begin]:
        case "\t":
            text.findings.give_up(
                "tab-as-indentation",
                "a tab cannot indent a line of YAML",
                first,
                "indent with spaces",
            )
        case "#":
            text.findings.give_up(
                "comment-without-space",
                "a comment needs a space before its `#`",
                first,
                "add the space, or put the value between quotes",
            )


def _value(text: Text, decoded: _Decoded, style: Style, tag: str | None, properties: Properties) -> core_schema.Value:
    written = decoded.text.text
    try:
        return core_schema.of_tagged(written, style, tag)
    except core_schema.NumberTooLongError:
        text.findings.add(
            "number-too-long",
            f"a number may have {NUMBER_LENGTH} characters; this has {len(written)}",
            decoded.span,
            "put it between quotes if it is a text",
        )
    except core_schema.NotOfItsTagError:
        kind = quoted(text.own[properties.tag.start : properties.tag.end])
        text.findings.add(
            "value-not-of-its-tag",
            f"the value {quoted(written)} does not fit the tag {kind}",
            decoded.span,
            "change the value or remove the tag",
        )
    except KeyError:
        report_tag(text, properties.tag)
    return written


def report_tag(text: Text, tag: Span) -> None:
    """Report a tag that means nothing where it is."""
    text.findings.add(
        "unknown-tag",
        f"the tag {quoted(text.own[tag.start : tag.end])} has no meaning here",
        tag,
        "remove it; text begins with `!` only between quotes",
    )
