"""The front end of Sync Streams: streams to row rules and bucket queries."""

from collections.abc import Mapping, Sequence

from syncrules.compile.client_parameters import warn_of_client_parameters
from syncrules.compile.config import Stream, TableExpression
from syncrules.compile.context import Context
from syncrules.compile.dialect import Dialect
from syncrules.compile.early_stream import early_branches
from syncrules.compile.relation import Relations
from syncrules.compile.sources import Sources
from syncrules.compile.stream_buckets import add_streams
from syncrules.compile.stream_query import StreamBranch, StreamQuery
from syncrules.plan.reading import reads_subscription


def compile_streams(
    streams: Sequence[Stream], shared: Sequence[TableExpression], dialect: Dialect, context: Context
) -> None:
    """Adds all streams of a file to the plan."""
    global_expressions = {expression.name.lower(): expression for expression in shared}
    used: set[TableExpression] = set()
    compiled = []
    for stream in streams:
        local = {expression.name.lower(): expression for expression in stream.table_expressions}
        visible = global_expressions | local
        branches: list[StreamBranch] = []
        for number, _ in enumerate(stream.queries):
            branches += _branches(stream, number, visible, used, dialect, context)
        compiled.append((stream.name, stream.auto_subscribe, stream.priority, branches))
        _warn_of_unused(stream.table_expressions, used, context)
        _warn_of_shadowing(stream.table_expressions, context)
        _check_unused(stream.table_expressions, used, dialect, context)
    _warn_of_shadowing(shared, context)
    _warn_of_unused(shared, used, context)
    _check_unused(shared, used, dialect, context)
    add_streams(compiled, context.assembly)


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


def _warn_of_shadowing(expressions: Sequence[TableExpression], context: Context) -> None:
    for expression in expressions:
        if context.schema and (context.default_schema, expression.name) in context.schema.tables:
            message = f"the table expression `{expression.name}` hides the table of that name"
            context.findings.warning("hidden-table", message, expression.name_span, "give it another name")


def _check_unused(
    expressions: Sequence[TableExpression], used: set[TableExpression], dialect: Dialect, context: Context
) -> None:
    """Reads what nothing else has read, for its mistakes."""
    for expression in expressions:
        if expression not in used and context.options.edition >= 3:
            Relations(context, dialect, Sources(), {}, set()).of_expression(expression)


def _warn_of_unused(expressions: Sequence[TableExpression], used: set[TableExpression], context: Context) -> None:
    for expression in expressions:
        if expression not in used:
            message = f"nothing uses the table expression `{expression.name}`"
            context.findings.warning("unused-table-expression", message, expression.name_span, "remove it")
