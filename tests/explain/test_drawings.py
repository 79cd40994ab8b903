"""A drawing shows all of a plan, and no text of a rules file breaks it."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules import Rules, load
from syncrules.explain import Edge, Graph, Node, draw_dot, draw_mermaid, draw_svg, graph_of
from syncrules.plan.nodes import Lookup

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = sorted(FIXTURES.glob("*/sync-*.yaml"))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_the_graph_has_a_box_for_everything_and_an_arrow_for_every_meeting(file: Path) -> None:
    plan = load(file).plan
    graph = graph_of(plan)
    pieces = (plan.lookup_rules, plan.bucket_queries, plan.buckets, plan.row_rules)
    assert [len(graph.of_role(role)) for role in ("lookup", "request", "bucket", "rows")] == [*map(len, pieces)]
    lookups = {
        (f"lookup{step.rule}", f"request{number}")
        for number, query in enumerate(plan.bucket_queries)
        for part in query.parts
        for step in part.steps
        if isinstance(step, Lookup)
    }
    assert {(edge.start, edge.end) for edge in graph.edges if edge.start.startswith("lookup")} == lookups
    assert {edge.start for edge in graph.edges if edge.start.startswith("rows")} == {
        f"rows{number}" for number in range(len(plan.row_rules))
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_the_picture_shows_every_title_and_no_box_covers_another(file: Path) -> None:
    graph = graph_of(load(file).plan)
    picture = ET.fromstring(draw_svg(graph))
    titles = [text.text for text in picture.iter(f"{SVG}text") if text.get("class") == "title"]
    assert sorted(map(str, titles)) == sorted(
        node.title if len(node.title) <= 46 else node.title[:45] + "…" for node in graph.nodes
    )
    boxes = [
        tuple(float(box.attrib[name]) for name in ("x", "y", "width", "height")) for box in picture.iter(f"{SVG}rect")
    ]
    for place, (x, y, width, height) in enumerate(boxes):
        for x2, y2, width2, height2 in boxes[place + 1 :]:
            assert x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y


TEXTS = st.text(max_size=12) | st.sampled_from(
    ['"', "]]>", "</text>", "a\nb", "#34;", "`", "\\", "|", "\x01", "\ud800"]
)


@given(TEXTS, TEXTS, TEXTS)
def test_no_text_breaks_a_drawing(title: str, line: str, label: str) -> None:
    nodes = (Node("request0", "request", title, (line,)), Node("bucket0", "bucket", title, (line,)))
    graph = Graph(nodes, (Edge("request0", "bucket0", label),))
    picture = ET.fromstring(draw_svg(graph))
    assert len(list(picture.iter(f"{SVG}rect"))) == 2
    assert len(draw_mermaid(graph).split("\n")) == 5
    dot = draw_dot(graph).split("\n")
    assert len(dot) == 8
    for drawn in dot[3:6]:
        inside = drawn.replace("\\\\", "").replace('\\"', "")
        assert inside.count('"') in (0, 2)


def test_a_plan_of_nothing_is_still_a_picture() -> None:
    graph = graph_of(Rules.from_text("config: {edition: 3}\nstreams: {}\n").plan)
    assert ET.fromstring(draw_svg(graph)).tag == f"{SVG}svg"
    assert draw_mermaid(graph) == "flowchart LR\n"
