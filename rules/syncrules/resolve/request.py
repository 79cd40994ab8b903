"""What a client asks with: who it is, what it sent on connecting, and what it subscribes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from syncrules.auth import VerifiedClaims
from syncrules.values.json_text import from_json, json_text
from syncrules.values.value import SqlValue

PRIORITIES: Final = range(4)


class RequestError(Exception):
    """A request is not well-formed: a subscription with a priority that does not exist."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription to a stream. `parameters` None is the same as none; `priority` None keeps the
    stream's own.

    Raises RequestError for a priority that is not 0, 1, 2 or 3.
    """

    stream: str
    parameters: Mapping[str, object] | None = None
    priority: int | None = None

    def __post_init__(self) -> None:
        if self.priority is not None and self.priority not in PRIORITIES:
            message = f"a priority is 0, 1, 2 or 3, not {self.priority}"
            raise RequestError(message)


@dataclass(frozen=True, slots=True)
class Request:
    """A connection: verified claims, connection parameters, and subscriptions.

    `default_streams` False leaves out what is subscribed to by default, and all bucket definitions.
    """

    claims: VerifiedClaims
    parameters: Mapping[str, object] = field(default_factory=dict)
    subscriptions: tuple[Subscription, ...] = ()
    default_streams: bool = True


class BoundRequest:
    """The values of a request for one subscription, as queries read them; made when first read."""

    def __init__(self, request: Request, parameters: Mapping[str, object] | None) -> None:
        self._request = request
        self._parameters = parameters

    @cached_property
    def user_id(self) -> SqlValue:
        """The verified user: the claim `sub`."""
        return from_json(self._request.claims.claims.get("sub"))

    @cached_property
    def token(self) -> SqlValue:
        """All claims, as JSON text."""
        return json_text(dict(self._request.claims.claims))

    @cached_property
    def connection(self) -> SqlValue:
        """The connection's parameters, as JSON text."""
        return json_text(dict(self._request.parameters))

    @cached_property
    def subscription(self) -> SqlValue:
        """The subscription's parameters, as JSON text."""
        return json_text(dict(self._parameters or {}))
