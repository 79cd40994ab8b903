"""Which of a database's tables the rules are about, and what is to be said of those that are not there."""

from collections.abc import Sequence

from syncrules.plan.nodes import Plan
from syncrules.schema import TablePattern
from syncrules.sources.postgres_catalogue import Relation


def chosen(relations: Sequence[Relation], plan: Plan) -> tuple[list[Relation], list[str]]:
    """The tables that rules read, and a note for each name of a rule that gives no rows."""
    patterns = patterns_of(plan)
    tables = [each for each in relations if each.kind == "table" and any(map(each.table.matches, patterns))]
    notes = [note for pattern in patterns if (note := _note(pattern, relations)) is not None]
    return tables, notes


def patterns_of(plan: Plan) -> list[TablePattern]:
    """The tables that the rules are about, each once."""
    return [*dict.fromkeys([*(rule.table for rule in plan.row_rules), *(lookup.table for lookup in plan.lookup_rules)])]


def _note(pattern: TablePattern, relations: Sequence[Relation]) -> str | None:
    if pattern.tag is not None:
        return f"`{pattern}` is a table of the connection `{pattern.tag}`, which is not read"
    found = [each for each in relations if each.table.matches(pattern)]
    if any(each.kind == "table" for each in found):
        return None
    if not found:
        return f"the database has no table `{pattern}`"
    first = found[0]
    name = f"`{first.table.schema}.{first.table.name}`"
    if first.kind == "partitioned table":
        advice = f'name those with a wildcard, like "{first.table.name}_%"'
        return f"{name} is a partitioned table: its rows are those of its partitions; {advice}"
    return f"{name} is a {first.kind}: only tables sync"
