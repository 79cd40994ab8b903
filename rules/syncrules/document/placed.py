"""A node where it is used, which for an alias is not where it is written."""

from typing import NamedTuple

from syncrules.diagnostics import Span
from syncrules.document.node import Node


class Placed(NamedTuple):
    """A node, its place in the collection, and how much it holds with aliases replaced."""

    node: Node
    place: Span
    size: int
    """Nodes, with itself."""
    height: int
    """Collections inside each other, with itself; 0 for a scalar."""
