"""What the service answers when it does not do what it is asked: one JSON shape, with a code for programs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from syncrules.auth import TokenError
from syncrules.resolve.limits import LimitExceeded
from syncrules.resolve.request import RequestError
from syncrules.stores.protocol import CheckpointError, StoreError
from syncrules.values.value import EvaluationError


class Refusal(Exception):
    """An HTTP status, a stable code, a sentence for people, and what they can do. `details` depend on the code."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        advice: str | None = None,
        details: Mapping[str, object] = MappingProxyType({}),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(message)
        self.status: Final = status
        self.code: Final = code
        self.message: Final = message
        self.help: Final = advice
        self.details: Final = details
        self.headers: Final = headers

    def body(self) -> dict[str, object]:
        """The answer: `{"error": {"code": …, "message": …}}`, with `help` and details where there are any."""
        advice = {} if self.help is None else {"help": self.help}
        return {"error": {"code": self.code, "message": self.message, **advice, **self.details}}


_BUSY: Final = {"Retry-After": "1"}


def refusal_of(error: Exception) -> Refusal:
    """The answer for what the library raises. An error that nobody expected says nothing of itself."""
    match error:
        case Refusal():
            return error
        case TokenError():
            headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'} if error.status == 401 else _BUSY
            return Refusal(error.status, str(error.code), error.message, headers=headers)
        case LimitExceeded():
            details = {"what": error.what, "limit": error.limit, "streams": error.streams}
            return Refusal(
                422, error.code, str(error), "share buckets along a coarser line, or subscribe to less", details
            )
        case RequestError() | EvaluationError():
            return Refusal(422, "request", str(error))
        case CheckpointError():
            return Refusal(409, "checkpoint", str(error), "leave `checkpoint` out to be answered as of the last one")
        case StoreError():
            return Refusal(503, "store", "the store does not answer", "try again later", headers=_BUSY)
        case TimeoutError():
            return Refusal(503, "timeout", "the answer took too long", "try again later", headers=_BUSY)
        case _:
            return Refusal(500, "internal", "the service has a fault of its own; its log says more")
