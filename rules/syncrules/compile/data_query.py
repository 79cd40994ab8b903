"""Data queries of Sync Rules: which rows of a table are in the buckets of a definition."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from syncrules.compile.branching import branches_of
from syncrules.compile.conditions import Conditions
from syncrules.compile.context import Context
from syncrules.compile.dialect import Dialect
from syncrules.compile.expressions import Expressions
from syncrules.compile.formula import TRUE, Formula
from syncrules.compile.join import Join, join_of
from syncrules.compile.names import SyncRulesNames, bucket_parameter, warn_of_folding
from syncrules.compile.normal_form import Branch
from syncrules.compile.row_side import row_side
from syncrules.compile.single_select import (
    SelectedTable,
    named_table,
    read_single,
    refuse_clauses,
    single_source,
)
from syncrules.compile.sources import REQUEST, Sources
from syncrules.compile.subqueries import NoSubqueries
from syncrules.compile.table_side import table_side
from syncrules.document import MappedText
from syncrules.plan.expression import BucketParameter, Expression
from syncrules.plan.nodes import Output, OutputColumn, OutputStar, RowRule
from syncrules.syntax import nodes as n


@dataclass(frozen=True, slots=True)
class DataQueries:
    """Compiles the data queries of one definition into row rules of its bucket.

    `parameters` are the bucket's, in the order of its id; None where they are not known because the
    parameter queries have errors of their own.
    """

    context: Context
    dialect: Dialect
    bucket: int
    parameters: tuple[str, ...] | None

    def add(self, text: MappedText) -> None:
        """Adds the rules of one data query to the plan."""
        query = read_single(text, self.context)
        if query is None:
            return
        select = query.select
        source = single_source(query, select, self.context)
        if source is None:
            return
        if isinstance(source, n.FunctionSource):
            message = "a data query must select from a table"
            self.context.error("single-table", message, query.span(source.span))
            return
        refuse_clauses(query, select, self.context)
        sources = Sources()
        selected = named_table(query, source, sources, self.context)
        if selected is None:
            return
        names = SyncRulesNames(selected.named, {"bucket": bucket_parameter}, query.span, self.context.findings)
        expressions = Expressions(self.dialect, names, sources, query.span, self.context.findings)
        conditions = Conditions(expressions, NoSubqueries())
        where: Formula = TRUE if select.where is None else conditions.formula(select.where)
        columns = output_columns(query, selected, expressions, self.context)
        branches = branches_of(where, (selected.table,), sources, query.span(select.span), self.context)
        if branches is None or not self._covers(query, branches):
            return
        rename = table_side(selected.table.id, (), ()).rename
        outputs = tuple(_renamed(column, rename) for column in columns)
        for branch in branches:
            self._add_rule(query, selected, join_of(branch, sources, selected.table, selected.table.id), outputs)

    def _add_rule(
        self,
        query: n.Query,
        selected: SelectedTable,
        join: Join,
        outputs: tuple[OutputColumn, ...],
    ) -> None:
        side = row_side(join, selected.table)
        keys = {}
        for cls in join.classes:
            for member in cls.members:
                if isinstance(member, BucketParameter):
                    keys[member.name] = side.keys[cls]
        unused = [key for key in side.keys.values() if key not in keys.values()]
        if unused:
            message = "a bucket key is used by no parameter"
            raise AssertionError(message)
        rule = RowRule(
            table=selected.table.pattern,
            steps=side.steps,
            bucket=self.bucket,
            keys=tuple(keys[name] for name in self.parameters or () if name in keys),
            output_table=selected.table.alias,
            columns=outputs,
            spans=(query.span(query.select.span),),
        )
        self.context.draft.add_row_rule(rule)

    def _covers(self, query: n.Query, branches: Sequence[Branch]) -> bool:
        """Whether every alternative uses all bucket parameters, and no others."""
        used = [_parameters_of(branch) for branch in branches]
        if any(names != used[0] for names in used):
            where = query.select.where
            assert where is not None
            message = "both sides of OR must use the same bucket parameters"
            self.context.error(
                "or-parameters", message, query.span(where.span), "write each side as a data query of its own"
            )
            return False
        if self.parameters is None:
            return True
        expected, found = Counter(self.parameters), Counter(used[0])
        if expected == found:
            return True
        message = (
            f"the query must use every bucket parameter: expected {_listed(self.parameters)}, found {_listed(used[0])}"
        )
        missing = [name for name in self.parameters if name not in found]
        instead = f"add `column = bucket.{missing[0]}` to WHERE" if missing else "select it in the parameter query"
        self.context.error("bucket-parameters", message, query.span(query.select.span), instead)
        return False


def output_columns(
    query: n.Query, selected: SelectedTable, expressions: Expressions, context: Context
) -> list[OutputColumn]:
    """The columns of a synced row: explicit ones win over `*`, and there must be an id."""
    stars: list[OutputColumn] = []
    named: list[OutputColumn] = []
    for column in query.select.columns:
        match column:
            case n.Star():
                stars.append(OutputStar(hidden_prefix="_"))
            case n.Column():
                named += output_column(query, column, expressions, context)
    if any(isinstance(column, Output) and column.name == "id" for column in named):
        return stars + named
    first = query.span(query.select.columns[0].span if query.select.columns else query.select.span)
    known = selected.named.known_columns
    if not stars:
        context.error("no-id", 'the query must return a column named "id"', first, "add `id`, or `… AS id`")
    elif known is not None and "id" not in known:
        message = f'`{selected.named.name}` has no column "id", and the query gives it none'
        context.findings.warning("no-id", message, first, "add `… AS id`")
    return stars + named


def output_column(query: n.Query, column: n.Column, expressions: Expressions, context: Context) -> list[OutputColumn]:
    """A named result column; none, with a finding, if it has no name."""
    value = expressions.value(column.expression)
    if REQUEST in expressions.sources.groups_of(value):
        message = "a value of the request cannot be selected: the row would differ from user to user"
        context.error("request-selected", message, query.span(column.expression.span))
    if isinstance(value, BucketParameter):
        message = "a bucket parameter cannot be selected"
        context.error("bucket-parameter-in-expression", message, query.span(column.expression.span))
    if column.alias is not None:
        warn_of_folding(column.alias, query.span, context.findings)
        return [Output(column.alias.text, value)]
    if isinstance(column.expression, n.Reference):
        return [Output(column.expression.parts[-1].text, value)]
    context.error("no-alias", "the column needs a name", query.span(column.span), "add `AS name`")
    return []


def _renamed(column: OutputColumn, rename: Callable[[Expression], Expression]) -> OutputColumn:
    return column if isinstance(column, OutputStar) else Output(column.name, rename(column.expression))


def _parameters_of(branch: Branch) -> tuple[str, ...]:
    sides = [side for equality in branch.equalities for side in (equality.left, equality.right)]
    return tuple(sorted({side.name for side in sides if isinstance(side, BucketParameter)}))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`bucket.{name}`" for name in names) or "none"
