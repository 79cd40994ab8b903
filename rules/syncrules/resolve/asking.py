"""For which reasons a connection runs a query: each subscription to its stream, or by default."""

from collections.abc import Iterator

from syncrules.plan.nodes import BucketQuery
from syncrules.resolve.request import Request, Subscription
from syncrules.resolve.resolution import Reason


def reasons_to_run(query: BucketQuery, request: Request) -> Iterator[tuple[Reason, Subscription | None]]:
    """Each reason, with its subscription. A subscription to a stream takes the place of the default one."""
    named = [
        (index, subscription)
        for index, subscription in enumerate(request.subscriptions)
        if query.subscribable and subscription.stream == query.stream
    ]
    yield from named
    if not named and query.auto_subscribe and request.default_streams:
        yield "default", None
