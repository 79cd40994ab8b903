"""Makes the generated parts of ARCHITECTURE.md: `python -m tests.architecture` writes them anew."""

import re
from pathlib import Path

from syncrules import Change, MemoryStore, Request, Rules, VerifiedClaims
from syncrules.cli.explain import generated_code
from syncrules.document import MappedText
from syncrules.plan.printing import print_plan
from syncrules.syntax import nodes as n
from syncrules.syntax import parse_query

PAGE = Path(__file__).parents[1] / "ARCHITECTURE.md"
QUERY = "SELECT id, title FROM todos WHERE list_id IN (SELECT list_id FROM members WHERE user_id = auth.user_id())"
TEXT = f"config: {{edition: 3}}\nstreams:\n  shared:\n    auto_subscribe: true\n    query: {QUERY}\n"
ROWS = (
    ("members", {"id": "m1", "list_id": "l1", "user_id": "ada"}),
    ("todos", {"id": "t1", "list_id": "l1", "title": "Oats"}),
)


def sections() -> dict[str, str]:
    """The generated parts by name."""
    rules = Rules.from_text(TEXT)
    store = MemoryStore(rules)
    store.apply([Change.put(table, row) for table, row in ROWS])
    resolution = rules.resolve(Request(VerifiedClaims.unverified_for_testing({"sub": "ada"})), store)
    query, _ = parse_query("sync_streams", MappedText.verbatim(QUERY, 0))
    assert query is not None
    return {
        "text": TEXT,
        "tree": tree(query.select),
        "plan": print_plan(rules.plan),
        "code": generated_code(rules),
        "row": "\n".join(f"{row.bucket}  {row.table} {dict(row.data)}" for row in rules.evaluate(*ROWS[1]).rows) + "\n",
        "buckets": "\n".join(map(str, resolution.buckets)) + "\n",
    }


def tree(node: object, depth: int = 0) -> str:
    """A syntax tree, one node a line, without spans."""
    indent = "  " * depth
    match node:
        case n.Name():
            return f"{indent}{node.written}\n"
        case tuple():
            return "".join(tree(item, depth) for item in node)
        case None | bool():
            return ""
        case str() | int() | float():
            return f"{indent}{node!r}\n"
        case _:
            fields = [name for name in type(node).__slots__ if not name.endswith("span")]
            return f"{indent}{type(node).__name__}\n" + "".join(tree(getattr(node, name), depth + 1) for name in fields)


def page() -> str:
    """ARCHITECTURE.md with its generated parts made anew."""
    made = sections()

    def fill(found: re.Match[str]) -> str:
        return f"{found[1]}{made[found[2]].rstrip()}\n```"

    return re.sub(r"(<!-- generated: (\w+) -->\n```\w*\n).*?\n?```", fill, PAGE.read_text("utf-8"), flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
