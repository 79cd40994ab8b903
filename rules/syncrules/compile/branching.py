"""The step from a query's condition to its alternatives, with everything that can be refused there."""

from collections.abc import Sequence
from typing import Final

from syncrules.compile.context import Context
from syncrules.compile.formula import Formula, Some
from syncrules.compile.normal_form import (
    MAXIMUM_BRANCHES,
    Branch,
    TooManyBranches,
    branches,
    refused_negations,
)
from syncrules.compile.sources import Expansion, QuerySource, Sources
from syncrules.diagnostics import Span
from syncrules.plan.validity import MAXIMUM_EXPANSIONS

MAXIMUM_SOURCES: Final = 100
"""Tables and arrays of one alternative."""


def branches_of(
    condition: Formula, base: Sequence[QuerySource], sources: Sources, span: Span, context: Context
) -> tuple[Branch, ...] | None:
    """The alternatives of a query over its `base` sources; None, with findings, if it is refused."""
    negations = list(refused_negations(condition))
    for negation in negations:
        message = "NOT cannot be applied to a comparison of a row with the request, or to a subquery"
        instead = "rows can be looked up by what they match, not by what they do not match"
        context.error("negated-match", message, negation, instead)
    if negations:
        return None
    try:
        found = branches(Some(tuple(base), condition, span) if base else condition, sources)
    except TooManyBranches as problem:
        message = f"the condition has {problem.count} alternatives, more than the limit of {MAXIMUM_BRANCHES}"
        context.error("too-many-alternatives", message, span, "write several queries")
        return None
    arrays = [[source for source in branch.sources if isinstance(source, Expansion)] for branch in found]
    if max(map(len, arrays), default=0) > MAXIMUM_EXPANSIONS:
        message = f"the query goes through more than {MAXIMUM_EXPANSIONS} arrays at once"
        context.error("too-many-arrays", message, span, "write several queries, or keep what is sought in a table")
        return None
    if max((len(branch.sources) for branch in found), default=0) > MAXIMUM_SOURCES:
        message = f"the query reads more than {MAXIMUM_SOURCES} tables and arrays at once"
        context.error("too-many-sources", message, span, "write several queries")
        return None
    return found
