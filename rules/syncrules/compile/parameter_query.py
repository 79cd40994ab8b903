"""Parameter queries of Sync Rules: which buckets of a definition a request gets."""

from collections.abc import Sequence
from dataclasses import dataclass

from syncrules.compile.branching import branches_of
from syncrules.compile.conditions import Conditions
from syncrules.compile.config import PRIORITIES
from syncrules.compile.context import Context
from syncrules.compile.dialect import Dialect
from syncrules.compile.expressions import Expressions
from syncrules.compile.formula import TRUE, Formula
from syncrules.compile.join import join_of
from syncrules.compile.names import (
    Named,
    SyncRulesNames,
    plain_columns,
    token_parameter,
    user_parameter,
    warn_of_folding,
)
from syncrules.compile.normal_form import Branch
from syncrules.compile.request_side import request_side
from syncrules.compile.single_select import named_table, read_single, refuse_clauses, single_source
from syncrules.compile.sources import REQUEST, Expansion, Sources, Table
from syncrules.compile.subqueries import NoSubqueries
from syncrules.document import MappedText
from syncrules.plan.expression import Column, Expression, leaves
from syncrules.plan.nodes import Part
from syncrules.syntax import nodes as n

PRIORITY_COLUMN = "_priority"


@dataclass(frozen=True, slots=True)
class ParameterQuery:
    """A compiled parameter query: its columns by name, and one way to run it an alternative.

    `columns` and each alternative's values are in the order of the text; `priority` None means that
    the query sets none.
    """

    columns: tuple[str, ...]
    alternatives: tuple[tuple[tuple[Part, ...], tuple[Column, ...]], ...]
    priority: int | None
    text: n.Query


def read_parameter_query(text: MappedText, dialect: Dialect, context: Context) -> ParameterQuery | None:
    """Compiles one parameter query; None, with findings, if it is refused."""
    query = read_single(text, context)
    if query is None:
        return None
    return _Reading(query, dialect, context, Sources()).read()


