"""Event definitions: their queries are checked; what they announce is not part of a plan."""

from syncrules.compile.conditions import Conditions
from syncrules.compile.config import Event
from syncrules.compile.context import Context
from syncrules.compile.data_query import output_column
from syncrules.compile.dialect import Dialect, without_requests
from syncrules.compile.expressions import Expressions
from syncrules.compile.names import SyncRulesNames
from syncrules.compile.single_select import named_table, read_single, refuse_clauses, single_source
from syncrules.compile.sources import Sources
from syncrules.compile.subqueries import NoSubqueries
from syncrules.document import MappedText
from syncrules.syntax import nodes as n


def check_event(event: Event, dialect: Dialect, context: Context) -> None:
    """Checks every payload query of an event."""
    for text in event.payloads:
        _check_payload(text, dialect, context)


def _check_payload(text: MappedText, dialect: Dialect, context: Context) -> None:
    query = read_single(text, context)
    if query is None:
        return
    source = single_source(query, query.select, context)
    refuse_clauses(query, query.select, context)
    if not isinstance(source, n.TableSource):
        return
    sources = Sources()
    selected = named_table(query, source, sources, context)
    if selected is None:
        return
    names = SyncRulesNames(selected.named, {}, query.span, context.findings)
    expressions = Expressions(without_requests(dialect), names, sources, query.span, context.findings)
    for column in query.select.columns:
        if isinstance(column, n.Column):
            output_column(query, column, expressions, context)
    if query.select.where is not None:
        Conditions(expressions, NoSubqueries()).formula(query.select.where)
