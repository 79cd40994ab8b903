"""The front end of Sync Rules: each bucket definition to a fragment of the plan."""

from dataclasses import replace

from syncrules.compile.client_parameters import CHOSEN, TRUSTED
from syncrules.compile.config import DEFAULT_PRIORITY, Definition
from syncrules.compile.context import Context
from syncrules.compile.data_query import DataQueries
from syncrules.compile.dialect import Dialect, without_requests
from syncrules.compile.fragment import Draft, Fragment, Identities
from syncrules.compile.parameter_query import ParameterQuery, read_parameter_query
from syncrules.diagnostics import Span
from syncrules.document import MappedText
from syncrules.plan.expression import Column
from syncrules.plan.nodes import Bucket, BucketQuery, Filter, Lookup, Part
from syncrules.plan.reading import request_parts


def compile_definition(definition: Definition, dialect: Dialect, context: Context, identities: Identities) -> Fragment:
    """One bucket definition."""
    before = len(context.findings.diagnostics)
    draft = Draft(identities)
    _add_definition(definition, dialect, replace(context, draft=draft))
    return draft.fragment(definition.name, frozenset(), context.findings.diagnostics[before:])


def _add_definition(definition: Definition, dialect: Dialect, context: Context) -> None:
    if definition.parameters is None:
        bucket = context.draft.bucket(Bucket(definition.name, 0))
        _add_query(definition, bucket, (), (), definition.priority, definition.span, context)
        parameters: tuple[str, ...] | None = ()
    else:
        parameters, bucket = _add_parameters(definition, definition.parameters, dialect, context)
    queries = DataQueries(context, without_requests(dialect), bucket, parameters)
    for text in definition.data:
        queries.add(text)
    if definition.parameters == ():
        for text in definition.data:
            message = "the definition has no parameter query"
            instead = "leave `parameters:` out if everybody gets the bucket"
            context.error("no-parameter-queries", message, text.span(0, len(text.text)), instead)


def _add_parameters(
    definition: Definition, texts: tuple[MappedText, ...], dialect: Dialect, context: Context
) -> tuple[tuple[str, ...] | None, int]:
    """The bucket's parameters, and its number. The first query decides their order."""
    queries = [read_parameter_query(text, dialect, context) for text in texts]
    usable = [query for query in queries if query is not None]
    columns = usable[0].columns if usable else ()
    bucket = context.draft.bucket(Bucket(definition.name, len(columns)))
    for query in usable:
        span = query.text.span(query.text.select.span)
        if sorted(query.columns) != sorted(columns):
            message = "every parameter query of a definition must select the same columns"
            instead = f"the first one selects {', '.join(f'`{name}`' for name in columns) or 'none'}"
            context.error("parameter-columns", message, span, instead)
            continue
        if query.priority is not None and definition.priority is not None:
            instead = "leave out `priority:` or the column `_priority`"
            context.error("priority-twice", "the priority is set more than once", span, instead)
        _warn_of_client_parameters(definition, query, context)
        priority = definition.priority if query.priority is None else query.priority
        for parts, values in query.alternatives:
            ordered = tuple(values[query.columns.index(name)] for name in columns)
            _add_query(definition, bucket, parts, ordered, priority, span, context)
    known = len(usable) == len(queries) and bool(queries)
    return (columns if known else None), bucket


def _add_query(
    definition: Definition,
    bucket: int,
    parts: tuple[Part, ...],
    values: tuple[Column, ...],
    priority: int | None,
    span: Span,
    context: Context,
) -> None:
    query = BucketQuery(
        stream=definition.name,
        bucket=bucket,
        subscribable=False,
        auto_subscribe=True,
        priority=DEFAULT_PRIORITY if priority is None else priority,
        parts=parts,
        values=values,
        spans=(span,),
    )
    context.draft.add_bucket_query(query)


def _warn_of_client_parameters(definition: Definition, query: ParameterQuery, context: Context) -> None:
    """Warns where only what the client chose to send decides which buckets it gets."""
    if definition.accepts_dangerous:
        return
    for parts, _ in query.alternatives:
        steps = [step for part in parts for step in part.steps]
        values = [output for part in parts for output in part.outputs]
        keys = [key for step in steps if isinstance(step, Lookup) for key in step.keys]
        keys += [step.argument for step in steps if not isinstance(step, Filter | Lookup)]
        conditions = [step.condition for step in steps if isinstance(step, Filter)]
        if request_parts([*values, *keys, *conditions]) & CHOSEN and not request_parts([*values, *keys]) & TRUSTED:
            context.findings.warning(
                "client-decides",
                "the client alone decides which buckets it gets: it can send any value for these parameters",
                query.text.span(query.text.select.span),
                "compare with `request.user_id()` or a claim, too; "
                "or set `accept_potentially_dangerous_queries: true` if every user may see all of it",
            )
            return
