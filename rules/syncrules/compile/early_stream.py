"""Queries of streams in edition 2: one table, and simple subqueries on the right of IN."""

from dataclasses import dataclass

from syncrules.compile.conditions import Conditions, Selected
from syncrules.compile.context import Context
from syncrules.compile.data_query import output_columns
from syncrules.compile.expressions import Expressions
from syncrules.compile.formula import TRUE, All, Any, Equal, Formula, Predicate, Some
from syncrules.compile.names import NOTHING, SyncRulesNames
from syncrules.compile.relation import Relations
from syncrules.compile.single_select import named_table, read_single, refuse_clauses, single_source
from syncrules.compile.sources import REQUEST, Expansion, Sources, Table
from syncrules.compile.stream_query import StreamBranch, StreamQuery
from syncrules.diagnostics import Span
from syncrules.document import MappedText
from syncrules.syntax import nodes as n


def early_branches(text: MappedText, relations: Relations, context: Context) -> tuple[StreamBranch, ...]:
    """The alternatives of one query; none, with findings, if it is refused."""
    query = read_single(text, context)
    if query is None:
        return ()
    before = len(context.findings.diagnostics)
    select = query.select
    source = single_source(query, select, context)
    refuse_clauses(query, select, context)
    if source is None:
        return ()
    if isinstance(source, n.FunctionSource):
        message = "a stream of edition 2 must select from a table"
        context.error("single-table", message, query.span(source.span), "streams of edition 3 can use `json_each`")
        return ()
    selected = named_table(query, source, relations.sources, context)
    if selected is None:
        return ()
    names = SyncRulesNames(selected.named, {}, query.span, context.findings)
    expressions = Expressions(relations.dialect, names, relations.sources, query.span, context.findings)
    conditions = Conditions(expressions, EarlySubqueries(query, context))
    where: Formula = TRUE if select.where is None else conditions.formula(select.where)
    _refuse_independent_subqueries(where, relations.sources, context)
    columns = output_columns(query, selected, expressions, context)
    if any(d.severity == "error" for d in context.findings.diagnostics[before:]):
        return ()
    span = query.span(select.span)
    stream = StreamQuery(context, relations, query)
    return stream.alternatives(where, (selected.table,), selected.table, columns, span)


@dataclass(frozen=True, slots=True)
class EarlySubqueries:
    """`x IN (SELECT column FROM table WHERE …)`, where WHERE must narrow by the request."""

    query: n.Query
    context: Context

    def is_subquery(self, node: n.Expression) -> bool:
        """Whether a node is a subquery."""
        return isinstance(node, n.Subquery)

    def read(self, node: n.Expression, conditions: Conditions) -> Selected | None:
        """The table, condition and column of a subquery."""
        assert isinstance(node, n.Subquery)
        select, outer = node.select, conditions.expressions
        span = self.query.span(select.span)
        refuse_clauses(self.query, select, self.context)
        source = single_source(self.query, select, self.context)
        if source is None:
            return None
        if isinstance(source, n.FunctionSource):
            self.context.error("single-table", "a subquery of edition 2 must select from a table", span)
            return None
        match select.columns:
            case [n.Column() as column]:
                pass
            case _:
                instead = "name the one column that is compared"
                self.context.error("subquery-columns", "the subquery must select exactly one column", span, instead)
                return None
        table = named_table(self.query, source, outer.sources, self.context)
        if table is None:
            return None
        names = SyncRulesNames(table.named, {}, self.query.span, self.context.findings)
        expressions = outer.within(names)
        value = expressions.value(column.expression)
        where: Formula = TRUE
        if select.where is not None:
            where = Conditions(expressions, _NoNesting()).formula(select.where)
        if value is NOTHING or not self._is_simple(where, span):
            return None
        return Selected((table.table,), where, value)

    def _is_simple(self, where: Formula, span: Span) -> bool:
        atoms = _conjuncts(where)
        for atom in atoms:
            if not isinstance(atom, Predicate | Equal | Some):
                message = "a subquery of edition 2 takes conditions joined by AND only"
                self.context.error("not-supported", message, span, "use `config: {edition: 3}`")
                return False
            of_request = isinstance(atom, Some) and any(
                isinstance(each, Expansion) and each.group == REQUEST for each in atom.sources
            )
            if of_request:
                message = "a subquery of edition 2 cannot look for a column in an array of the request"
                self.context.error("not-supported", message, span, "use `config: {edition: 3}`")
                return False
        return True


def _refuse_independent_subqueries(where: Formula, sources: Sources, context: Context) -> None:
    """Reports each subquery that gives every request the same values."""
    match where:
        case All() | Any():
            for operand in where.operands:
                _refuse_independent_subqueries(operand, sources, context)
        case Some(sources=(Table(), *_)):
            meets = [atom for atom in _conjuncts(where.condition) if isinstance(atom, Equal | Some)]
            reads = [sources.groups_of(side) for m in meets if isinstance(m, Equal) for side in (m.left, m.right)]
            if not any(isinstance(atom, Some) for atom in meets) and not any(REQUEST in groups for groups in reads):
                message = "a subquery of edition 2 must compare a column with a value of the request"
                context.error("independent-subquery", message, where.span, "use `config: {edition: 3}`")
        case _:
            pass


def _conjuncts(formula: Formula) -> list[Formula]:
    match formula:
        case All():
            return [atom for operand in formula.operands for atom in _conjuncts(operand)]
        case _:
            return [formula]


class _NoNesting:
    """Reports a subquery inside a subquery."""

    def is_subquery(self, node: n.Expression) -> bool:
        """Whether a node is a subquery."""
        return isinstance(node, n.Subquery)

    def read(self, node: n.Expression, conditions: Conditions) -> Selected | None:
        """Refuses it."""
        conditions.expressions.refuse("a nested subquery", node.span, "use `config: {edition: 3}`")
        return None
