"""A graph as Mermaid text, which GitHub and many editors draw."""

from typing import Final

from syncrules.explain.graph import Graph, Node, Role

_SHAPES: Final[dict[Role, tuple[str, str]]] = {
    "lookup": ("[(", ")]"),
    "request": ("([", "])"),
    "bucket": ("{{", "}}"),
    "rows": ("[", "]"),
}

_ENTITIES: Final = str.maketrans({"\n": "<br>", "\r": " ", **{c: f"#{ord(c)};" for c in '"#&<>`;|'}})


def draw_mermaid(graph: Graph) -> str:
    """A flowchart from left to right."""
    lines = ["flowchart LR"]
    lines += [f"  {node.id}{_box(node)}" for node in graph.nodes]
    for edge in graph.edges:
        label = f"|{_text(edge.label)}|" if edge.label else ""
        lines.append(f"  {edge.start} -->{label} {edge.end}")
    return "\n".join(lines) + "\n"


def _box(node: Node) -> str:
    before, after = _SHAPES[node.role]
    return before + _text("\n".join((node.title, *node.lines))) + after


def _text(text: str) -> str:
    """Text in quotes; what Mermaid would read as its own is written as an entity."""
    return '"' + text.translate(_ENTITIES) + '"'
