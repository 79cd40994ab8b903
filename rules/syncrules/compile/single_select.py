"""The frame of a query in Sync Rules: one SELECT of one table, and none of SQL's other clauses."""

from dataclasses import dataclass
from typing import Final

from syncrules.compile.context import Context
from syncrules.compile.names import Named, columns_with_suffix, warn_of_folding
from syncrules.compile.sources import Sources, Table
from syncrules.compile.tables import known_columns, table_pattern
from syncrules.diagnostics import Span
from syncrules.document import MappedText
from syncrules.schema import NamePattern
from syncrules.syntax import nodes as n

_INSTEAD: Final = {
    "LIMIT": "which rows sync cannot depend on how many there are",
    "ORDER BY": "rows have no order on the client; sort them there",
    "GROUP BY": "only whole rows sync; aggregate on the client",
}


@dataclass(frozen=True, slots=True)
class SelectedTable:
    """The one table of a query, with its columns by name."""

    table: Table
    named: Named


def read_single(text: MappedText, context: Context) -> n.Query | None:
    """Parses a query of Sync Rules; None, with findings, if it is no SELECT."""
    return context.parse("sync_rules", text)


def refuse_clauses(query: n.Query, select: n.Select, context: Context) -> bool:
    """Reports what no query may have; whether there was anything."""
    for clause in select.clauses:
        keyword = clause.keyword
        if keyword in ("UNION", "INTERSECT", "EXCEPT"):
            instead = "write each SELECT as a query of its own"
            context.error("clause-not-supported", f"`{keyword}` is not supported", query.span(clause.span), instead)
        else:
            message = f"`{keyword}` is not supported"
            context.error("clause-not-supported", message, query.span(clause.span), _INSTEAD.get(keyword))
    if select.distinct:
        instead = "leave it out: a row is in a bucket once"
        context.error("clause-not-supported", "`DISTINCT` is not supported", query.span(select.span), instead)
    return bool(select.clauses) or select.distinct


def single_source(query: n.Query, select: n.Select, context: Context) -> n.TableSource | n.FunctionSource | None:
    """The one source of a query, None, with a finding, where there are several or none."""
    match select.sources:
        case [n.Join(source=n.TableSource() | n.FunctionSource() as source)]:
            return source
        case [n.Join(source=n.SubselectSource() as source)]:
            context.error(
                "single-table",
                "a subquery cannot stand in FROM",
                query.span(source.span),
                "select from the table itself",
            )
        case []:
            context.error("single-table", "the query must select from one table", query.span(select.span))
        case [first, *_]:
            joined = Span(first.span.start, select.sources[-1].span.end)
            instead = "a stream can join; here, look the other table up in a parameter query"
            context.error("single-table", "the query must select from one table", query.span(joined), instead)
    return None


def named_table(query: n.Query, source: n.TableSource, sources: Sources, context: Context) -> SelectedTable | None:
    """The table in FROM under its name or alias."""
    span = query.span(source.span)
    for name in (source.name, source.alias):
        if name is not None:
            warn_of_folding(name, query.span, context.findings)
    pattern = table_pattern(source, NamePattern, query.span(query.select.span), context)
    if pattern is None:
        return None
    table = sources.table(pattern, source.alias.text if source.alias else None, span)
    known = known_columns(pattern, span, context)
    name = source.alias or source.name
    return SelectedTable(table, Named(name.text, table, columns_with_suffix(table), known))
