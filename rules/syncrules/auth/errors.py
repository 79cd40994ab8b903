"""What verification can answer besides yes: codes, refusals of tokens and of configurations.

* AuthError
  + TokenError     a request is refused; `.code`, `.message`, `.hint`
  + ConfigError    a verifier cannot start; `.problems`, and the first one's `.code`, `.message`, `.help`

`str()` of either is fit for a client. A hint is for the operator's log only: it is made from what the
token says of itself before that is verified, and names configured keys and audiences.
"""

from dataclasses import dataclass
from enum import StrEnum


class ErrorCode(StrEnum):
    """The service's own codes, which clients and dashboards already know, and one of this project."""

    INVALID_TOKEN = "PSYNC_S2101"
    """Malformed, a header that is not allowed, no key, a wrong claim."""
    BAD_SIGNATURE = "PSYNC_S2102"
    """No key with the token's kid made the signature."""
    EXPIRED = "PSYNC_S2103"
    LIFETIME = "PSYNC_S2104"
    """Issued for longer than the key's source may issue."""
    AUDIENCE = "PSYNC_S2105"
    NO_TOKEN = "PSYNC_S2106"
    UNUSABLE_KEY = "PSYNC_S2201"
    IPV6_REFUSED = "PSYNC_S2202"
    ADDRESS_REFUSED = "PSYNC_S2203"
    KEY_SET_UNAVAILABLE = "PSYNC_S2204"
    NOT_A_URL = "PSYNC_S3102"
    NOT_HTTP = "PSYNC_S3103"
    CONFIGURATION = "SYNCRULES_AUTH_CONFIG"
    """The configuration has a key or a value that means nothing."""


SERVER_FAULTS = frozenset(
    {
        ErrorCode.UNUSABLE_KEY,
        ErrorCode.IPV6_REFUSED,
        ErrorCode.ADDRESS_REFUSED,
        ErrorCode.KEY_SET_UNAVAILABLE,
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth knowing that refuses nothing: a stable kebab-case code, and a sentence."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason not to start: `kind` is kebab-case and finer than `code`."""

    code: ErrorCode
    kind: str
    message: str
    help: str | None = None


class AuthError(Exception):
    """A refusal of this package."""


class TokenError(AuthError):
    """A token is not accepted. The text holds no key, no segment of the token, and of its claims only what it refuses.

    >>> error = TokenError(ErrorCode.EXPIRED, "token has expired")
    >>> str(error), error.status
    ('PSYNC_S2103: token has expired', 401)
    """

    def __init__(self, code: ErrorCode, message: str, hint: Notice | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.hint = hint

    @property
    def status(self) -> int:
        """The HTTP status to answer: 503 where the server is at fault, so that clients keep their session."""
        return 503 if self.code in SERVER_FAULTS else 401


class ConfigError(AuthError):
    """A verifier must not start. `problems` has every reason; the attributes are the first one's."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{first.code}: {first.message}{more}")
        self.problems = problems
        self.code = first.code
        self.kind = first.kind
        self.message = first.message
        self.help = first.help


def refuse_start(code: ErrorCode, kind: str, message: str, advice: str | None = None) -> ConfigError:
    """A ConfigError with one problem."""
    return ConfigError((Problem(code, kind, message, advice),))
