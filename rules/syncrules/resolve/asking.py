"""For which reasons a connection runs a query: each subscription to its stream, or by default."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from syncrules.plan.nodes import BucketQuery
from syncrules.resolve.request import BoundRequest, Request, Subscription
from syncrules.resolve.resolution import Reason


class Asking(NamedTuple):
    """A request, ready to be asked why it runs a query: its subscriptions by stream, each with what queries read of it."""

    default: BoundRequest | None
    """What queries read by default; None if the request leaves out what is subscribed to by default."""
    by_stream: Mapping[str, Sequence[tuple[Reason, BoundRequest]]]

    @classmethod
    def of(cls, request: Request) -> "Asking":
        """For one request."""
        by_stream: dict[str, list[tuple[Reason, BoundRequest]]] = {}
        for index, subscription in enumerate(request.subscriptions):
            by_stream.setdefault(subscription.stream, []).append((index, BoundRequest(request, subscription)))
        return cls(BoundRequest(request, None) if request.default_streams else None, by_stream)

    def reasons(self, query: BucketQuery) -> Sequence[tuple[Reason, BoundRequest]]:
        """Each reason to run a query, with what it reads. A subscription to a stream takes the place of the default one."""
        if query.subscribable and query.stream in self.by_stream:
            return self.by_stream[query.stream]
        if query.auto_subscribe and self.default is not None:
            return (("default", self.default),)
        return ()


def reasons_to_run(query: BucketQuery, request: Request) -> Iterable[tuple[Reason, Subscription | None]]:
    """Each reason to run one query, with its subscription."""
    return [(reason, bound.subscribed) for reason, bound in Asking.of(request).reasons(query)]
