"""For which reasons a connection runs queries: each subscription to their stream, or by default."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from syncrules.engine.bucket import Reason
from syncrules.plan.nodes import BucketQuery
from syncrules.resolve.prepared import PreparedGroup, QueryGroup, QueryGroups
from syncrules.resolve.request import BoundRequest, Request, Subscription

_Reasons = tuple[Sequence[Reason], Sequence[BoundRequest]]
"""Reasons to run a query, and what it reads then, for each of them."""

T = TypeVar("T")


def reasons_to_run(query: BucketQuery, request: Request) -> Iterable[tuple[Reason, Subscription | None]]:
    """Each reason to run one query, with its subscription."""
    subscribed: dict[str, list[tuple[Reason, Subscription | None]]] = {}
    for index, subscription in enumerate(request.subscriptions):
        subscribed.setdefault(subscription.stream, []).append((index, subscription))
    return _chosen(query, subscribed, [("default", None)] if request.default_streams else None) or []


def asked(
    groups: QueryGroups, request: Request
) -> Sequence[tuple[PreparedGroup, Sequence[Reason], Sequence[BoundRequest]]]:
    """Everything that is run for a connection: groups of queries, with the reasons of each, and what it reads for them."""
    default: _Reasons | None = (("default",), (BoundRequest(request, None),)) if request.default_streams else None
    if not request.subscriptions:
        return [] if default is None else [(groups.by_default.prepared, *default)]
    subscribed = _subscribed(request)
    reasons = [(group, _chosen(group, subscribed, default)) for group in groups.streams]
    return [(group.prepared, *each) for group, each in reasons if each is not None]


def _subscribed(request: Request) -> Mapping[str, _Reasons]:
    by_stream: dict[str, tuple[list[Reason], list[BoundRequest]]] = {}
    for index, subscription in enumerate(request.subscriptions):
        reasons, values = by_stream.setdefault(subscription.stream, ([], []))
        reasons.append(index)
        values.append(BoundRequest(request, subscription))
    return by_stream


def _chosen(queries: BucketQuery | QueryGroup, subscribed: Mapping[str, T], default: T | None) -> T | None:
    """A subscription to a stream takes the place of the default one; None where there is neither."""
    if queries.subscribable and queries.stream in subscribed:
        return subscribed[queries.stream]
    return default if queries.auto_subscribe else None
