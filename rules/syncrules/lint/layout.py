"""Where a query's lines begin: clauses, then AND and OR, then what stands in parentheses.

A query is given as words. A text that fits its line stays in one; what does not fit is broken at its loosest places,
and what stands in parentheses is indented by two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from syncrules.syntax.nodes import Word

WIDTH: Final = 100
_STEP: Final = 2
_OPENING: Final = frozenset({"LPAR", "LSQB", "FILTER_OPEN", "OVER_OPEN", "CASE"})
_CLOSING: Final = frozenset({"RPAR", "RSQB", "END"})
_CLAUSES: Final = frozenset("FROM WHERE UNION INTERSECT EXCEPT GROUP HAVING ORDER LIMIT OFFSET FETCH FOR".split())
_JOINS: Final = frozenset("INNER CROSS NATURAL LEFT RIGHT FULL OUTER JOIN".split())
_AS_WRITTEN: Final = frozenset("TRUE FALSE RESERVED NAME STRING ESCAPED_STRING".split())


def written(word: Word) -> str:
    """A word as it is to be written: keywords in capitals, names and texts as they are.

    >>> from syncrules.diagnostics import Span
    >>> written(Word("SELECT", "select", Span(0, 6))), written(Word("NAME", "Owner", Span(0, 5)))
    ('SELECT', 'Owner')
    """
    if word.kind == "NOT_BETWEEN":
        return "NOT BETWEEN"
    return word.text.upper() if word.text.upper() == word.kind and word.kind not in _AS_WRITTEN else word.text


def breaks(words: Sequence[Word], indent: int, *, forced: bool) -> dict[int, int]:
    """Which words begin a line, other than the first, and how far that line is indented.

    `indent` is where the first word stands. With `forced`, each clause begins a line even if all fits in one.
    """
    layout = _Layout(words, _partners(words), {})
    if forced or not layout.fits(0, len(words), indent):
        layout.statement(0, len(words), indent)
    return layout.lines


def gap(before: Word, after: Word) -> str:
    """What stands between two words of a line: a blank, or nothing."""
    match before.kind, after.kind:
        case ("LPAR" | "LSQB" | "FILTER_OPEN" | "OVER_OPEN" | "DOT" | "DOUBLE_COLON", _):
            return ""
        case (_, "RPAR" | "RSQB" | "COMMA" | "DOT" | "DOUBLE_COLON" | "EMPTY_BRACKETS" | "SEMICOLON"):
            return ""
        case ("NAME" | "CAST", "LPAR") if before.text.upper() != "BY":
            # BY is a name to the grammar, but it calls nothing.
            return ""
        case ("NAME" | "ARRAY" | "RPAR" | "RSQB", "LSQB"):
            return ""
        case _:
            return " "


@dataclass(frozen=True, slots=True)
class _Layout:
    words: Sequence[Word]
    partners: dict[int, int]
    lines: dict[int, int]

    def fits(self, start: int, end: int, indent: int) -> bool:
        width = sum(len(written(word)) for word in self.words[start:end])
        width += sum(len(gap(self.words[i - 1], self.words[i])) for i in range(start + 1, end))
        return indent + width <= WIDTH

    def statement(self, start: int, end: int, indent: int) -> None:
        """A query, each clause on a line of its own."""
        starts = [start, *(i for i in self._shallow(start, end) if self._begins_clause(i))]
        for first, last in zip(starts, [*starts[1:], end], strict=True):
            if first != start:
                self.lines[first] = indent
            if self.fits(first, last, indent):
                continue
            if not self.alternatives(first, last, indent, indent + _STEP):
                self.items(first, last, indent, indent + _STEP)

    def alternatives(self, start: int, end: int, indent: int, deeper: int) -> bool:
        """A condition, broken before AND and OR; whether it has any."""
        places = [*self._logical(start, end)]
        has_or = any(self.words[i].kind == "OR" for i in places)
        starts = [start, *places]
        for first, last in zip(starts, [*starts[1:], end], strict=True):
            column = indent
            if first != start:
                column = deeper + (_STEP if has_or and self.words[first].kind == "AND" else 0)
                self.lines[first] = column
            if places and not self.fits(first, last, column):
                self.items(first, last, column, column + _STEP)
        return bool(places)

    def items(self, start: int, end: int, indent: int, deeper: int) -> None:
        """What has no looser place to break: at its longest parentheses, or else at its commas."""
        groups = [(i, self.partners[i]) for i in self._shallow(start, end) if i in self.partners]
        opening, closing = max(groups, key=lambda pair: pair[1] - pair[0], default=(0, 0))
        inner = [*self._shallow(opening + 1, closing)]
        if any(self.words[i].kind in {"SELECT", "AND", "OR"} for i in inner) and self.words[opening].kind == "LPAR":
            self.lines[opening + 1] = indent + _STEP
            self.lines[closing] = indent
            self.inside(opening + 1, closing, indent + _STEP)
            return
        column = indent
        for i in range(start, end):
            column += len(written(self.words[i])) + 1
            after_comma = i > start and self.words[i - 1].kind == "COMMA"
            if after_comma and column > WIDTH and i in {*self._shallow(start, end)}:
                self.lines[i] = deeper
                column = deeper + len(written(self.words[i])) + 1

    def inside(self, start: int, end: int, indent: int) -> None:
        """What stands in parentheses that were broken."""
        if self.fits(start, end, indent):
            return
        if self.words[start].kind == "SELECT":
            self.statement(start, end, indent)
        elif not self.alternatives(start, end, indent, indent):
            self.items(start, end, indent, indent + _STEP)

    def _shallow(self, start: int, end: int) -> Iterator[int]:
        """The words that are in no parentheses of their own; opening ones are among them."""
        i = start
        while i < end:
            yield i
            i = self.partners.get(i, i) + 1

    def _begins_clause(self, i: int) -> bool:
        kind = self.words[i].kind
        return kind in _CLAUSES or (kind in _JOINS and self.words[i - 1].kind not in _JOINS)

    def _logical(self, start: int, end: int) -> Iterator[int]:
        """Every AND and OR, but for the AND of BETWEEN."""
        between = False
        for i in self._shallow(start, end):
            kind = self.words[i].kind
            if kind in {"BETWEEN", "NOT_BETWEEN"}:
                between = True
            elif kind == "AND" and between:
                between = False
            elif kind in {"AND", "OR"} and i > start:
                yield i


def _partners(words: Sequence[Word]) -> dict[int, int]:
    """Where each parenthesis that opens is closed."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    for i, word in enumerate(words):
        if word.kind in _OPENING:
            opened.append(i)
        elif word.kind in _CLOSING and opened:
            partners[opened.pop()] = i
    return partners
