"""The front end of Sync Streams: each stream to a fragment of the plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from syncrules.compile.client_parameters import warn_of_client_parameters
from syncrules.compile.config import Stream, TableExpression
from syncrules.compile.context import Context
from syncrules.compile.dialect import Dialect
from syncrules.compile.early_stream import early_branches
from syncrules.compile.fragment import Draft, Fragment, Identities
from syncrules.compile.relation import Relations
from syncrules.compile.sources import Sources
from syncrules.compile.stream_buckets import add_stream
from syncrules.compile.stream_query import StreamBranch, StreamQuery
from syncrules.plan.reading import reads_subscription


def compile_stream(
    stream: Stream, shared: Sequence[TableExpression], dialect: Dialect, context: Context, identities: Identities
) -> Fragment:
    """One stream, which may use the table expressions that all streams share."""
    before = len(context.findings.diagnostics)
    draft = Draft(identities)
    own = replace(context, draft=draft)
    used: set[TableExpression] = set()
    visible = _by_name(shared) | _by_name(stream.table_expressions)
    branches: list[StreamBranch] = []
    for number, _ in enumerate(stream.queries):
        branches += _branches(stream, number, visible, used, dialect, own)
    check_table_expressions(stream.table_expressions, used, dialect, own)
    add_stream(stream, branches, draft)
    uses = frozenset(expression.name for expression in used.intersection(shared))
    return draft.fragment(stream.name, uses, context.findings.diagnostics[before:])


def check_table_expressions(
    expressions: Sequence[TableExpression], used: Collection[TableExpression], dialect: Dialect, context: Context
) -> None:
    """Warns of table expressions that hide tables or are not used, and reads those for their mistakes."""
    for expression in expressions:
        if context.schema and (context.default_schema, expression.name) in context.schema.tables:
            message = f"the table expression `{expression.name}` hides the table of that name"
            context.findings.warning("hidden-table", message, expression.name_span, "give it another name")
        if expression not in used:
            message = f"nothing uses the table expression `{expression.name}`"
            context.findings.warning("unused-table-expression", message, expression.name_span, "remove it")
            if context.options.edition >= 3:
                Relations(context, dialect, Sources(), {}, set()).of_expression(expression)


def _by_name(expressions: Sequence[TableExpression]) -> dict[str, TableExpression]:
    return {expression.name.lower(): expression for expression in expressions}


def _branches(
    stream: Stream,
    number: int,
    visible: Mapping[str, TableExpression],
    used: set[TableExpression],
    dialect: Dialect,
    context: Context,
) -> Sequence[StreamBranch]:
    text = stream.queries[number]
    relations = Relations(context, dialect, Sources(), visible, used)
    if context.options.edition < 3:
        branches = early_branches(text, relations, context)
    else:
        query = context.parse(dialect.grammar, text)
        branches = StreamQuery(context, relations, query).branches() if query else ()
        if not stream.accepts_dangerous:
            warn_of_client_parameters(branches, relations.sources, context)
    if stream.auto_subscribe and any(map(_reads_subscription, branches)):
        context.findings.warning(
            "default-without-parameters",
            f"`{stream.name}` is subscribed to by default, and a default subscription has no parameters",
            branches[0].span,
            "leave out `auto_subscribe`, or use connection parameters",
        )
    return branches


def _reads_subscription(branch: StreamBranch) -> bool:
    return any(map(reads_subscription, branch.parts))
