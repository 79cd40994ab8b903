"""Decodes plain, single-quoted and double-quoted scalars (YAML 1.2.2, sections 5.7 and 7.3).

The scalar is known to be well-formed: the parser has read it already. What is computed here is the
value once more, with the place of each of its characters.
"""

import re
from collections.abc import Iterator

from syncrules.document.mapped_text import MappedText
from syncrules.document.text_builder import TextBuilder

_BREAK = r"(?:\r\n?|\n)"
_FOLD = rf"(?P<fold>{_BREAK})(?P<blank_lines>(?:[ \t]*+{_BREAK})*+)[ \t]*+"
_PAIR = r"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HEX = rf"(?P<hex>{_PAIR}|x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}})"
_JOIN = rf"(?P<join>{_BREAK})(?P<blank_lines_after_join>(?:[ \t]*+{_BREAK})*+)[ \t]*+"

_ANY_BREAK = re.compile(_BREAK)
_IN_PLAIN = re.compile(_FOLD)
_IN_SINGLE_QUOTED = re.compile(rf"{_FOLD}|(?P<quote>'')")
_IN_DOUBLE_QUOTED = re.compile(rf"{_FOLD}|\\(?:{_HEX}|{_JOIN}|(?P<letter>.))")

_LETTERS = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028",
    "P": "\u2029",
}  # fmt: skip


def plain(source: str, start: int, end: int) -> MappedText:
    r"""The text of the plain scalar at `source[start:end]`.

    >>> plain("a: b\n   c", 3, 9).text
    'b c'
    """
    return _decode(source, start, end, _IN_PLAIN)


def single_quoted(source: str, start: int, end: int) -> MappedText:
    """The text of the scalar at `source[start:end]`, which includes the quotes.

    >>> single_quoted("'it''s'", 0, 7).text
    "it's"
    """
    return _decode(source, start + 1, end - 1, _IN_SINGLE_QUOTED)


def double_quoted(source: str, start: int, end: int) -> MappedText:
    r"""The text of the scalar at `source[start:end]`, which includes the quotes.

    A surrogate pair written as two escapes is one character, as in JSON.

    >>> double_quoted('"\\x41\\/B"', 0, 9).text
    'A/B'
    """
    return _decode(source, start + 1, end - 1, _IN_DOUBLE_QUOTED)


def _decode(source: str, start: int, end: int, special: re.Pattern[str]) -> MappedText:
    builder = TextBuilder(source, start)
    position = start
    for match in special.finditer(source, start, end):
        kind = match.lastgroup
        if kind == "blank_lines":
            builder.copy(position, _without_blanks(source, position, match.start()))
            _fold(builder, match)
        else:
            builder.copy(position, match.start())
            _special(builder, match)
        position = match.end()
    builder.copy(position, end)
    return builder.finish()


def _without_blanks(source: str, start: int, end: int) -> int:
    while end > start and source[end - 1] in " \t":
        end -= 1
    return end


def _fold(builder: TextBuilder, match: re.Match[str]) -> None:
    if match["blank_lines"]:
        _line_feeds(builder, match, "blank_lines")
    else:
        builder.make(" ", *match.span("fold"))


def _special(builder: TextBuilder, match: re.Match[str]) -> None:
    match match.lastgroup:
        case "quote":
            builder.make("'", *match.span())
        case "hex":
            builder.make(_code_point(match["hex"]), *match.span())
        case "letter":
            builder.make(_LETTERS.get(match["letter"], match["letter"]), *match.span())
        case _:
            _line_feeds(builder, match, "blank_lines_after_join")


def _line_feeds(builder: TextBuilder, match: re.Match[str], group: str) -> None:
    for line_break in _breaks(match, group):
        builder.make("\n", *line_break.span())


def _breaks(match: re.Match[str], group: str) -> Iterator[re.Match[str]]:
    return _ANY_BREAK.finditer(match.string, *match.span(group))


def _code_point(digits: str) -> str:
    high, _, low = digits[1:].partition("\\u")
    if low:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    return chr(int(high, 16))
