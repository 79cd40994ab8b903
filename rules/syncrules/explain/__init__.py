"""Plans for people: in words, and drawn."""

from syncrules.explain.dot import draw_dot
from syncrules.explain.graph import Edge, Graph, Node, graph_of
from syncrules.explain.mermaid import draw_mermaid
from syncrules.explain.svg import draw_svg
from syncrules.explain.words import BucketUse, StreamWords, explain_streams

__all__ = [
    "BucketUse",
    "Edge",
    "Graph",
    "Node",
    "StreamWords",
    "draw_dot",
    "draw_mermaid",
    "draw_svg",
    "explain_streams",
    "graph_of",
]
