"""Warns of stream queries in which only what the client chose to send decides what it gets."""

from collections.abc import Sequence
from typing import Final

from syncrules.compile.context import Context
from syncrules.compile.sources import Sources
from syncrules.compile.stream_query import StreamBranch
from syncrules.diagnostics import Span
from syncrules.plan.expression import Expression, subexpressions
from syncrules.plan.nodes import Expand, Filter, Lookup
from syncrules.plan.reading import request_parts

CHOSEN: Final = frozenset({"connection", "subscription"})
"""What the client may send as it likes."""

TRUSTED: Final = frozenset({"user_id", "token"})
"""What the token's issuer has signed."""


def warn_of_client_parameters(branches: Sequence[StreamBranch], sources: Sources, context: Context) -> None:
    """One warning for each alternative without any key or lookup from the token.

    Parts without outputs are tests: they say whether the client gets anything, never what.
    """
    for branch in branches:
        steps = [step for part in branch.parts for step in part.steps]
        deciding = [part for part in branch.parts if part.outputs]
        keys: list[Expression] = [output for part in deciding for output in part.outputs]
        keys += [key for part in deciding for step in part.steps if isinstance(step, Lookup) for key in step.keys]
        keys += [step.argument for part in deciding for step in part.steps if isinstance(step, Expand)]
        conditions = [step.condition for step in steps if isinstance(step, Filter)]
        keys_of_tests = [key for step in steps if isinstance(step, Lookup) for key in step.keys]
        read = [*keys, *keys_of_tests, *conditions]
        if request_parts(read) & CHOSEN and not request_parts(keys) & TRUSTED:
            context.findings.warning(
                "client-decides",
                "the client alone decides which buckets it gets: it can send any value for these parameters",
                _first_call(read, sources, branch.span),
                "compare with `auth.user_id()` or a claim, too; "
                "or set `accept_potentially_dangerous_queries: true` if every user may see all of it",
            )


def _first_call(read: Sequence[Expression], sources: Sources, otherwise: Span) -> Span:
    """Where an alternative first reads what the client chose."""
    inside = {each for expression in read for each in subexpressions(expression)}
    return next((span for call, span in sources.client_calls if call in inside), otherwise)
