"""One query of a stream: each alternative as the rows it syncs and the requests that get them."""

from collections.abc import Sequence
from dataclasses import dataclass

from syncrules.compile.branching import branches_of
from syncrules.compile.canonical import canonical
from syncrules.compile.context import Context
from syncrules.compile.formula import Formula
from syncrules.compile.join import join_of
from syncrules.compile.names import NOTHING
from syncrules.compile.normal_form import Branch
from syncrules.compile.relation import Relation, Relations
from syncrules.compile.request_arrays import refuse_arrays_that_meet_much
from syncrules.compile.request_side import request_side
from syncrules.compile.row_side import row_side
from syncrules.compile.sources import REQUEST, Group, QuerySource, Table
from syncrules.compile.table_side import table_side
from syncrules.diagnostics import Span
from syncrules.plan.expression import Column, TableName, leaves
from syncrules.plan.nodes import Output, OutputColumn, OutputStar, Part, RowRule
from syncrules.syntax import nodes as n
from syncrules.values.frozen import through_slots


@through_slots
@dataclass(frozen=True, slots=True)
class StreamBranch:
    """One alternative: a row rule still without its bucket, and the request side that meets it.

    `branch` is the condition it was made from, and `row` the group of the synced table in it.
    """

    rule: RowRule
    parts: tuple[Part, ...]
    values: tuple[Column, ...]
    span: Span
    branch: Branch
    row: Group


@through_slots
@dataclass(frozen=True, slots=True)
class StreamQuery:
    """Compiles one query of a stream."""

    context: Context
    relations: Relations
    query: n.Query

    def branches(self) -> tuple[StreamBranch, ...]:
        """The alternatives, in the order of the text; none, with findings, if the query is refused."""
        before = len(self.context.findings.diagnostics)
        select = self.query.select
        relation = self.relations.read(self.query, select, None)
        if self._failed_since(before) and not relation.named:
            return ()
        columns = self._columns(relation)
        row = None if self._failed_since(before) else self._synced_table(relation, columns)
        span = self.query.span(select.span)
        if row is None or self._failed_since(before):
            return ()
        return self.alternatives(relation.condition, relation.sources, row, columns, span)

    def alternatives(
        self,
        condition: Formula,
        base: Sequence[QuerySource],
        row: Table,
        columns: Sequence[OutputColumn],
        span: Span,
    ) -> tuple[StreamBranch, ...]:
        """The alternatives of a condition over known sources."""
        found = branches_of(condition, base, self.relations.sources, span, self.context)
        rename = table_side(row.id, (), ()).rename
        outputs = tuple(
            column if isinstance(column, OutputStar) else Output(column.name, rename(column.expression))
            for column in columns
        )
        result = []
        refused = [refuse_arrays_that_meet_much(branch, self.relations.sources, self.context) for branch in found or ()]
        if any(refused):
            return ()
        for branch in found or ():
            join = join_of(branch, self.relations.sources, row, self._constants(row))
            side = row_side(join, row)
            keyed = [cls for cls in join.classes if cls in side.keys]
            request = request_side(join, keyed, self.context.draft.intern)
            pairs = canonical(
                ((side.keys[cls], value) for cls, value in zip(keyed, request.values, strict=True)),
                by=lambda pair: (pair[1], pair[0]),
            )
            keys = tuple(key for key, _ in pairs)
            rule = RowRule(row.pattern, side.steps, -1, keys, row.alias, outputs, (span,))
            result.append(StreamBranch(rule, request.parts, tuple(value for _, value in pairs), span, branch, row.id))
        return tuple(result)

    def _failed_since(self, before: int) -> bool:
        return any(d.severity == "error" for d in self.context.findings.diagnostics[before:])

    def _constants(self, row: Table) -> Group:
        """Edition 2 decides `WHERE false` for each row, later editions for each request."""
        return row.id if self.context.options.edition < 3 else REQUEST

    def _columns(self, relation: Relation) -> list[OutputColumn]:
        columns: list[OutputColumn] = []
        for column in self.query.select.columns:
            span = self.query.span(column.span)
            match column:
                case n.Star():
                    if any(isinstance(each, Output) for each in columns):
                        message = "`*` after named columns overwrites those of the same name"
                        self.context.findings.warning("star-last", message, span, "write `*` first")
                    columns += self._star(relation, column)
                case n.Column():
                    value = relation.expressions.value(column.expression)
                    if REQUEST in self.relations.sources.groups_of(value):
                        message = "a value of the request cannot be selected: the row would differ from user to user"
                        self.context.error("request-selected", message, span)
                    columns.append(Output(self._name(column, span), value))
        return columns

    def _star(self, relation: Relation, star: n.Star) -> list[OutputColumn]:
        span = self.query.span(star.span)
        named = [each for each in relation.named if star.table is None or each.name.lower() == star.table.text.lower()]
        if not named:
            name = star.table.written if star.table else "*"
            self.context.error("undefined-reference", f"no table is called `{name}` here", span)
            return []
        if len(named) > 1:
            instead = f"write `{named[0].name}.*`"
            message = "a query can select columns of one table only, and `*` selects from several"
            self.context.error("ambiguous-star", message, span, instead)
            return []
        if named[0].derived is not None:
            return [Output(name, value) for name, value in named[0].derived]
        if not isinstance(named[0].source, Table):
            self.context.error("expansion-selected", _EXPANSION_SELECTED, span, "select the columns of the table")
            return []
        return [OutputStar()]

    def _name(self, column: n.Column, span: Span) -> str:
        if column.alias is not None:
            return column.alias.text
        if isinstance(column.expression, n.Reference):
            return column.expression.parts[-1].text
        self.context.findings.warning("no-alias", "the column has no name of its own", span, "add `AS name`")
        return self.query.text.text[column.span.start : column.span.end]

    def _synced_table(self, relation: Relation, columns: Sequence[OutputColumn]) -> Table | None:
        """The one table whose rows the query syncs: the one its columns come from."""
        tables = {source.id: source for source in relation.sources if isinstance(source, Table)}
        stars = [column.table for column in self.query.select.columns if isinstance(column, n.Star)]
        read: set[int] = set()
        for star in stars:
            for named in relation.named:
                if (star is None or named.name.lower() == star.text.lower()) and isinstance(named.source, Table):
                    read.add(named.source.id)
        for column in columns:
            if isinstance(column, Output):
                read |= {leaf.source for leaf in leaves(column.expression) if isinstance(leaf, Column | TableName)}
        span = self.query.span(self.query.select.span)
        expansions = [source for source in read if source not in tables]
        if expansions:
            self.context.error("expansion-selected", _EXPANSION_SELECTED, span, "select the columns of the table")
        elif len(read) > 1:
            message = "a query can select columns of one table only"
            self.context.error("several-tables-selected", message, span, "write a query for each table")
        elif not read:
            if all(not isinstance(column, Output) or column.expression is not NOTHING for column in columns):
                message = "the query must select a column of a table"
                self.context.error("nothing-selected", message, span, "select the row's columns, or `*`")
        else:
            return tables[read.pop()]
        return None


_EXPANSION_SELECTED = "the values of an expanded array cannot be selected: a row would have several forms in one bucket"
