"""What the claims of a signed token must say: times, audience, lifetime, parameters, project.

The checks run in a fixed order, because a token that is wrong in several ways gets the code that comes
first: presence and type, not yet valid, expired, issued in the future, audience, lifetime, the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from syncrules.auth.errors import ErrorCode, Notice, TokenError
from syncrules.auth.quoting import LONG, quoted
from syncrules.auth.source import KeySource
from syncrules.auth.supabase import hosted_issuer
from syncrules.auth.user_id import bind_subject, check_subject

LEEWAY: Final = 60
"""Seconds that two clocks may differ."""
LATEST_TIME: Final = 10**18
"""A time beyond it, either way, is no time; below it, differences are exact enough and never overflow."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An accepted token's user, when it ends, and what is suspicious about it."""

    user_id: str
    expires_at: float
    lints: tuple[Notice, ...]


def judge(payload: Mapping[str, object], source: KeySource, now: float) -> Judgement:
    """Accept a signed payload by the rules of the source that signed it. Raises TokenError.

    `now` is in seconds since 1970. A clock that has no time (NaN) accepts nothing, which is why the
    comparisons with it are written as what must hold.
    """
    subject = check_subject(_present(payload, "sub"))
    issued = _time("iat", _present(payload, "iat"))
    expires = _time("exp", _present(payload, "exp"))
    if "nbf" in payload and not _time("nbf", payload["nbf"]) <= now + LEEWAY:
        raise _refused("token is not valid yet (`nbf` is in the future)")
    if not expires > now - LEEWAY:
        raise TokenError(ErrorCode.EXPIRED, "token has expired")
    if not issued <= now + LEEWAY:
        raise _refused("token is issued in the future (`iat`)")
    if issued > expires:
        raise _refused("token expires before it is issued")
    _check_audience(payload.get("aud"), source.audience)
    if expires - issued > source.max_lifetime:
        message = f"token must expire in a maximum of {source.max_lifetime}s, got {expires - issued:.15g}s"
        raise TokenError(ErrorCode.LIFETIME, message)
    if not isinstance(payload.get("parameters"), Mapping | None):
        raise _refused("`parameters` claim is not an object")
    lints = _check_supabase(payload, source) if source.is_supabase else ()
    user_id, subject_lints = bind_subject(subject, source.subject_policy)
    return Judgement(user_id, expires, lints + subject_lints)


def _present(payload: Mapping[str, object], claim: str) -> object:
    value = payload.get(claim)
    if value is None:
        raise _refused(f"JWT payload is missing a required claim `{claim}`")
    return value


def _time(claim: str, value: object) -> float:
    match value:
        case bool():
            pass
        case int() | float() if -LATEST_TIME <= value <= LATEST_TIME:
            return value
        case int() | float():
            # Kept comparable, so that the limits themselves refuse it.
            return float("inf") if value > 0 else float("-inf")
        case _:
            pass
    raise _refused(f"`{claim}` claim is not a number")


def _check_audience(audience: object, accepted: tuple[str, ...]) -> None:
    if audience is None:
        raise TokenError(ErrorCode.AUDIENCE, "JWT payload is missing a required claim `aud`")
    named = audience if isinstance(audience, list | tuple) else [audience]
    if not named or not all(isinstance(one, str) and one for one in named) or set(named).isdisjoint(accepted):
        raise TokenError(ErrorCode.AUDIENCE, f"unexpected `aud` claim value: {quoted(audience, LONG)}")


def _check_supabase(payload: Mapping[str, object], source: KeySource) -> tuple[Notice, ...]:
    project = hosted_issuer(payload.get("iss"))
    if project is not None and source.project is not None and project != source.project:
        raise _refused("token is of another Supabase project (project mismatch)")
    client = payload.get("client_id")
    if client is None:
        return ()
    if source.allowed_client_ids is not None:
        if isinstance(client, str) and client in source.allowed_client_ids:
            return ()
        raise _refused(f"client {quoted(client)} is not one of the allowed OAuth clients")
    message = f"an OAuth client ({quoted(client)}) syncs as the user; `allowed_client_ids` can restrict that"
    return (Notice("oauth-client-token", message),)


def _refused(message: str) -> TokenError:
    return TokenError(ErrorCode.INVALID_TOKEN, message)
