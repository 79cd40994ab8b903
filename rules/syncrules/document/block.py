"""The entries of a block mapping as lines of the file, so that some of them can be read again without the rest.

YAML decides by indentation where an entry of a block mapping ends. If every key stands at the start of its line, in one
column, and no alias leads out of its entry, the lines of some entries are a document of their own, and mean the same there.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from syncrules.diagnostics import Source, Span
from syncrules.document.limits import DEPTH
from syncrules.document.mapped_text import MappedText, Run
from syncrules.document.node import Entry, Mapping, Node, Scalar
from syncrules.document.node import Sequence as SequenceNode
from syncrules.document.read import read

_NOT_PLAIN_LINES: Final = re.compile(r"\t|\r(?!\n)")


class Lines(NamedTuple):
    """Whole lines of a text, from its offset `start` up to `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A block mapping: where the lines of each entry start, and the end of the last one's."""

    indent: int
    starts: tuple[int, ...]
    end: int

    @classmethod
    def of(cls, text: str, mapping: Mapping, end: int) -> "Block | None":
        """The lines of a mapping whose last entry ends at `end`; None if it does not consist of whole lines."""
        if not mapping.entries:
            return None
        first = mapping.entries[0].key.span.start
        indent = first - _line_start(text, first)
        starts = [entry.key.span.start - indent for entry in mapping.entries]
        limits = [*starts[1:], end]
        whole = all(
            text.startswith(" " * indent, start)
            and _line_start(text, start) == start
            and is_within(entry, start, limit)
            for entry, start, limit in zip(mapping.entries, starts, limits, strict=True)
        )
        return cls(indent, tuple(starts), end) if whole and mapping.span.start == first else None

    def around(self, change: "Change") -> range | None:
        """The entries in whose lines a change lies; None if it lies elsewhere.

        With the one before, if the change comes right before a key: it may continue that one.
        """
        if change.start <= self.starts[0] or change.old_end > self.end:
            return None
        first = bisect_right(self.starts, change.start - self.indent - 1) - 1
        last = bisect_right(self.starts, max(change.old_end, change.start) - 1) - 1
        return range(max(first, 0), last + 1)

    def lines(self, entries: range) -> Lines:
        """The lines of neighbouring entries."""
        return Lines(self.starts[entries.start], self.start_of(entries.stop))

    def start_of(self, entry: int) -> int:
        """Where the lines of an entry start, or the block's end."""
        return self.starts[entry] if entry < len(self.starts) else self.end

    def replaced(self, entries: range, starts: Sequence[int], by: int) -> "Block":
        """The block with other entries in place of some; what comes after them has moved."""
        later = [start + by for start in self.starts[entries.stop :]]
        return Block(self.indent, (*self.starts[: entries.start], *starts, *later), self.end + by)


class Change(NamedTuple):
    """`old[start:old_end]` has become `new[start:new_end]`; the rest of the two texts is the same."""

    start: int
    old_end: int
    new_end: int

    @classmethod
    def between(cls, old: str, new: str) -> "Change":
        """The smallest change that makes one text of another.

        >>> Change.between("a: 1, b: 2", "a: 1, bb: 2")
        Change(start=7, old_end=7, new_end=8)
        """
        shorter = min(len(old), len(new))
        start = _longest(shorter, lambda length: new.startswith(old[:length]))
        same = _longest(shorter - start, lambda length: new.endswith(old[len(old) - length :]))
        return cls(start, len(old) - same, len(new) - same)


def read_lines(text: str, lines: Lines, indent: int) -> tuple[Entry, ...] | None:
    """The entries of a block mapping of this indentation whose lines these are.

    None where that is not certain: something is wrong in them, or it takes the rest of the file to tell.
    """
    own = text[lines.start : lines.end]
    if not (own.endswith("\n") or lines.end == len(text)):
        return None
    if _NOT_PLAIN_LINES.search(own) or not all(_is_inside(line, indent) for line in own.split("\n")):
        return None
    node, diagnostics = read(Source("", own))
    if diagnostics or not isinstance(node, Mapping):
        return None
    block = Block.of(own, node, len(own))
    if block is None or block.indent != indent or block.starts[0] != 0 or height(node) >= DEPTH - 1:
        return None
    return tuple(Entry(_moved_scalar(each.key, lines.start), _moved(each.value, lines.start)) for each in node.entries)


def size(node: Node) -> int:
    """Scalars and collections in a node, with itself."""
    return sum(1 for _ in _nodes(node))


def height(node: Node) -> int:
    """Collections inside each other; 0 for a scalar."""
    match node:
        case Scalar():
            return 0
        case Mapping(entries=entries):
            return 1 + max((height(entry.value) for entry in entries), default=0)
        case SequenceNode(items=items):
            return 1 + max(map(height, items), default=0)


def is_within(entry: Entry, start: int, end: int) -> bool:
    """Whether all of an entry stands between two offsets: an alias to something else does not."""
    spans = [entry.key.span, *(node.span for node in _nodes(entry.value))]
    return all(start <= span.start and span.end <= end for span in spans)


def _is_inside(line: str, indent: int) -> bool:
    """Whether a line cannot end a block of this indentation."""
    text = line.lstrip(" ")
    return len(line) - len(text) >= indent or text.rstrip("\r") == "" or text.startswith("#")


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case Mapping(entries=entries):
            for entry in entries:
                yield entry.key
                yield from _nodes(entry.value)
        case SequenceNode(items=items):
            for item in items:
                yield from _nodes(item)


def _moved(node: Node, by: int) -> Node:
    match node:
        case Scalar():
            return _moved_scalar(node, by)
        case Mapping(entries=entries):
            moved = tuple(Entry(_moved_scalar(entry.key, by), _moved(entry.value, by)) for entry in entries)
            return Mapping(moved, _moved_span(node.span, by))
        case SequenceNode(items=items):
            return SequenceNode(tuple(_moved(item, by) for item in items), _moved_span(node.span, by))


def _moved_scalar(node: Scalar, by: int) -> Scalar:
    runs = tuple(Run(run.at, run.place + by, run.width) for run in node.text.runs)
    text = MappedText(node.text.text, runs, node.text.place + by)
    return Scalar(node.value, text, _moved_span(node.span, by), node.style)


def _moved_span(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _longest(most: int, fits: Callable[[int], bool]) -> int:
    """The greatest length up to `most` that fits, if all shorter ones do."""
    return bisect_left(range(most), 1, key=lambda length: int(not fits(length + 1)))
