"""For which reasons a connection runs a query: each subscription to its stream, or by default."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from syncrules.plan.nodes import BucketQuery
from syncrules.resolve.request import BoundRequest, Request, Subscription
from syncrules.resolve.resolution import Reason


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, ready to be asked why it runs a query: its subscriptions by stream, each with what queries read of it."""

    request: Request
    default: BoundRequest
    by_stream: dict[str, list[tuple[Reason, BoundRequest]]]

    @classmethod
    def of(cls, request: Request) -> "Asking":
        """For one request."""
        by_stream: dict[str, list[tuple[Reason, BoundRequest]]] = {}
        for index, subscription in enumerate(request.subscriptions):
            by_stream.setdefault(subscription.stream, []).append((index, BoundRequest(request, subscription)))
        return cls(request, BoundRequest(request, None), by_stream)

    def reasons(self, query: BucketQuery) -> Sequence[tuple[Reason, BoundRequest]]:
        """Each reason to run a query, with what it reads. A subscription to a stream takes the place of the default one."""
        if query.subscribable and query.stream in self.by_stream:
            return self.by_stream[query.stream]
        if query.auto_subscribe and self.request.default_streams:
            return (("default", self.default),)
        return ()


def reasons_to_run(query: BucketQuery, request: Request) -> Iterable[tuple[Reason, Subscription | None]]:
    """Each reason to run one query, with its subscription."""
    return [(reason, bound.subscribed) for reason, bound in Asking.of(request).reasons(query)]
