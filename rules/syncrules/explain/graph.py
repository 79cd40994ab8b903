"""A plan as a graph: lookups feed requests, requests and rows meet in buckets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from syncrules.plan.nodes import Lookup, Plan
from syncrules.plan.printing import print_expressions, print_part, print_row_rule, print_steps, print_when
from syncrules.plan.trust import print_trust

Role = Literal["lookup", "request", "bucket", "rows"]

ROLES: Final[tuple[Role, ...]] = ("lookup", "request", "bucket", "rows")
"""The columns of a drawing, from left to right."""


@dataclass(frozen=True, slots=True)
class Node:
    """A box: its title, and what it does, a line each."""

    id: str
    role: Role
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from one box to another, by their ids."""

    start: str
    end: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """All boxes, those of one role in the plan's order, and all arrows."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def of_role(self, role: Role) -> list[Node]:
        """The boxes of one column."""
        return [node for node in self.nodes if node.role == role]


def graph_of(plan: Plan) -> Graph:
    """The graph of a plan."""
    nodes = [*_lookups(plan), *_requests(plan), *_buckets(plan), *_rows(plan)]
    edges = dict.fromkeys(_edges(plan))
    return Graph(tuple(nodes), tuple(edges))


def _lookups(plan: Plan) -> Iterator[Node]:
    for number, rule in enumerate(plan.lookup_rules):
        by = (f"by {print_expressions(rule.keys)}",) if rule.keys else ("every row",)
        gives = (f"give {print_expressions(rule.outputs)}",) if rule.outputs else ()
        title = f"lookup {number}: {rule.table}"
        yield Node(f"lookup{number}", "lookup", title, (*print_steps(rule.steps), *by, *gives))


def _requests(plan: Plan) -> Iterator[Node]:
    for number, query in enumerate(plan.bucket_queries):
        lines = [print_when(query), *(line for part in query.parts for line in print_part(part))]
        yield Node(f"request{number}", "request", query.stream, tuple(lines))


def _buckets(plan: Plan) -> Iterator[Node]:
    for number, bucket in enumerate(plan.buckets):
        values = {0: "no value", 1: "1 value"}.get(bucket.arity, f"{bucket.arity} values")
        yield Node(f"bucket{number}", "bucket", bucket.name, (values,))


def _rows(plan: Plan) -> Iterator[Node]:
    for number, rule in enumerate(plan.row_rules):
        title, *lines = print_row_rule(rule)
        yield Node(f"rows{number}", "rows", title, tuple(line.strip() for line in lines))


def _edges(plan: Plan) -> Iterator[Edge]:
    for number, query in enumerate(plan.bucket_queries):
        for part in query.parts:
            for step in part.steps:
                if isinstance(step, Lookup):
                    yield Edge(f"lookup{step.rule}", f"request{number}", print_trust(step.keys))
        outputs = [output for part in query.parts for output in part.outputs]
        yield Edge(f"request{number}", f"bucket{query.bucket}", print_trust(outputs))
    for number, rule in enumerate(plan.row_rules):
        yield Edge(f"rows{number}", f"bucket{rule.bucket}", print_expressions(rule.keys))
