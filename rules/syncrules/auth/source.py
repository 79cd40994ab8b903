"""Where keys come from, and the rules that come with each place.

A token is judged by the rules of the source whose key made its signature, never by those that its
own `iss` suggests.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

DEFAULT_LIFETIME: Final = 86_400
"""Seconds that a token may be issued for, unless Supabase issued it."""
SUPABASE_LIFETIME: Final = 604_800 + 1_200
"""Supabase's longest setting in seconds, and what it may add."""
SUPABASE_AUDIENCE: Final = ("authenticated",)


class SourceKind(StrEnum):
    """The kinds of places, in the order in which their keys are tried; and claims made up by a test."""

    STATIC = "static"
    SUPABASE_SECRET = "supabase-secret"
    JWKS = "jwks"
    SUPABASE_JWKS = "supabase-jwks"
    TESTING = "testing"


class SubjectPolicy(StrEnum):
    """What a `sub` must look like, beyond being a text: see `syncrules.auth.user_id`."""

    OFF = "off"
    LINT = "lint"
    STRICT = "strict"


DEFAULT_POLICIES: Final = {
    SourceKind.STATIC: SubjectPolicy.OFF,
    SourceKind.JWKS: SubjectPolicy.OFF,
    # Other issuers are known to sign with the shared secret, with user ids of their own.
    SourceKind.SUPABASE_SECRET: SubjectPolicy.LINT,
    SourceKind.SUPABASE_JWKS: SubjectPolicy.STRICT,
}


@dataclass(frozen=True, slots=True)
class KeySource:
    """A place of keys and its rules.

    `max_lifetime` is in seconds. `project` is the hosted Supabase project whose keys these are, if known.
    `issuer` is the one `iss` that is accepted; without it, `iss` is free.
    """

    kind: SourceKind
    audience: tuple[str, ...]
    max_lifetime: int
    subject_policy: SubjectPolicy
    project: str | None = None
    allowed_client_ids: frozenset[str] | None = None
    uri: str | None = None
    issuer: str | None = None

    @property
    def is_supabase(self) -> bool:
        """Whether Supabase's own rules apply."""
        return self.kind in {SourceKind.SUPABASE_SECRET, SourceKind.SUPABASE_JWKS}
