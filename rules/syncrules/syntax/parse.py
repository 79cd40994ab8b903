"""SQL text to a `Query`, or to a diagnostic that says what is wrong and what to write instead."""

from typing import Final, Literal

from syncrules.diagnostics import Diagnostic, Span
from syncrules.document import MappedText
from syncrules.syntax import nodes as n
from syncrules.syntax.advice import advise
from syncrules.syntax.build import parse as parse_statements
from syncrules.syntax.unparsable import Unparsable
from syncrules.syntax.walk import depth

Grammar = Literal["sync_rules", "sync_streams"]

MAXIMUM_LENGTH: Final = 100_000
"""Characters of one query."""

MAXIMUM_DEPTH: Final = 100
"""Nested operators and subqueries of one query. Chains of AND and OR count once."""


def parse_query(grammar: Grammar, text: MappedText) -> tuple[n.Query | None, tuple[Diagnostic, ...]]:
    """The query written in `text`, or the diagnostics that say why there is none."""
    sql = text.text
    if len(sql) > MAXIMUM_LENGTH:
        message = f"the query has {len(sql)} characters, more than the limit of {MAXIMUM_LENGTH}"
        return None, (Diagnostic("query-too-long", message, _trimmed(text)),)
    try:
        first, *others = parse_statements(grammar, sql)
    except Unparsable as problem:
        advice = advise(sql, problem)
        span = _trimmed(text) if advice.span is None else text.span(advice.span.start, advice.span.end)
        return None, (Diagnostic(advice.code, advice.message, span, help=advice.help),)
    if others:
        span = text.span(others[0].span.start, others[0].span.end)
        help_ = "write each query as an item of its own"
        return None, (Diagnostic("several-statements", "only one SELECT is allowed here", span, help=help_),)
    if depth(first) > MAXIMUM_DEPTH:
        message = f"the query is nested more than {MAXIMUM_DEPTH} levels deep"
        return None, (Diagnostic("query-too-deep", message, _trimmed(text)),)
    return n.Query(first, text), ()


def _trimmed(text: MappedText) -> Span:
    """The file span of the whole text without blanks around it."""
    sql = text.text
    start = len(sql) - len(sql.lstrip())
    return text.span(start, max(start, len(sql.rstrip())))
