"""What a client asks with: who it is, what it sent on connecting, and what it subscribes to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from syncrules.auth import VerifiedClaims
from syncrules.values.frozen import through_slots
from syncrules.values.json_text import from_json, json_text
from syncrules.values.value import EvaluationError, SqlValue

PRIORITIES: Final = range(4)

MAXIMUM_SUBSCRIPTIONS: Final = 10_000
"""Subscriptions of one connection."""


class RequestError(Exception):
    """A request is not well-formed: a priority that does not exist, or parameters that are no JSON."""


@through_slots
@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription to a stream. `parameters` None is the same as none; `priority` None keeps the
    stream's own.

    Raises RequestError for a priority that is not 0, 1, 2 or 3, and for parameters that are no JSON.
    """

    stream: str
    parameters: Mapping[str, object] | None = None
    priority: int | None = None
    text: str = field(init=False, repr=False, compare=False)
    """The parameters as JSON text: what queries read, and what equal subscriptions share."""

    def __post_init__(self) -> None:
        if self.priority is not None and (type(self.priority) is not int or self.priority not in PRIORITIES):
            message = f"a priority is 0, 1, 2 or 3, not {self.priority}"
            raise RequestError(message)
        object.__setattr__(self, "text", _json(self.parameters, f"the parameters of a subscription to `{self.stream}`"))


@through_slots
@dataclass(frozen=True, slots=True)
class Request:
    """A connection: verified claims, connection parameters, and subscriptions.

    `default_streams` False leaves out what is subscribed to by default, and all bucket definitions.
    Raises RequestError for connection parameters that are no JSON, and for too many subscriptions.
    """

    claims: VerifiedClaims
    parameters: Mapping[str, object] = field(default_factory=dict)
    subscriptions: tuple[Subscription, ...] = ()
    default_streams: bool = True
    text: str = field(init=False, repr=False, compare=False, default="{}")
    """The connection's parameters as JSON text."""

    def __post_init__(self) -> None:
        if len(self.subscriptions) > MAXIMUM_SUBSCRIPTIONS:
            message = f"a request has {len(self.subscriptions)} subscriptions, more than {MAXIMUM_SUBSCRIPTIONS}"
            raise RequestError(message)
        if self.parameters:
            object.__setattr__(self, "text", _json(self.parameters, "the connection's parameters"))


def _json(parameters: Mapping[str, object] | None, what: str) -> str:
    if not parameters:
        return "{}"
    try:
        return json_text(parameters)
    except EvaluationError as error:
        message = f"{what} are no JSON: {error}"
        raise RequestError(message) from None


class BoundRequest:
    """The values of a request for one subscription, as queries read them; made when first read."""

    __slots__ = ("_claims", "_token", "_user_id", "connection", "priority", "subscription")

    def __init__(self, request: Request, subscription: Subscription | None) -> None:
        self._claims = request.claims.claims
        self.connection: SqlValue = request.text
        """The connection's parameters, as JSON text."""
        self.subscription: SqlValue = "{}"
        """The subscription's parameters, as JSON text."""
        self.priority: int | None = None
        """The priority that the subscription asks for."""
        if subscription is not None:
            self.subscription, self.priority = subscription.text, subscription.priority
        self._token: str | None = None
        self._user_id: SqlValue = None

    @property
    def user_id(self) -> SqlValue:
        """The verified user: the claim `sub`."""
        if self._user_id is None:
            self._user_id = from_json(self._claims.get("sub"))
        return self._user_id

    @property
    def token(self) -> SqlValue:
        """All claims, as JSON text."""
        if self._token is None:
            self._token = json_text(dict(self._claims))
        return self._token
