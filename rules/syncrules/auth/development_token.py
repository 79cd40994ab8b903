"""The claims of tokens for development and tests, as each kind of issuer writes them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from syncrules.auth.key_set_url import host_of, may_be_public
from syncrules.auth.supabase import hosted_issuer

LOCAL_ISSUER: Final = "http://127.0.0.1:54321/auth/v1"
"""The issuer of Supabase's command line."""
_API_KEY_SECONDS: Final = 10 * 365 * 86_400


class TokenKind(StrEnum):
    """Whose token it is: a user of Supabase Auth in several ways, an API key (which is no user's), a custom issuer's."""

    USER = "user"
    ANONYMOUS = "anonymous"
    OAUTH_CLIENT = "oauth-client"
    API_KEY = "api-key"
    CUSTOM = "custom"


def claims_of(kind: TokenKind, subject: str, session: str, issued_at: int, lifetime: int) -> dict[str, object]:
    """The claims of a kind of token. Times are in seconds; `session` names the session of a Supabase user.

    >>> claims_of(TokenKind.CUSTOM, "ada", "", 1_795_608_000, 60)
    {'sub': 'ada', 'iat': 1795608000, 'exp': 1795608060}
    """
    times = {"iat": issued_at, "exp": issued_at + lifetime}
    match kind:
        case TokenKind.CUSTOM:
            return {"sub": subject, **times}
        case TokenKind.API_KEY:
            ten_years = {"iat": issued_at, "exp": issued_at + _API_KEY_SECONDS}
            return {"iss": "supabase-demo", "ref": "development", "role": "anon", **ten_years}
        case TokenKind.USER | TokenKind.ANONYMOUS | TokenKind.OAUTH_CLIENT:
            anonymous = kind is TokenKind.ANONYMOUS
            method = "anonymous" if anonymous else "password"
            client = {"client_id": "development-client"} if kind is TokenKind.OAUTH_CLIENT else {}
            return {
                "iss": LOCAL_ISSUER,
                "sub": subject,
                "aud": "authenticated",
                **times,
                "email": "",
                "phone": "",
                "app_metadata": {} if anonymous else {"provider": "email", "providers": ["email"]},
                "user_metadata": {},
                "role": "authenticated",
                "aal": "aal1",
                "amr": [{"method": method, "timestamp": issued_at}],
                "session_id": session,
                "is_anonymous": anonymous,
                **client,
            }


def looks_like_production(claims: Mapping[str, object]) -> bool:
    """Whether the issuer that claims name is one that real users trust: hosted Supabase, or a public host.

    >>> looks_like_production({"iss": LOCAL_ISSUER}), looks_like_production({"iss": "https://login.example.com"})
    (False, True)
    """
    issuer = claims.get("iss")
    if not isinstance(issuer, str):
        return False
    host = host_of(issuer)
    return hosted_issuer(issuer) is not None or (bool(host) and may_be_public(host))
