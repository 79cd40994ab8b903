"""Subqueries in the conditions of a language that has none."""

from syncrules.compile.conditions import Conditions, Selected
from syncrules.syntax import nodes as n


class NoSubqueries:
    """Reports every subquery."""

    def is_subquery(self, node: n.Expression) -> bool:
        """Whether a node is a subquery."""
        return isinstance(node, n.Subquery)

    def read(self, node: n.Expression, conditions: Conditions) -> Selected | None:
        """Refuses it."""
        instead = "look the values up in a parameter query, and compare with `bucket.…`"
        conditions.expressions.refuse("a subquery", node.span, instead)
        return None
