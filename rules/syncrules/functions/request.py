"""What queries may call to read the request: the user, the token, and what the client sent.

`parameter(name)` is `parameters() ->> name`, in every language; there is no other way in.
"""

from dataclasses import dataclass
from typing import Final, Literal

Part = Literal["user_id", "token", "connection", "subscription"]


@dataclass(frozen=True, slots=True)
class RequestFunction:
    """`schema.name(…)`: reads `part` of the request; with one argument, a member of it."""

    schema: str
    name: str
    part: Part
    arguments: Literal[0, 1]
    doc: str

    @property
    def trusted(self) -> bool:
        """Whether the value comes from the verified token, not from what the client chose to send."""
        return self.part in ("user_id", "token")


_FUNCTIONS: Final = (
    RequestFunction("request", "user_id", "user_id", 0, "The user's id: the verified `sub` of the token."),
    RequestFunction("request", "jwt", "token", 0, "All claims of the verified token, as JSON text."),
    RequestFunction("request", "parameters", "connection", 0, "What the client sent on connecting, as JSON text."),
    RequestFunction("request", "parameter", "connection", 1, "One member of what the client sent on connecting."),
    RequestFunction("auth", "user_id", "user_id", 0, "The user's id: the verified `sub` of the token."),
    RequestFunction("auth", "parameters", "token", 0, "All claims of the verified token, as JSON text."),
    RequestFunction("auth", "parameter", "token", 1, "One claim of the verified token."),
    RequestFunction("connection", "parameters", "connection", 0, "What the client sent on connecting, as JSON text."),
    RequestFunction("connection", "parameter", "connection", 1, "One member of what the client sent on connecting."),
    RequestFunction("subscription", "parameters", "subscription", 0, "The subscription's parameters, as JSON text."),
    RequestFunction("subscription", "parameter", "subscription", 1, "One parameter of the subscription."),
)

SYNC_RULES_REQUESTS: Final = {(f.schema, f.name): f for f in _FUNCTIONS if f.schema == "request"}
SYNC_STREAMS_REQUESTS: Final = {(f.schema, f.name): f for f in _FUNCTIONS if f.schema != "request"}
