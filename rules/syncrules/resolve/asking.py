"""For which reasons a connection runs queries: each subscription to their stream, or by default."""

from collections.abc import Iterable, Mapping, Sequence

from syncrules.engine.bucket import Reason
from syncrules.plan.nodes import BucketQuery
from syncrules.resolve.prepared import PreparedGroup, QueryGroup, QueryGroups
from syncrules.resolve.request import BoundRequest, Request, Subscription

_Reasons = tuple[Sequence[Reason], Sequence[BoundRequest]]
"""Reasons to run a query, and what it reads then, for each of them."""

_NONE: _Reasons = ((), ())


def reasons_to_run(query: BucketQuery, request: Request) -> Iterable[tuple[Reason, Subscription | None]]:
    """Each reason to run one query, with its subscription."""
    subscribed = [
        each for each in enumerate(request.subscriptions) if query.subscribable and each[1].stream == query.stream
    ]
    if subscribed:
        return subscribed
    return [("default", None)] if request.default_streams and query.auto_subscribe else []


def asked(
    groups: QueryGroups, request: Request
) -> Sequence[tuple[PreparedGroup, Sequence[Reason], Sequence[BoundRequest]]]:
    """Everything that is run for a connection: groups of queries, with the reasons of each, and what it reads for them."""
    default = _default(request)
    if not request.subscriptions:
        return [(groups.by_default.prepared, *default)] if request.default_streams else []
    subscribed = _subscribed(request)
    reasons = [(group, _reasons(group, subscribed, default)) for group in groups.streams]
    return [(group.prepared, *each) for group, each in reasons if each is not _NONE]


def _default(request: Request) -> _Reasons:
    return (("default",), (BoundRequest(request, None),)) if request.default_streams else _NONE


def _subscribed(request: Request) -> Mapping[str, _Reasons]:
    by_stream: dict[str, tuple[list[Reason], list[BoundRequest]]] = {}
    for index, subscription in enumerate(request.subscriptions):
        reasons, values = by_stream.setdefault(subscription.stream, ([], []))
        reasons.append(index)
        values.append(BoundRequest(request, subscription))
    return by_stream


def _reasons(queries: QueryGroup, subscribed: Mapping[str, _Reasons], default: _Reasons) -> _Reasons:
    """A subscription to a stream takes the place of the default one."""
    if queries.subscribable and queries.stream in subscribed:
        return subscribed[queries.stream]
    return default if queries.auto_subscribe else _NONE
