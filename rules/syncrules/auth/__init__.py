"""Who asks: configurations of trust, and tokens made into verified claims.

>>> verifier = Verifier.from_config({"supabase": True, "supabase_url": "http://127.0.0.1:54321"})
>>> verifier.verify_header(None)
Traceback (most recent call last):
syncrules.auth.errors.TokenError: PSYNC_S2106: authentication required
"""

from typing import TYPE_CHECKING

from syncrules.auth.errors import AuthError, ConfigError, ErrorCode, Notice, Problem, TokenError
from syncrules.auth.fetch import KeySetClient
from syncrules.auth.source import SourceKind, SubjectPolicy
from syncrules.auth.supabase import Connection, Detection, find_project
from syncrules.auth.verified import Claim, VerifiedClaims
from syncrules.auth.verifier import Verifier

if TYPE_CHECKING:
    from syncrules.auth.config import AuthConfig, ClientAuth

__all__ = [
    "AuthConfig",
    "AuthError",
    "Claim",
    "ClientAuth",
    "ConfigError",
    "Connection",
    "Detection",
    "ErrorCode",
    "KeySetClient",
    "Notice",
    "Problem",
    "SourceKind",
    "SubjectPolicy",
    "TokenError",
    "VerifiedClaims",
    "Verifier",
    "find_project",
]


def __getattr__(name: str) -> object:
    # The models bring pydantic, which takes longer to import than all the rest.
    if name in {"AuthConfig", "ClientAuth"}:
        from syncrules.auth import config

        model: object = getattr(config, name)
        return model
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
