"""For which reasons a connection runs queries: each subscription to their stream, or by default."""

from collections.abc import Iterable, Mapping, Sequence

from syncrules.engine.bucket import Reason
from syncrules.plan.nodes import BucketQuery
from syncrules.resolve.prepared import PreparedGroup, QueryGroup, QueryGroups
from syncrules.resolve.request import BoundRequest, Request, Subscription

_Reasons = Sequence[tuple[Reason, BoundRequest]]


def reasons_to_run(query: BucketQuery, request: Request) -> Iterable[tuple[Reason, Subscription | None]]:
    """Each reason to run one query, with its subscription."""
    reasons = _reasons(query, _subscribed(request), _default(request))
    return [(reason, values.subscribed) for reason, values in reasons]


def asked(groups: QueryGroups, request: Request) -> Sequence[tuple[PreparedGroup, _Reasons]]:
    """Everything that is run for a connection: groups of queries, each with its reasons, and with what they read then."""
    default = _default(request)
    if not request.subscriptions:
        return [(groups.by_default.prepared, default)] if default else []
    subscribed = _subscribed(request)
    reasons = [(group, _reasons(group, subscribed, default)) for group in groups.streams]
    return [(group.prepared, each) for group, each in reasons if each]


def _default(request: Request) -> _Reasons:
    return [("default", BoundRequest(request, None))] if request.default_streams else []


def _subscribed(request: Request) -> Mapping[str, _Reasons]:
    by_stream: dict[str, list[tuple[Reason, BoundRequest]]] = {}
    for index, subscription in enumerate(request.subscriptions):
        by_stream.setdefault(subscription.stream, []).append((index, BoundRequest(request, subscription)))
    return by_stream


def _reasons(queries: BucketQuery | QueryGroup, subscribed: Mapping[str, _Reasons], default: _Reasons) -> _Reasons:
    """A subscription to a stream takes the place of the default one."""
    if queries.subscribable and queries.stream in subscribed:
        return subscribed[queries.stream]
    return default if queries.auto_subscribe else []
