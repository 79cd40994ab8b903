"""Builds nodes from events, without recursion: aliases, merge keys, tags and limits."""

from dataclasses import dataclass, field
from typing import Final, NoReturn

import yaml

from syncrules.diagnostics import Span
from syncrules.document.core_schema import NON_SPECIFIC, TAG_PREFIX
from syncrules.document.entries import entries
from syncrules.document.events import Text
from syncrules.document.limits import DEPTH, NODES, NODES_AFTER_ALIASES, quoted
from syncrules.document.mapped_text import MappedText
from syncrules.document.marks import column
from syncrules.document.node import Mapping, Node, Scalar, Sequence
from syncrules.document.placed import Placed
from syncrules.document.properties import read_properties
from syncrules.document.scalars import report_tag, scalar

_BREAKS: Final = "\r\n"


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come. `indent` is the column of its block, if it is one."""

    begin: int
    indent: int
    anchor: str | None
    is_mapping: bool
    children: list[Placed] = field(default_factory=list)


class Composer:
    """Turns the events of one document into its node."""

    __slots__ = ("_anchors", "_expanded", "_open", "_text", "_written", "node")

    def __init__(self, text: Text) -> None:
        self.node: Node | None = None
        self._text = text
        self._open: list[_Open] = []
        self._anchors: dict[str, Placed | None] = {}
        self._written = 0
        self._expanded = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event. Raises GiveUpError at a limit or a second document."""
        match event:
            case yaml.ScalarEvent():
                self._count(event)
                node = scalar(self._text, event, self._open[-1].indent if self._open else -1)
                self._place(Placed(node, node.span, 1, 0), event.anchor)
            case yaml.AliasEvent():
                self._count(event)
                self._place(self._alias(event), None)
            case yaml.CollectionStartEvent():
                self._count(event)
                self._start(event)
            case yaml.CollectionEndEvent():
                self._end(event)
            case yaml.DocumentStartEvent() if self.node is not None:
                self._text.findings.give_up(
                    "several-documents",
                    "a second document begins here; a rules file is one document",
                    self._text.span(event),
                    "remove the `---`, or move what follows into a file of its own",
                )

    def _count(self, event: yaml.Event) -> None:
        self._written += 1
        self._expanded += 1
        if self._written > NODES:
            self._text.findings.give_up(
                "too-many-nodes",
                f"the file has more than {NODES} keys and values",
                self._text.span(event),
                "split the file, or check that it is the right one",
            )

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        properties = read_properties(self._text.shown, event, self._text.span(event))
        begin = properties.begin
        if len(self._open) == DEPTH:
            self._too_deep(Span(begin, begin + 1))
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        own_tag = TAG_PREFIX + ("map" if is_mapping else "seq")
        if event.tag is not None and event.tag not in (own_tag, NON_SPECIFIC):
            report_tag(self._text, properties.tag)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        if event.flow_style:
            indent = self._open[-1].indent if self._open else -1
        elif begin == properties.end:
            indent = column(event.start_mark)
        else:
            indent = self._column(begin)
        self._open.append(_Open(begin, indent, event.anchor, is_mapping))

    def _column(self, offset: int) -> int:
        """The column of the first character of a line, after its indentation."""
        start = offset
        while start > self._text.offset and self._text.own[start - 1] not in _BREAKS:
            start -= 1
        return offset - start

    def _end(self, event: yaml.CollectionEndEvent) -> None:
        opened = self._open.pop()
        whole = self._text.span(event)
        if whole.start < whole.end:
            end = whole.end
        else:
            end = max((child.place.end for child in opened.children), default=opened.begin)
        span = Span(opened.begin, end)
        node: Node
        if opened.is_mapping:
            node = Mapping(entries(opened.children, self._text.findings), span)
        else:
            node = Sequence(tuple(child.node for child in opened.children), span)
        size = 1 + sum(child.size for child in opened.children)
        height = 1 + max((child.height for child in opened.children), default=0)
        self._place(Placed(node, span, size, height), opened.anchor)

    def _place(self, placed: Placed, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = placed
        if self._open:
            self._open[-1].children.append(placed)
        else:
            self.node = placed.node

    def _alias(self, event: yaml.AliasEvent) -> Placed:
        place = self._text.span(event)
        anchor = event.anchor or ""
        name = quoted(anchor)
        missing = Placed(Scalar(None, MappedText("", (), place.start), place), place, 1, 0)
        if anchor not in self._anchors:
            self._text.findings.add(
                "undefined-alias",
                f"there is no anchor {name} above this alias",
                place,
                f"mark the value with `&{name[1:-1]}` first, or put the text between quotes",
            )
            return missing
        anchored = self._anchors[anchor]
        if anchored is None:
            self._text.findings.add(
                "alias-inside-its-anchor",
                f"the alias {name} stands inside the value that it names",
                place,
                "a value cannot contain itself",
            )
            return missing
        self._expanded += anchored.size
        if self._expanded > NODES_AFTER_ALIASES:
            self._text.findings.give_up(
                "aliases-expand-too-far",
                f"with its aliases replaced the file has more than {NODES_AFTER_ALIASES} keys and values",
                place,
                "use fewer aliases of aliases",
            )
        if len(self._open) + anchored.height > DEPTH:
            self._too_deep(place)
        return Placed(anchored.node, place, anchored.size, anchored.height)

    def _too_deep(self, place: Span) -> NoReturn:
        self._text.findings.give_up(
            "nested-too-deeply",
            f"more than {DEPTH} lists and mappings are nested in each other here",
            place,
            "a rules file needs fewer than ten",
        )
