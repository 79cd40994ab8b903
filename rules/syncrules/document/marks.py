"""Reads the places that the parser gives."""

from typing import Protocol


class Mark(Protocol):
    """A place in the text that the parser saw."""

    @property
    def index(self) -> int:
        """Characters before the place."""

    @property
    def column(self) -> int:
        """Characters between the start of the line and the place."""


def index(mark: Mark | None) -> int:
    """The offset of a mark; the parser gives one to every event."""
    return 0 if mark is None else mark.index


def column(mark: Mark | None) -> int:
    """The column of a mark, from 0."""
    return 0 if mark is None else mark.column
