"""A graph as Graphviz text: `syncrules plan FILE --draw dot | dot -Tsvg`."""

from typing import Final

from syncrules.explain.graph import Graph, Node, Role

_SHAPES: Final[dict[Role, str]] = {"lookup": "cylinder", "request": "oval", "bucket": "hexagon", "rows": "box"}


def draw_dot(graph: Graph) -> str:
    """A directed graph from left to right."""
    lines = ["digraph plan {", "  rankdir=LR;", '  node [fontname="monospace", fontsize=11];']
    lines += [f"  {node.id} [shape={_SHAPES[node.role]}, label={_label(node)}];" for node in graph.nodes]
    for edge in graph.edges:
        label = f" [label={_quoted(edge.label)}]" if edge.label else ""
        lines.append(f"  {edge.start} -> {edge.end}{label};")
    return "\n".join([*lines, "}"]) + "\n"


def _label(node: Node) -> str:
    return _quoted("\n".join((node.title, *node.lines)))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", " ") + '"'
