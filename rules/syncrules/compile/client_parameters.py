"""Warns of stream queries in which only what the client chose to send decides what it gets."""

from collections.abc import Sequence
from typing import Final

from syncrules.compile.context import Context
from syncrules.compile.stream_query import StreamBranch
from syncrules.plan.expression import Expression
from syncrules.plan.nodes import Expand, Filter, Lookup
from syncrules.plan.reading import request_parts


CHOSEN: Final = frozenset({"connection", "subscription"})
"""What the client may send as it likes."""

TRUSTED: Final = frozenset({"user_id", "token"})
"""What the token's issuer has signed."""


def warn_of_client_parameters(branches: Sequence[StreamBranch], context: Context) -> None:
    """One warning for each alternative without any key or lookup from the token."""
    for branch in branches:
        steps = [step for part in branch.parts for step in part.steps]
        keys: list[Expression] = [output for part in branch.parts for output in part.outputs]
        keys += [key for step in steps if isinstance(step, Lookup) for key in step.keys]
        keys += [step.argument for step in steps if isinstance(step, Expand)]
        conditions = [step.condition for step in steps if isinstance(step, Filter)]
        if request_parts([*keys, *conditions]) & CHOSEN and not request_parts(keys) & TRUSTED:
            context.findings.warning(
                "client-decides",
                "the client alone decides which buckets it gets: it can send any value for these parameters",
                branch.span,
                "compare with `auth.user_id()` or a claim, too; "
                "or set `accept_potentially_dangerous_queries: true` if every user may see all of it",
            )

