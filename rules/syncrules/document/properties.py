"""Where the tag and the anchor before a node are, and where the node itself begins."""

import re
from typing import Final, NamedTuple

import yaml

from syncrules.diagnostics import Span

_PROPERTY: Final = re.compile(r"!<[^>\s]*+>|[!&][^\s]*+")
_SEPARATION: Final = re.compile(r"(?:[ \t\r\n\ufeff]|(?<![^ \t\r\n])#[^\r\n]*+)*+")


class Properties(NamedTuple):
    """`end` is the end of the last property, `begin` the first character of the node after it.

    `tag` is empty at the beginning where there is none.
    """

    tag: Span
    end: int
    begin: int


def read_properties(source: str, event: yaml.ScalarEvent | yaml.CollectionStartEvent, whole: Span) -> Properties:
    """The properties of a node whose event covers `whole`, which begins with them."""
    tag = Span(whole.start, whole.start)
    count = (event.anchor is not None) + (event.tag is not None)
    end = begin = whole.start
    limit = whole.end if isinstance(event, yaml.ScalarEvent) else len(source)
    for _ in range(count):
        match = _PROPERTY.match(source, begin, limit)
        if match is None:
            break
        if match[0].startswith("!"):
            tag = Span(*match.span())
        end = match.end()
        separation = _SEPARATION.match(source, end, limit)
        begin = separation.end() if separation else end
    return Properties(tag, end, begin)
