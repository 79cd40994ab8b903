"""Text that diagnostics point into: a named source, and half-open spans of its characters.

Offsets count Unicode code points from 0, as Python strings do. Editors and the published peer
count UTF-16 code units; `Source.utf16` converts at the edge, and nothing inside does.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_LINE_BREAK: Final = re.compile("\n")


class Span(NamedTuple):
    """The characters from `start` up to, not including, `end`."""

    start: int
    end: int

    def cover(self, other: "Span") -> "Span":
        """The smallest span that holds both.

        >>> Span(3, 5).cover(Span(8, 9))
        Span(start=3, end=9)
        """
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Position:
    """A place for people: `line` and `column` count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """A text with a name (usually its path), where spans get their meaning."""

    name: str
    text: str
    _line_starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = (0, *[match.end() for match in _LINE_BREAK.finditer(self.text)])
        object.__setattr__(self, "_line_starts", starts)

    def slice(self, span: Span) -> str:
        """The characters of `span`.

        >>> Source("a.yaml", "name: ada").slice(Span(6, 9))
        'ada'
        """
        return self.text[span.start : span.end]

    def position(self, offset: int) -> Position:
        r"""Line and column of an offset.

        >>> Source("a.yaml", "a\nbc").position(3)
        Position(line=2, column=2)
        """
        line = bisect_right(self._line_starts, offset)
        return Position(line, offset - self._line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its line break."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def utf16(self, offset: int) -> int:
        """The same offset in UTF-16 code units."""
        return offset + sum(character > "\uffff" for character in self.text[:offset])
