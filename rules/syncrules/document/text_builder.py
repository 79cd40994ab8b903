"""Grows a mapped text piece by piece, in the order of the file."""

from syncrules.document.mapped_text import MappedText, Run


class TextBuilder:
    """A text under construction; runs that continue each other become one.

    >>> builder = TextBuilder("it''s", 0)
    >>> builder.copy(0, 2)
    >>> builder.make("'", 2, 4)
    >>> builder.copy(4, 5)
    >>> builder.finish()
    MappedText(text="it's", runs=(Run(at=0, place=0, width=1), Run(at=2, place=2, width=2), \
Run(at=3, place=4, width=1)), place=0)
    """

    __slots__ = ("_length", "_pieces", "_place", "_runs", "_source")

    def __init__(self, source: str, place: int) -> None:
        self._source = source
        self._place = place
        self._pieces: list[str] = []
        self._runs: list[Run] = []
        self._length = 0

    def copy(self, start: int, end: int) -> None:
        """Append the characters of the file from `start` to `end` as they are."""
        if start < end:
            self._append(self._source[start:end], Run(self._length, start, 1))

    def make(self, character: str, start: int, end: int) -> None:
        """Append one character that the file writes as the characters from `start` to `end`."""
        self._append(character, Run(self._length, start, end - start))

    def finish(self) -> MappedText:
        """The text so far."""
        return MappedText("".join(self._pieces), tuple(self._runs), self._place)

    def _append(self, text: str, run: Run) -> None:
        if not (self._runs and _continues(self._runs[-1], run)):
            self._runs.append(run)
        self._pieces.append(text)
        self._length += len(text)


def _continues(last: Run, run: Run) -> bool:
    return last.width == run.width and last.place + (run.at - last.at) * last.width == run.place
