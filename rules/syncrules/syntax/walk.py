"""The one traversal of syntax trees."""

from collections.abc import Iterator

from syncrules.syntax import nodes as n

Node = n.Expression | n.Select | n.Column | n.Star | n.Join | n.Source | n.When


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node, in the order of the text."""
    match node:
        case n.Call():
            return node.arguments
        case n.Unary() | n.IsTest() | n.Cast():
            return (node.operand,)
        case n.Binary():
            return node.left, node.right
        case n.Logical():
            return node.operands
        case n.Between():
            return node.operand, node.low, node.high
        case n.In():
            return node.operand, node.right
        case n.Case():
            parts = (node.operand, *node.whens, node.otherwise)
            return tuple(part for part in parts if part is not None)
        case n.When():
            return node.condition, node.result
        case n.Array() | n.Tuple():
            return node.items
        case n.Subquery() | n.SubselectSource():
            return (node.select,)
        case n.Column():
            return (node.expression,)
        case n.FunctionSource():
            return (node.call,)
        case n.Join():
            return (node.source,) if node.condition is None else (node.source, node.condition)
        case n.Select():
            where = () if node.where is None else (node.where,)
            return (*node.columns, *node.sources, *where)
        case n.Literal() | n.Reference() | n.Unsupported() | n.Star() | n.TableSource():
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, parents first. Safe at any depth."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(children(current)))


def depth(node: Node) -> int:
    """How many nodes lie on the longest way down, the node included. Safe at any depth."""
    level: list[Node] = [node]
    count = 0
    while level:
        count += 1
        below: list[Node] = []
        for parent in level:
            below += children(parent)
        level = below
    return count
