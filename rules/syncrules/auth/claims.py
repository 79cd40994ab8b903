"""What the claims of a signed token must say: times, audience, lifetime, parameters, issuer, user id.

The checks run in a fixed order, because a token that is wrong in several ways gets the code that comes
first. Each also stands alone, so that somebody who looks for what is wrong can be shown all of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from syncrules.auth.errors import ErrorCode, Notice, TokenError
from syncrules.auth.quoting import LONG, quoted
from syncrules.auth.source import KeySource
from syncrules.auth.supabase import hosted_issuer
from syncrules.auth.user_id import bind_subject, check_subject
from syncrules.values.frozen import through_slots

LEEWAY: Final = 60
"""Seconds that two clocks may differ."""
LATEST_TIME: Final = 10**18
"""A time beyond it, either way, is no time; below it, differences are exact enough and never overflow."""
_EARLIEST_TIME: Final = -LATEST_TIME

Lints = tuple[Notice, ...]


@through_slots
@dataclass(frozen=True, slots=True)
class Presented:
    """A payload, the source whose key signed it, and the time, in seconds since 1970."""

    payload: Mapping[str, object] = field(repr=False)
    source: KeySource
    now: float


@through_slots
@dataclass(frozen=True, slots=True)
class Judgement:
    """An accepted token's user, when it ends, and what is suspicious about it.

    With the leeway for clocks, the token is accepted from `begins_at` on and before `ends_at`.
    """

    user_id: str
    expires_at: float
    begins_at: float
    ends_at: float
    lints: Lints


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold: what to change where it does not, and the checks without which it means nothing."""

    name: str
    promise: str
    advice: str
    run: Callable[[Presented], Lints]
    needs: tuple[str, ...] = ()


def judge(payload: Mapping[str, object], source: KeySource, now: float) -> Judgement:
    """Accept a signed payload by the rules of the source that signed it. Raises TokenError.

    `now` is in seconds since 1970. A clock that has no time (NaN) accepts nothing, which is why the
    comparisons with it are written as what must hold.
    """
    presented = Presented(payload, source, now)
    lints: list[Notice] = []
    for check in _BEFORE_BINDING:
        lints += check.run(presented)
    user_id, about_user = _bound(presented)
    expires_at, issued = _time(payload, "exp"), _time(payload, "iat")
    begins_at = (max(issued, _time(payload, "nbf")) if "nbf" in payload else issued) - LEEWAY
    return Judgement(user_id, expires_at, begins_at, expires_at + LEEWAY, (*lints, *about_user))


def _has_subject(presented: Presented) -> Lints:
    check_subject(_present(presented.payload, "sub"))
    return ()


def _has_issue_time(presented: Presented) -> Lints:
    _time(presented.payload, "iat")
    return ()


def _has_expiry_time(presented: Presented) -> Lints:
    _time(presented.payload, "exp")
    return ()


def _has_begun(presented: Presented) -> Lints:
    if "nbf" in presented.payload and not _number("nbf", presented.payload["nbf"]) <= presented.now + LEEWAY:
        raise _refused("token is not valid yet (`nbf` is in the future)")
    return ()


def _has_not_expired(presented: Presented) -> Lints:
    if not _time(presented.payload, "exp") > presented.now - LEEWAY:
        raise TokenError(ErrorCode.EXPIRED, "token has expired")
    return ()


def _was_issued(presented: Presented) -> Lints:
    issued = _time(presented.payload, "iat")
    if not issued <= presented.now + LEEWAY:
        raise _refused("token is issued in the future (`iat`)")
    if issued > _time(presented.payload, "exp"):
        raise _refused("token expires before it is issued")
    return ()


def _has_audience(presented: Presented) -> Lints:
    audience = presented.payload.get("aud")
    if type(audience) is str and audience and audience in presented.source.audience:
        return ()
    if audience is None:
        raise TokenError(ErrorCode.AUDIENCE, "JWT payload is missing a required claim `aud`")
    named = audience if isinstance(audience, list | tuple) else [audience]
    texts = bool(named) and all(isinstance(one, str) and one for one in named)
    if not texts or set(named).isdisjoint(presented.source.audience):
        raise TokenError(ErrorCode.AUDIENCE, f"unexpected `aud` claim value: {quoted(audience, LONG)}")
    return ()


def _is_short_lived(presented: Presented) -> Lints:
    lifetime = _time(presented.payload, "exp") - _time(presented.payload, "iat")
    longest = presented.source.max_lifetime
    if lifetime > longest:
        raise TokenError(ErrorCode.LIFETIME, f"token must expire in a maximum of {longest}s, got {lifetime:.15g}s")
    return ()


def _has_parameters(presented: Presented) -> Lints:
    if not isinstance(presented.payload.get("parameters"), Mapping | None):
        raise _refused("`parameters` claim is not an object")
    return ()


