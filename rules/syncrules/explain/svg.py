"""A graph as an SVG picture, in four columns: lookups, requests, buckets, rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Final

from syncrules.explain.graph import ROLES, Edge, Graph, Node, Role
from syncrules.explain.svg_text import cut, xml_text

_LETTERS_SHOWN: Final = 46
_LETTER: Final = 7.3
_LINE: Final = 17
_PADDING: Final = 10
_GAP: Final = 18
_ALLEY: Final = 90
_HEAD: Final = 40
_HEADINGS: Final[dict[Role, str]] = {
    "lookup": "lookups",
    "request": "requests",
    "bucket": "buckets",
    "rows": "rows",
}
_STYLE: Final = """
  svg { background: #fff; font: 12px ui-monospace, Menlo, Consolas, monospace }
  text { fill: #1c2430 } .title { font-weight: bold } .heading { fill: #667; font-size: 13px }
  .label { fill: #667; font-size: 11px } path { fill: none; stroke: #8a94a6; stroke-width: 1.4 }
  rect { stroke-width: 1.4; rx: 6 } .lookup { fill: #eef4ff; stroke: #5b83c9 }
  .request { fill: #f3efff; stroke: #8668c4 } .bucket { fill: #fff6e5; stroke: #c98f2b }
  .rows { fill: #ecf8f0; stroke: #4a9d6b } marker path { fill: #8a94a6 }
  @media (prefers-color-scheme: dark) {
    svg { background: #14181f } text { fill: #e6eaf2 } .heading, .label { fill: #9aa6b8 }
    .lookup { fill: #1b2940 } .request { fill: #271f40 } .bucket { fill: #3a2d12 } .rows { fill: #173024 }
  }
"""

_TIP: Final = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z"/></marker></defs>'
)


@dataclass(frozen=True, slots=True)
class _Box:
    node: Node
    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def draw_svg(graph: Graph) -> str:
    """A whole SVG document; long lines are cut in the picture and whole in the boxes' tooltips."""
    boxes = _placed(graph)
    width = max((box.left + box.width for box in boxes.values()), default=200) + _GAP
    height = max((box.top + box.height for box in boxes.values()), default=_HEAD) + _GAP
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        "<title>What a request syncs</title>",
        f"<style>{_STYLE}</style>",
        _TIP,
        *_headings(boxes),
        *(_arrow(edge, boxes) for edge in graph.edges),
        *map(_drawn, boxes.values()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _placed(graph: Graph) -> dict[str, _Box]:
    """Boxes by id: each column in the order that its neighbours to the left suggest."""
    boxes: dict[str, _Box] = {}
    left = float(_GAP)
    for role in ROLES:
        nodes = graph.of_role(role)
        if not nodes:
            continue
        width = max(_width(node) for node in nodes)
        top = float(_HEAD)
        for node in sorted(nodes, key=lambda node: _pull(node, graph.edges, boxes)):
            height = _LINE * (1 + len(node.lines)) + 2 * _PADDING
            boxes[node.id] = _Box(node, left, top, width, height)
            top += height + _GAP
        left += width + _ALLEY
    return boxes


def _pull(node: Node, edges: Sequence[Edge], boxes: Mapping[str, _Box]) -> float:
    """Where a box's neighbours are that have a place already."""
    others = [edge.start if edge.end == node.id else edge.end for edge in edges if node.id in (edge.start, edge.end)]
    return mean([boxes[other].middle for other in others if other in boxes] or [0.0])


def _width(node: Node) -> float:
    longest = max(map(len, (node.title, *node.lines)))
    return min(longest, _LETTERS_SHOWN) * _LETTER + 2 * _PADDING


def _headings(boxes: Mapping[str, _Box]) -> list[str]:
    lefts = {box.node.role: box.left for box in boxes.values()}
    return [f'<text class="heading" x="{left:.0f}" y="24">{_HEADINGS[role]}</text>' for role, left in lefts.items()]


def _drawn(box: _Box) -> str:
    lines = (box.node.title, *box.node.lines)
    left = box.left + _PADDING
    texts = [
        f'<text class="{_text_class(number)}" x="{left:.0f}" y="{box.top + _PADDING + _LINE * (number + 0.75):.0f}">'
        f"{xml_text(cut(line, _LETTERS_SHOWN))}</text>"
        for number, line in enumerate(lines)
    ]
    frame = (
        f'<rect class="{box.node.role}" x="{box.left:.0f}" y="{box.top:.0f}" '
        f'width="{box.width:.0f}" height="{box.height:.0f}"/>'
    )
    return f"<g><title>{xml_text(chr(10).join(lines))}</title>{frame}{''.join(texts)}</g>"


def _text_class(line: int) -> str:
    return "line" if line else "title"


def _arrow(edge: Edge, boxes: Mapping[str, _Box]) -> str:
    start, end = boxes[edge.start], boxes[edge.end]
    forward = start.left < end.left
    x1 = start.left + start.width if forward else start.left
    x2 = end.left if forward else end.left + end.width
    bend = (x2 - x1) / 2
    curve = f"M{x1:.0f} {start.middle:.0f}C{x1 + bend:.0f} {start.middle:.0f} {x2 - bend:.0f} {end.middle:.0f} "
    path = f'<path d="{curve}{x2:.0f} {end.middle:.0f}" marker-end="url(#tip)"/>'
    if not edge.label:
        return path
    label = cut(edge.label, int(_ALLEY / _LETTER))
    x, y = (x1 + x2) / 2, (start.middle + end.middle) / 2 - 5
    return (
        f"<g><title>{xml_text(edge.label)}</title>{path}"
        f'<text class="label" x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{xml_text(label)}</text></g>'
    )
