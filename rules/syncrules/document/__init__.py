"""YAML 1.2 that keeps a span for every node and every character of a scalar."""

from syncrules.document.mapped_text import MappedText
from syncrules.document.node import Entry, Mapping, Node, Scalar, Sequence, Style
from syncrules.document.read import read

__all__ = ["Entry", "MappedText", "Mapping", "Node", "Scalar", "Sequence", "Style", "read"]