def _has_issuer(presented: Presented) -> Lints:
    issuer, source = presented.payload.get("iss"), presented.source
    if source.issuer is not None and issuer != source.issuer:
        raise _refused("token is of another issuer than its key set is configured for")
    project = hosted_issuer(issuer) if source.is_supabase else None
    if project is not None and source.project is not None and project != source.project:
        raise _refused("token is of another Supabase project (project mismatch)")
    return ()


def _has_allowed_client(presented: Presented) -> Lints:
    client, allowed = presented.payload.get("client_id"), presented.source.allowed_client_ids
    if client is None or not presented.source.is_supabase:
        return ()
    if allowed is None:
        message = f"an OAuth client ({quoted(client)}) syncs as the user; `allowed_client_ids` can restrict that"
        return (Notice("oauth-client-token", message),)
    if not isinstance(client, str) or client not in allowed:
        raise _refused(f"client {quoted(client)} is not one of the allowed OAuth clients")
    return ()


def _has_user_id(presented: Presented) -> Lints:
    _, lints = _bound(presented)
    return lints


def _bound(presented: Presented) -> tuple[str, Lints]:
    subject = presented.payload["sub"]
    assert isinstance(subject, str), "the checks before this one see to it"
    return bind_subject(subject, presented.source.subject_policy)


_BEFORE_BINDING: Final = (
    Check(
        "subject",
        "`sub` is a text that can name a user",
        "the issuer must put the user's id into `sub`, as a text",
        _has_subject,
    ),
    Check(
        "issue-time",
        "`iat` is a number",
        "the issuer must write `iat` as a JSON number, in seconds since 1970",
        _has_issue_time,
    ),
    Check(
        "expiry-time",
        "`exp` is a number",
        "the issuer must write `exp` as a JSON number, in seconds since 1970",
        _has_expiry_time,
    ),
    Check(
        "not-before",
        "`nbf` is absent, or a time that has come",
        "compare the issuer's clock with this one; or leave `nbf` out",
        _has_begun,
    ),
    Check(
        "expiry",
        "`exp` has not passed",
        "get a new token, as the client does before each connection; or compare this clock with the issuer's",
        _has_not_expired,
        ("expiry-time",),
    ),
    Check(
        "issued",
        "`iat` has passed, and comes before `exp`",
        "compare the issuer's clock with this one; times are in seconds, not in milliseconds",
        _was_issued,
        ("issue-time", "expiry-time"),
    ),
    Check(
        "audience",
        "`aud` names an audience that is accepted",
        "add what the token names to `client_auth.audience`, if it is meant for this service",
        _has_audience,
    ),
    Check(
        "lifetime",
        "the token is short-lived",
        "have the issuer end the token sooner; for keys that are not Supabase's, `client_auth.max_lifetime` sets the limit",
        _is_short_lived,
        ("issue-time", "expiry-time"),
    ),
    Check(
        "parameters",
        "`parameters` is absent, or an object",
        "the issuer must write `parameters` as a JSON object, or leave it out",
        _has_parameters,
    ),
    Check(
        "issuer",
        "`iss` is not that of somebody else",
        "use a token of the issuer, or the Supabase project, that is configured",
        _has_issuer,
    ),
    Check(
        "client",
        "`client_id` is absent, or allowed",
        "add the OAuth client to `client_auth.allowed_client_ids`, if it may see what its users see",
        _has_allowed_client,
    ),
)
CHECKS: Final = (
    *_BEFORE_BINDING,
    Check(
        "user-id",
        "`sub` has the form of the source's user ids",
        "Supabase's user ids are UUIDs; set `client_auth.sub_uuid` to `lint` or `off` for others",
        _has_user_id,
        ("subject",),
    ),
)
"""In the order of their codes' precedence."""


def _present(payload: Mapping[str, object], claim: str) -> object:
    value = payload.get(claim)
    if value is None:
        raise _refused(f"JWT payload is missing a required claim `{claim}`")
    return value


def _time(payload: Mapping[str, object], claim: str) -> float:
    value = payload.get(claim)
    if type(value) is int and _EARLIEST_TIME <= value <= LATEST_TIME:
        # Nearly all are, and a token's are read nine times.
        return value
    return _number(claim, _present(payload, claim))


def _number(claim: str, value: object) -> float:
    match value:
        case bool():
            pass
        case int() | float() if _EARLIEST_TIME <= value <= LATEST_TIME:
            return value
        case int() | float():
            # Kept comparable, so that the limits themselves refuse it.
            return float("inf") if value > 0 else float("-inf")
        case _:
            pass
    raise _refused(f"`{claim}` claim is not a number")


def _refused(message: str) -> TokenError:
    return TokenError(ErrorCode.INVALID_TOKEN, message)
