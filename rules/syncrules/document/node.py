"""The nodes of a YAML document, each with its place in the file."""

from dataclasses import dataclass
from enum import Enum

from syncrules.diagnostics import Span
from syncrules.document.mapped_text import MappedText
from syncrules.values.frozen import through_slots


class Style(Enum):
    """How a scalar is written."""

    PLAIN = "plain"
    SINGLE_QUOTED = "single-quoted"
    DOUBLE_QUOTED = "double-quoted"
    LITERAL = "literal"
    FOLDED = "folded"


@through_slots
@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `value` is what the core schema makes of it, `text` always its text.

    The span is the value as written, with its quotes, without tag and anchor; a block scalar's goes
    from its indicator to the end of its content. A value that is not there (`query:`) is None with
    an empty span where it would stand.
    """

    value: str | int | float | bool | None
    text: MappedText
    span: Span
    style: Style = Style.PLAIN


@through_slots
@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping and its value."""

    key: Scalar
    value: "Node"


@through_slots
@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the file; the texts of the keys are distinct.

    The span of a block mapping goes from its first key to the end of its last node; that of a flow
    mapping includes its braces. Entries that came through a merge key have their spans elsewhere.
    """

    entries: tuple[Entry, ...]
    span: Span

    def get(self, key: str) -> Entry | None:
        """The entry whose key has this text."""
        return next((entry for entry in self.entries if entry.key.text.text == key), None)


@through_slots
@dataclass(frozen=True, slots=True)
class Sequence:
    """Items in the order of the file.

    The span of a block sequence goes from its first dash to the end of its last node; that of a
    flow sequence includes its brackets.
    """

    items: tuple["Node", ...]
    span: Span


Node = Scalar | Mapping | Sequence
