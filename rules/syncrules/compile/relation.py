"""What a SELECT of a stream reads: its FROM clause as named sources and join conditions.

Subselects and common table expressions are not tables of their own: their sources and conditions
become the query's, and their columns are names for expressions over those sources.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from syncrules.compile.conditions import Conditions, Selected
from syncrules.compile.config import TableExpression
from syncrules.compile.context import Context
from syncrules.compile.dialect import Dialect
from syncrules.compile.expressions import Expressions
from syncrules.compile.formula import TRUE, Formula, all_of
from syncrules.compile.names import NOTHING, Named, StreamNames, columns_with_suffix, plain_columns
from syncrules.compile.sources import QuerySource, Sources
from syncrules.compile.tables import known_columns, table_pattern, wildcard
from syncrules.diagnostics import Span
from syncrules.functions import TABLE_FUNCTIONS
from syncrules.plan.expression import Column, Expression, leaves, subexpressions
from syncrules.syntax import nodes as n
from syncrules.values.frozen import through_slots

MAXIMUM_DERIVED: Final = 2_000
"""Parts of an expression that a column of a subselect or table expression may stand for."""

_OUTER_JOIN: Final = "only rows that match sync; write JOIN, and put what may be missing into a query of its own"
_INSTEAD: Final = {
    "LIMIT": "which rows sync cannot depend on how many there are",
    "ORDER BY": "rows have no order on the client; sort them there",
    "GROUP BY": "only whole rows sync; aggregate on the client",
    "HAVING": "only whole rows sync; aggregate on the client",
    "UNION": "write each query as an item of `queries:`",
    "INTERSECT": "join the conditions by AND",
    "EXCEPT": "join the conditions by AND NOT",
    "CROSS JOIN": "write a comma, or JOIN without ON",
    "LEFT JOIN": _OUTER_JOIN,
    "RIGHT JOIN": _OUTER_JOIN,
    "FULL JOIN": _OUTER_JOIN,
    "NATURAL JOIN": "write JOIN … ON",
}


@through_slots
@dataclass(frozen=True, slots=True)
class Relation:
    """The sources of a SELECT under their names, the condition over them, and how to read more."""

    named: tuple[Named, ...]
    sources: tuple[QuerySource, ...]
    condition: Formula
    expressions: Expressions


@through_slots
@dataclass(frozen=True, slots=True)
class Relations:
    """Reads the SELECTs of one stream query. `used` collects the table expressions that are read."""

    context: Context
    dialect: Dialect
    sources: Sources
    table_expressions: Mapping[str, TableExpression]
    used: set[TableExpression] = field(default_factory=set)

    def read(self, query: n.Query, select: n.Select, outer: StreamNames | None) -> Relation:
        """The relation of one SELECT, with its WHERE."""
        names = StreamNames((), outer, query.span, self.context.findings)
        expressions = Expressions(self.dialect, names, self.sources, query.span, self.context.findings)
        conditions: list[Formula] = []
        sources: list[QuerySource] = []
        self._refuse_clauses(query, select)
        for join in select.sources:
            named, added, condition = self._source(query, join.source, expressions)
            taken = named is not None and any(each.name.lower() == named.name.lower() for each in names.named)
            if named is not None and taken:
                message = f"two tables are called `{named.name}` here"
                self.context.error(
                    "duplicate-table", message, query.span(join.source.span), "give one of them an alias"
                )
            sources += added
            conditions.append(condition)
            if named is not None:
                names = replace(names, named=(*names.named, named))
                expressions = expressions.within(names)
            conditions += self._join(query, join, expressions)
        if select.where is not None:
            conditions.append(Conditions(expressions, StreamSubqueries(self, query)).formula(select.where))
        return Relation(names.named, tuple(sources), all_of(conditions), expressions)

    def table_expression(self, name: str) -> TableExpression | None:
        """The common table expression of a name, regardless of case."""
        return self.table_expressions.get(name.lower())

    def derived(
        self, query: n.Query, select: n.Select, outer: StreamNames | None
    ) -> tuple[Relation, tuple[tuple[str, Expression], ...]]:
        """A SELECT that is read from, and its columns."""
        relation = self.read(query, select, outer)
        columns: list[tuple[str, Expression]] = []
        for column in select.columns:
            span = query.span(column.span)
            if isinstance(column, n.Star):
                instead = "name the columns that are used"
                self.context.error("star-in-subquery", "`*` cannot be selected here", span, instead)
                continue
            name = column.alias.text if column.alias else None
            if name is None and isinstance(column.expression, n.Reference):
                name = column.expression.parts[-1].text
            if name is None:
                name = query.text.text[column.span.start : column.span.end]
            if name in dict(columns):
                self.context.error("duplicate-column", f"two columns are called `{name}`", span, "give one an alias")
            value = relation.expressions.value(column.expression)
            if sum(1 for _ in islice(subexpressions(value), MAXIMUM_DERIVED + 1)) > MAXIMUM_DERIVED:
                message = f"the column stands for an expression of more than {MAXIMUM_DERIVED} parts"
                self.context.error("expression-too-large", message, span, "nest fewer subselects in each other")
                value = NOTHING
            columns.append((name, value))
        return relation, tuple(columns)

    def of_expression(self, expression: TableExpression) -> tuple[Relation, tuple[tuple[str, Expression], ...]] | None:
        """A common table expression as if it stood here: every reference has sources of its own."""
        self.used.add(expression)
        query = self.context.parse(self.dialect.grammar, expression.query)
        if query is None:
            return None
        return replace(self, table_expressions={}).derived(query, query.select, None)

    def _source(
        self, query: n.Query, source: n.Source, expressions: Expressions
    ) -> tuple[Named | None, tuple[QuerySource, ...], Formula]:
        span = query.span(source.span)
        match source:
            case n.TableSource(schema=None) if (found := self.table_expression(source.name.text)) is not None:
                derived = self.of_expression(found)
                if derived is None:
                    return None, (), TRUE
                relation, columns = derived
                name = (source.alias or source.name).text
                return _derived(name, columns), relation.sources, relation.condition
            case n.TableSource():
                return self._table(query, source, span)
            case n.FunctionSource():
                return self._function(query, source, expressions)
            case n.SubselectSource():
                if source.alias is None:
                    self.context.error("no-alias", "the subselect needs a name", span, "add `AS name` behind it")
                    return None, (), TRUE
                names = expressions.names
                assert isinstance(names, StreamNames)
                relation, columns = self.derived(query, source.select, names.outer)
                return _derived(source.alias.text, columns), relation.sources, relation.condition

    def _table(
        self, query: n.Query, source: n.TableSource, span: Span
    ) -> tuple[Named | None, tuple[QuerySource, ...], Formula]:
        pattern = table_pattern(source, wildcard, span, self.context)
        if pattern is None:
            return None, (), TRUE
        table = self.sources.table(pattern, source.alias.text if source.alias else None, span)
        name_span = query.span(Span((source.schema or source.name).span.start, source.name.span.end))
        columns = columns_with_suffix(table) if self.dialect.grammar == "sync_rules" else plain_columns(table)
        named = Named(
            (source.alias or source.name).text, table, columns, known_columns(pattern, name_span, self.context)
        )
        return named, (table,), TRUE

    def _function(
        self, query: n.Query, source: n.FunctionSource, expressions: Expressions
    ) -> tuple[Named | None, tuple[QuerySource, ...], Formula]:
        span = query.span(source.span)
        name = ".".join(part.text for part in source.call.name)
        if name != "json_each":
            self.context.error(
                "unknown-table-function", f"there is no table-valued function `{name}`", span, "use `json_each`"
            )
            return None, (), TRUE
        if len(source.call.arguments) != 1 or source.call.extras:
            instead = "give it a JSON array or object"
            self.context.error("argument-count", "`json_each` takes one argument", span, instead)
            return None, (), TRUE
        argument = expressions.value(source.call.arguments[0])
        if any(isinstance(leaf, Column) and self.sources.is_expansion(leaf.source) for leaf in leaves(argument)):
            message = "a table-valued function cannot read the rows of another one"
            instead = "expand a column of a table, a value of the request, or a constant"
            place = query.span(source.call.arguments[0].span)
            self.context.error("nested-table-function", message, place, instead)
            return None, (), TRUE
        if argument is NOTHING:
            return None, (), TRUE
        expansion = self.sources.expansion("json_each", argument, span)
        known = frozenset(TABLE_FUNCTIONS["json_each"].columns)
        alias = source.alias.text if source.alias else name
        return Named(alias, expansion, plain_columns(expansion), known), (expansion,), TRUE

    def _join(self, query: n.Query, join: n.Join, expressions: Expressions) -> list[Formula]:
        span = query.span(join.span)
        if join.kind not in (",", "join"):
            message = f"`{join.kind}` is not supported"
            self.context.error("join-not-supported", message, span, _INSTEAD.get(join.kind))
        if join.using is not None:
            message = "`USING` is not supported"
            self.context.error("join-not-supported", message, query.span(join.using), "write ON with both columns")
        if join.condition is None:
            return []
        return [Conditions(expressions, StreamSubqueries(self, query)).formula(join.condition)]

    def _refuse_clauses(self, query: n.Query, select: n.Select) -> None:
        for clause in select.clauses:
            message = f"`{clause.keyword}` is not supported"
            self.context.error("clause-not-supported", message, query.span(clause.span), _INSTEAD.get(clause.keyword))


@through_slots
@dataclass(frozen=True, slots=True)
class StreamSubqueries:
    """`x IN (SELECT …)`, and `x IN name` for a common table expression."""

    relations: Relations
    query: n.Query

    def is_subquery(self, node: n.Expression) -> bool:
        """Whether a node is a subquery or names a common table expression."""
        match node:
            case n.Subquery():
                return True
            case n.Reference(parts=(name,)):
                return self.relations.table_expression(name.text) is not None
            case _:
                return False

    def read(self, node: n.Expression, conditions: Conditions) -> Selected | None:
        """The sources, condition and column of a subquery."""
        relations = self.relations
        derived = self._derived(node, conditions)
        if derived is None:
            return None
        relation, columns = derived
        if len(columns) != 1:
            message = "what stands after IN must select exactly one column"
            relations.context.error("subquery-columns", message, self.query.span(node.span))
            return None
        value = columns[0][1]
        return None if value is NOTHING else Selected(relation.sources, relation.condition, value)

    def _derived(
        self, node: n.Expression, conditions: Conditions
    ) -> tuple[Relation, tuple[tuple[str, Expression], ...]] | None:
        names = conditions.expressions.names
        assert isinstance(names, StreamNames)
        match node:
            case n.Subquery():
                return self.relations.derived(self.query, node.select, names)
            case n.Reference(parts=(name, *_)):
                found = self.relations.table_expression(name.text)
                return self.relations.of_expression(found) if found else None
            case _:
                return None


def _derived(name: str, columns: tuple[tuple[str, Expression], ...]) -> Named:
    return Named(name, None, lambda _: NOTHING, None, columns)
