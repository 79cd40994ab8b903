"""Advice for the operator about a refused token.

It reads the token's own words before or without verification, so it goes to the log, decides nothing,
and must survive any input.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from syncrules.auth import base64url
from syncrules.auth.errors import ErrorCode, Notice
from syncrules.auth.key_set import NoKey, Selection, Signed
from syncrules.auth.key_set_url import host_of
from syncrules.auth.quoting import LONG, quoted
from syncrules.auth.strict_json import StrictJsonError, last_or_nothing, read
from syncrules.auth.supabase import hosted_issuer, is_supabase_issuer
from syncrules.auth.token import MAXIMUM_TOKEN
from syncrules.auth.user_id import is_uuid

if TYPE_CHECKING:
    from syncrules.auth.trust import Trust

_API_KEY_PREFIXES: Final = ("sb_publishable_", "sb_secret_")
_API_KEY_ROLES: Final = frozenset({"anon", "service_role"})
_SHOWN_KIDS: Final = 8
_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Unverified:
    """What a token says of itself; empty where it cannot be read."""

    text: str = field(default="", repr=False)
    header: Mapping[str, object] = field(default_factory=dict)
    payload: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_symmetric(self) -> bool:
        """Whether the header names an algorithm with a shared secret."""
        return str(self.header.get("alg")).startswith("HS")


def look_at(text: object) -> Unverified:
    """What a token says of itself. Never raises."""
    if not isinstance(text, str) or len(text) > MAXIMUM_TOKEN:
        return Unverified()
    parts = text.split(".")
    if len(parts) != _PARTS:
        return Unverified(text)
    return Unverified(text, _object(parts[0]), _object(parts[1]))


def hint_for(
    code: ErrorCode, token: Unverified, selection: Selection | None, trust: "Trust", kids: tuple[str, ...]
) -> Notice | None:
    """The most useful advice about a refusal, if there is any. `kids` are those of all known keys."""
    if token.text.startswith(_API_KEY_PREFIXES) or _is_api_key(token.payload):
        return Notice("supabase-api-key", "this is an API key, not a user's token: pass `session.access_token`")
    match code, selection:
        case ErrorCode.INVALID_TOKEN | ErrorCode.BAD_SIGNATURE, None | Signed():
            return _about_claims(token, selection, trust)
        case ErrorCode.INVALID_TOKEN, NoKey():
            return _about_keys(token, trust, kids)
        case ErrorCode.INVALID_TOKEN | ErrorCode.BAD_SIGNATURE, _:
            return _mismatch(token, trust)
        case ErrorCode.AUDIENCE, Signed(source):
            return _about_audience(token, source.audience)
        case ErrorCode.LIFETIME, Signed(source) if not source.is_supabase:
            return _about_lifetime(token)
        case _:
            return None


def _about_claims(token: Unverified, selection: Selection | None, trust: "Trust") -> Notice | None:
    if not isinstance(selection, Signed):
        return None
    if token.payload.get("sub") is None:
        return Notice("missing-sub", "the token needs a `sub` claim with the user's id")
    return _mismatch(token, trust) if selection.source.is_supabase else None


def _about_keys(token: Unverified, trust: "Trust", kids: tuple[str, ...]) -> Notice | None:
    issuer = token.payload.get("iss")
    if not is_supabase_issuer(issuer):
        return _third_party(issuer, trust)
    if not trust.supabase:
        if any(host_of(source.uri or "") == host_of(str(issuer)) for source in trust.remote):
            return _unknown_kid(token, kids)
        message = "the token is Supabase's: set `supabase: true` (a secret alone is ignored)"
        return Notice("supabase-not-enabled", message)
    mismatch = _mismatch(token, trust)
    if mismatch is not None:
        return mismatch
    return _about_secret(token, trust) if token.is_symmetric else _about_project(token, trust, kids)


def _about_project(token: Unverified, trust: "Trust", kids: tuple[str, ...]) -> Notice:
    if any(source.is_supabase for source in trust.remote):
        return _unknown_kid(token, kids)
    message = "no hosted project is known: set `supabase_url`, or `jwks_uri` with `audience: [authenticated]`"
    return Notice("supabase-no-connection", message)


def _about_lifetime(token: Unverified) -> Notice | None:
    if not is_supabase_issuer(token.payload.get("iss")):
        return None
    message = "the limit of a week is for `supabase: true` only: use that, or shorten the token's life"
    return Notice("supabase-manual-lifetime", message)


def _about_secret(token: Unverified, trust: "Trust") -> Notice:
    if trust.has_secret:
        message = (
            "the configured `supabase_jwt_secret` did not sign this token: it is another project's, or was "
            "rotated, or was decoded from base64 (it is used as text)"
        )
        return Notice("supabase-hs256-wrong-secret", message)
    kind = "a shared-secret signing key" if is_uuid(str(token.header.get("kid"))) else "the legacy JWT secret"
    message = (
        f"the token is signed with {kind}: set `supabase_jwt_secret`, or rotate to an asymmetric key in "
        "Supabase and sign in again"
    )
    return Notice("supabase-hs256-no-secret", message)


def _mismatch(token: Unverified, trust: "Trust") -> Notice | None:
    project = hosted_issuer(token.payload.get("iss"))
    if project is None or trust.project is None or project == trust.project:
        return None
    message = f"the token is of project {quoted(project)}, and {quoted(trust.project)} is trusted"
    return Notice("supabase-project-mismatch", message)


def _unknown_kid(token: Unverified, kids: tuple[str, ...]) -> Notice:
    known = ", ".join(quoted(kid) for kid in kids[:_SHOWN_KIDS]) or "none"
    message = (
        f"the project does not serve key {quoted(token.header.get('kid'))} (it serves: {known}): a rotation "
        "is not finished, the key was revoked, the token is older than the rotation (sign in again), or a "
        "cache is old"
    )
    return Notice("supabase-unknown-kid", message)


def _third_party(issuer: object, trust: "Trust") -> Notice | None:
    if not isinstance(issuer, str) or not host_of(issuer):
        return None
    if any(host_of(source.uri or "") == host_of(issuer) for source in trust.remote):
        return None
    message = (
        f"no key of issuer {quoted(issuer, LONG)} is known: add its `jwks_uri` and `audience` "
        "(Supabase does not serve the keys of third-party issuers)"
    )
    return Notice("third-party-issuer", message)


def _about_audience(token: Unverified, accepted: tuple[str, ...]) -> Notice:
    payload, audience = token.payload, token.payload.get("aud")
    if not any(accepted):
        message = "`client_auth.audience` is empty; for Supabase keys add `authenticated`"
        return Notice("audience-not-configured", message)
    names = ", ".join(quoted(one) for one in accepted[:_SHOWN_KIDS])
    if audience is None:
        return _missing_audience(payload, names)
    if audience == "authenticated" and is_supabase_issuer(payload.get("iss")):
        return Notice("audience-mismatch-supabase", "add `authenticated` to `audience`")
    message = f"the token is for {quoted(audience, LONG)}, and accepted is: {names}"
    if isinstance(audience, str) and _loosely(audience) in {_loosely(one) for one in accepted}:
        message += " (they differ in case or a trailing slash only)"
    return Notice("aud-mismatch", message)


def _missing_audience(payload: Mapping[str, object], names: str) -> Notice:
    issuer = str(payload.get("iss"))
    if payload.get("token_use") == "access" and "client_id" in payload:
        return Notice("missing-aud-cognito", "send Cognito's ID token; its access tokens have no `aud`")
    if str(payload.get("sid")).startswith("sess_") or "clerk" in host_of(issuer):
        return Notice("missing-aud-clerk", "add `aud` in Clerk by customising the session token")
    return Notice("missing-aud", f"the token needs an `aud` claim; accepted is: {names}")


def _is_api_key(payload: Mapping[str, object]) -> bool:
    role = payload.get("role")
    return isinstance(role, str) and role in _API_KEY_ROLES and payload.get("sub") is None


def _loosely(audience: str) -> str:
    return audience.lower().rstrip("/")


def _object(segment: str) -> Mapping[str, object]:
    try:
        value = read(base64url.decode(segment), last_or_nothing)
    except (ValueError, StrictJsonError):
        return {}
    return value if isinstance(value, dict) else {}