@dataclass(frozen=True, slots=True)
class _Reading:
    query: n.Query
    dialect: Dialect
    context: Context
    sources: Sources

    def read(self) -> ParameterQuery | None:
        before = len(self.context.findings.diagnostics)
        select = self.query.select
        source = single_source(self.query, select, self.context) if select.sources else None
        if select.sources and source is None:
            return None
        clauses = refuse_clauses(self.query, select, self.context)
        named = self._named(source)
        if source is not None and named is None:
            return None
        sets = {"token_parameters": token_parameter, "user_parameters": user_parameter}
        names = SyncRulesNames(named, sets, self.query.span, self.context.findings)
        expressions = Expressions(self.dialect, names, self.sources, self.query.span, self.context.findings)
        conditions = Conditions(expressions, NoSubqueries())
        where: Formula = TRUE if select.where is None else conditions.formula(select.where)
        columns = self._columns(expressions, named)
        base = (named.source,) if named and named.source else ()
        branches = branches_of(where, base, self.sources, self.query.span(select.span), self.context)
        if branches is None or clauses or columns is None or self._has_errors(before):
            return None
        priority = self._priority(columns, named)
        outputs = [(name, value) for name, value in columns if not self._is_priority(name, named)]
        if isinstance(named and named.source, Table) and not self._can_be_indexed(branches):
            return None
        if self._has_errors(before):
            return None
        values = [value for _, value in outputs]
        return ParameterQuery(
            columns=tuple(name for name, _ in outputs),
            alternatives=tuple(self._alternative(branch, values) for branch in branches),
            priority=priority,
            text=self.query,
        )

    def _has_errors(self, before: int) -> bool:
        return any(d.severity == "error" for d in self.context.findings.diagnostics[before:])

    def _alternative(self, branch: Branch, values: Sequence[Expression]) -> tuple[tuple[Part, ...], tuple[Column, ...]]:
        side = request_side(join_of(branch, self.sources, None, REQUEST), values, self.context.draft.intern)
        return side.parts, side.values

    def _named(self, source: n.TableSource | n.FunctionSource | None) -> Named | None:
        match source:
            case None:
                return None
            case n.FunctionSource():
                return self._function(source)
            case n.TableSource():
                if source.alias is not None and source.alias.text != source.name.text:
                    message = "a table in a parameter query cannot have another name"
                    span = self.query.span(source.alias.span)
                    self.context.error("table-alias", message, span, f"use `{source.name.text}` itself")
                    return None
                selected = named_table(self.query, source, self.sources, self.context)
                return selected.named if selected else None

    def _function(self, source: n.FunctionSource) -> Named | None:
        name = ".".join(part.text for part in source.call.name)
        span = self.query.span(source.span)
        if name != "json_each":
            self.context.error(
                "unknown-table-function", f"there is no table-valued function `{name}`", span, "use `json_each`"
            )
            return None
        if len(source.call.arguments) != 1:
            self.context.error(
                "argument-count", "`json_each` takes one argument", span, "give it a JSON array of the request"
            )
            return None
        sets = {"token_parameters": token_parameter, "user_parameters": user_parameter}
        outside = SyncRulesNames(None, sets, self.query.span, self.context.findings)
        expressions = Expressions(self.dialect, outside, self.sources, self.query.span, self.context.findings)
        argument = expressions.value(source.call.arguments[0])
        expansion = self.sources.expansion(self.dialect.json_each, argument, span)
        alias = source.alias.text if source.alias else name
        return Named(alias, expansion, plain_columns(expansion), frozenset({"key", "value"}))

    def _columns(self, expressions: Expressions, named: Named | None) -> list[tuple[str, Expression]] | None:
        columns: list[tuple[str, Expression]] = []
        for column in self.query.select.columns:
            span = self.query.span(column.span)
            if isinstance(column, n.Star):
                self.context.error("star-parameter", "`*` cannot be a bucket parameter", span, "name the columns")
                return None
            value = expressions.value(column.expression)
            name = self._name(column)
            if name is None:
                self.context.error("no-alias", "the parameter needs a name", span, "add `AS name`")
                return None
            if named is not None and isinstance(named.source, Table) and not self._can_be_output(value, name):
                message = "a parameter must be a column, a constant or a value of the request"
                place = self.query.span(column.expression.span)
                instead = "move the expression into the data query: `expression(column) = bucket.x`"
                self.context.error("computed-parameter", message, place, instead)
            columns.append((name, value))
        return columns

    def _name(self, column: n.Column) -> str | None:
        if column.alias is not None:
            warn_of_folding(column.alias, self.query.span, self.context.findings)
            return column.alias.text
        return column.expression.parts[-1].text if isinstance(column.expression, n.Reference) else None

    def _can_be_output(self, value: Expression, name: str) -> bool:
        read = self.sources.groups_of(value)
        return name == PRIORITY_COLUMN or read <= {REQUEST} or not hasattr(value, "arguments")

    def _is_priority(self, name: str, named: Named | None) -> bool:
        return name == PRIORITY_COLUMN and not (named is not None and isinstance(named.source, Expansion))

    def _priority(self, columns: Sequence[tuple[str, Expression]], named: Named | None) -> int | None:
        found = [place for place, (name, _) in enumerate(columns) if self._is_priority(name, named)]
        if len(found) > 1:
            span = self.query.span(self.query.select.span)
            self.context.error("priority-twice", "the priority is set more than once", span, "set it in one place")
        if not found:
            return None
        column = self.query.select.columns[found[0]]
        assert isinstance(column, n.Column)
        span = self.query.span(column.expression.span)
        match column.expression:
            case n.Literal(value=int() as value) if value in PRIORITIES:
                return value
            case _:
                instead = "write the number itself, such as `1 AS _priority`"
                self.context.error("invalid-priority", "a priority is 0, 1, 2 or 3", span, instead)
                return None

    def _can_be_indexed(self, branches: Sequence[Branch]) -> bool:
        """Whether the alternatives are found by the same request values, as the service demands."""
        where = self.query.select.where
        span = self.query.span(where.span if where else self.query.select.span)
        if len({self._inputs(branch) for branch in branches}) > 1:
            message = "both sides of OR must compare with the same request values"
            self.context.error("or-parameters", message, span, "write each side as a parameter query of its own")
            return False
        for branch in branches:
            expansions = [source for source in branch.sources if isinstance(source, Expansion)]
            of_request = [source for source in expansions if source.group == REQUEST]
            if len(of_request) > 1:
                message = "only one array of the request can be used with IN"
                whole = self.query.span(self.query.select.span)
                self.context.error("several-arrays", message, whole, "a stream can use several")
                return False
            if len(expansions) - len(of_request) > 1:
                message = "only one array column can be used with IN"
                self.context.error("several-arrays", message, span, "a stream can use several")
                return False
        return True

    def _inputs(self, branch: Branch) -> frozenset[str]:
        on_request = [p.condition for p in branch.predicates if self.sources.groups_of(p.condition) == {REQUEST}]
        arrays = [repr(s.argument) for s in branch.sources if isinstance(s, Expansion) and s.group == REQUEST]
        sides = [side for equality in branch.equalities for side in (equality.left, equality.right)]
        plain = [repr(s) for s in sides if self.sources.groups_of(s) == {REQUEST} and not _reads_columns(s)]
        return frozenset([*map(repr, on_request), *arrays, *plain])


def _reads_columns(expression: Expression) -> bool:
    return any(isinstance(leaf, Column) for leaf in leaves(expression))
