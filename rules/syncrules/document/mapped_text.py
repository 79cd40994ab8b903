"""Text whose every character knows which characters of the file made it.

The file and the decoded text differ by quotes, escapes, folded line breaks and indentation. Between
two such places they run in step, so the map is a short list of runs, not a list of characters.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from syncrules.diagnostics import Span
from syncrules.values.frozen import through_slots


class Run(NamedTuple):
    """Neighbouring characters of a text that were each made by `width` characters of the file."""

    at: int
    """Offset in the text of the first character."""
    place: int
    """Offset in the file of what made the first character."""
    width: int
    """Characters of the file for each character of the text."""


@through_slots
@dataclass(frozen=True, slots=True)
class MappedText:
    """A decoded text with an exact map to the file.

    `place` is where the text begins in the file: where an empty text would be.

    >>> quoted = MappedText("it's", (Run(0, 10, 1), Run(2, 12, 2), Run(3, 14, 1)), 10)
    >>> quoted.span(0, 2), quoted.span(2, 3), quoted.span(3, 4), quoted.span(4, 4)
    (Span(start=10, end=12), Span(start=12, end=14), Span(start=14, end=15), Span(start=15, end=15))
    """

    text: str
    runs: tuple[Run, ...]
    place: int

    @classmethod
    def verbatim(cls, text: str, place: int) -> "MappedText":
        """A text that stands in the file exactly as it is, from offset `place` on.

        >>> MappedText.verbatim("SELECT 1", 100).span(7, 8)
        Span(start=107, end=108)
        """
        return cls(text, (Run(0, place, 1),), place) if text else cls(text, (), place)

    def span(self, start: int, end: int) -> Span:
        """Where `text[start:end]` stands in the file, exact at both ends.

        An empty range gives the empty span before the character at `start`, or after the last one.
        Raises ValueError when the range does not lie in the text.
        """
        if not 0 <= start <= end <= len(self.text):
            message = f"no range of a text of {len(self.text)} characters: {start} to {end}"
            raise ValueError(message)
        if start < end:
            return Span(self._place(start), self._place(end - 1, 1))
        if start < len(self.text):
            place = self._place(start)
        elif start > 0:
            place = self._place(start - 1, 1)
        else:
            place = self.place
        return Span(place, place)

    def whole(self) -> Span:
        """Where the whole text stands in the file, without quotes and indicators."""
        return self.span(0, len(self.text))

    def _place(self, index: int, more: int = 0) -> int:
        """Where in the file the character at `index` begins, or as many characters behind it."""
        run = self.runs[0] if len(self.runs) == 1 else self.runs[bisect_right(self.runs, index, key=_start) - 1]
        return run.place + (index - run.at + more) * run.width


def _start(run: Run) -> int:
    return run.at
