"""Warns of stream queries in which only what the client chose to send decides what it gets."""

from collections.abc import Iterator, Sequence
from typing import Final

from syncrules.compile.context import Context
from syncrules.compile.normal_form import Branch
from syncrules.compile.sources import REQUEST, Expansion, Group, Sources
from syncrules.compile.stream_query import StreamBranch
from syncrules.diagnostics import Span
from syncrules.plan.expression import Call, Column, Expression, leaves, subexpressions
from syncrules.plan.reading import request_parts

CHOSEN: Final = frozenset({"connection", "subscription"})
"""What the client may send as it likes."""

TRUSTED: Final = frozenset({"user_id", "token"})
"""What the token's issuer has signed."""


def warn_of_client_parameters(branches: Sequence[StreamBranch], sources: Sources, context: Context) -> None:
    """One warning for each alternative that reads what the client chose, and whose rows no token value narrows.

    A token value narrows the rows if it equals a value of theirs, or of a table that they are joined to. A
    condition on the token alone says whether the client gets anything, never what.
    """
    for each in branches:
        read = [*_expressions(each.branch)]
        if request_parts(read) & CHOSEN and not _is_narrowed(each.branch, each.row, sources):
            context.findings.warning(
                "client-decides",
                "the client alone decides which buckets it gets: it can send any value for these parameters",
                _first_call(read, sources, each.span),
                "compare with `auth.user_id()` or a claim, too; "
                "or set `accept_potentially_dangerous_queries: true` if every user may see all of it",
            )


def _is_narrowed(branch: Branch, row: Group, sources: Sources) -> bool:
    """Whether a token value is reached from the row by following equalities from table to table."""
    arguments = {source.id: source.argument for source in branch.sources if isinstance(source, Expansion)}
    reached, pending = {row}, [row]
    while pending:
        group = pending.pop()
        for met in _met(branch, group, sources):
            groups = sources.groups_of(met)
            if groups == {REQUEST}:
                values = [met, *(arguments[leaf.source] for leaf in leaves(met) if isinstance(leaf, Column))]
                if request_parts([*values, *_equal_on_request(branch, values)]) & TRUSTED:
                    return True
            fresh = groups - reached - {REQUEST}
            reached |= fresh
            pending += fresh
    return False


def _met(branch: Branch, group: Group, sources: Sources) -> Iterator[Expression]:
    """What a group's values are equal to."""
    for equality in branch.equalities:
        for own, other in ((equality.left, equality.right), (equality.right, equality.left)):
            if sources.groups_of(own) == {group}:
                yield other


def _equal_on_request(branch: Branch, values: Sequence[Expression]) -> Iterator[Expression]:
    """What the request itself must have equal to one of the values."""
    for predicate in branch.predicates:
        match predicate.condition:
            case Call(function="=", arguments=(left, right)) if left in values or right in values:
                yield from (left, right)
            case _:
                pass


def _expressions(branch: Branch) -> Iterator[Expression]:
    for equality in branch.equalities:
        yield from (equality.left, equality.right)
    for predicate in branch.predicates:
        yield predicate.condition
    for source in branch.sources:
        if isinstance(source, Expansion):
            yield source.argument


def _first_call(read: Sequence[Expression], sources: Sources, otherwise: Span) -> Span:
    """Where an alternative first reads what the client chose."""
    inside = {each for expression in read for each in subexpressions(expression)}
    return next((span for call, span in sources.client_calls if call in inside), otherwise)
