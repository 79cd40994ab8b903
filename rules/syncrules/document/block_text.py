"""Decodes literal and folded block scalars (YAML 1.2.2, section 8.1).

The scalar is known to be well-formed: the parser has read it already. What is computed here is the
value once more, with the place of each of its characters.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from syncrules.document.mapped_text import MappedText
from syncrules.document.text_builder import TextBuilder

_HEADER = re.compile(
    r"[|>](?:(?P<chomp>[-+])(?P<late_indent>[1-9])?|(?P<indent>[1-9])(?P<late_chomp>[-+])?)?"
    r"[^\r\n]*+(?:\r\n?|\n)?+"
)
_LINE = re.compile(r"(?P<spaces> *+)(?P<rest>[^\r\n]*+)(?P<end>\r\n?|\n|\Z)")


class Block(NamedTuple):
    """A decoded block scalar, and where its last line with text ends."""

    text: MappedText
    end: int


class _Line(NamedTuple):
    """A line without its indentation: where it starts, where its break starts, where that ends."""

    start: int
    end: int
    next: int

    def is_blank(self) -> bool:
        return self.start == self.end


_Lines = Sequence[_Line]


def literal(source: str, start: int, end: int, parent_indent: int) -> Block:
    r"""The literal scalar at `source[start:end]`.

    `parent_indent` is the column of the block collection that holds the scalar, -1 if none does.

    >>> block = literal("a: |\n  b\n   c\n\n", 3, 15, 0)
    >>> block.text.text, block.end
    ('b\n c\n', 13)
    """
    return _decode(source, start, end, parent_indent, _keep_breaks)


def folded(source: str, start: int, end: int, parent_indent: int) -> Block:
    r"""The folded scalar at `source[start:end]`; see `literal`.

    >>> folded("a: >\n  b\n  c\n\n", 3, 14, 0).text.text
    'b c\n'
    """

    def fold(builder: TextBuilder, lines: _Lines) -> None:
        _fold_breaks(builder, lines, source)

    return _decode(source, start, end, parent_indent, fold)


def _decode(
    source: str,
    start: int,
    end: int,
    parent_indent: int,
    add: Callable[[TextBuilder, _Lines], None],
) -> Block:
    header = _HEADER.match(source, start, end)
    if header is None:
        return Block(MappedText("", (), start), start)
    chomp = header["chomp"] or header["late_chomp"]
    explicit = header["indent"] or header["late_indent"]
    written = [m for m in _LINE.finditer(source, header.end(), end) if m.start() < m.end()]
    indent = max(parent_indent, 0) + int(explicit) if explicit else _indent(written, parent_indent)
    lines = [_line(match, indent) for match in written]
    count = max((i for i, line in enumerate(lines, 1) if not line.is_blank()), default=0)
    builder = TextBuilder(source, lines[0].start if lines else header.end())
    add(builder, lines[:count])
    match chomp:
        case "+":
            _add_breaks(builder, lines[max(count - 1, 0) :])
        case None if count:
            _add_breaks(builder, lines[count - 1 : count])
    last = lines[count - 1].end if count else _end_of_indicator(header)
    return Block(builder.finish(), last)


def _end_of_indicator(header: re.Match[str]) -> int:
    """The end of a header without comment and line break, where a scalar without text ends."""
    groups = ("chomp", "late_indent", "indent", "late_chomp")
    return max(header.start() + 1, *(header.end(group) for group in groups))


def _indent(lines: Sequence[re.Match[str]], parent_indent: int) -> int:
    """The indentation that the first line with text has."""
    indent = max(parent_indent + 1, 1)
    for line in lines:
        indent = max(indent, len(line["spaces"]))
        if line["rest"]:
            break
    return indent


def _line(match: re.Match[str], indent: int) -> _Line:
    """A line of content. One with a tab too far left to be text counts as blank."""
    end = match.start("end")
    spaces = len(match["spaces"])
    if spaces < indent and not match["rest"].strip(" \t"):
        return _Line(end, end, match.end())
    return _Line(match.start() + min(spaces, indent), end, match.end())


def _keep_breaks(builder: TextBuilder, lines: _Lines) -> None:
    for line in lines[:-1]:
        builder.copy(line.start, line.end)
        builder.make("\n", line.end, line.next)
    for line in lines[-1:]:
        builder.copy(line.start, line.end)


def _fold_breaks(builder: TextBuilder, lines: _Lines, source: str) -> None:
    previous: _Line | None = None
    blanks: list[_Line] = []
    for line in lines:
        if line.is_blank():
            blanks.append(line)
            continue
        if previous is not None:
            if source[previous.start] in " \t" or source[line.start] in " \t":
                builder.make("\n", previous.end, previous.next)
            elif not blanks:
                builder.make(" ", previous.end, previous.next)
        _add_breaks(builder, blanks)
        builder.copy(line.start, line.end)
        previous = line
        blanks = []


def _add_breaks(builder: TextBuilder, lines: _Lines) -> None:
    for line in lines:
        if line.end < line.next:
            builder.make("\n", line.end, line.next)
