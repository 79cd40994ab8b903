"""What is legal in a configuration but surely not meant, or not safe."""

from collections.abc import Iterator
from typing import Final

from syncrules.auth.algorithms import KeyType, VerificationKey
from syncrules.auth.config import AuthConfig
from syncrules.auth.errors import Notice
from syncrules.auth.key_set_url import host_of, may_be_public, shown
from syncrules.auth.supabase import Connection, Detection, is_local

HASH_BYTES: Final = {"HS256": 32, "HS384": 48, "HS512": 64}
"""The least length of an HMAC key by RFC 7518, section 3.2."""
_PUBLISHED_SECRETS: Final = frozenset(
    {
        b"super-secret-jwt-token-with-at-least-32-characters-long",
        b"your-super-secret-jwt-token-with-at-least-32-characters-long",
    }
)


def configuration_warnings(config: AuthConfig, detection: Detection) -> Iterator[Notice]:
    """Warnings that need no key."""
    section = config.client_auth
    if section.supabase or detection.project is None:
        yield from (one for one in detection.notices if one.code != "supabase-local" or section.supabase_url is None)
    yield from _supabase_warnings(config, detection)
    if section.block_local_jwks:
        yield Notice("deprecated-key", "`block_local_jwks` is deprecated; use `jwks_reject_ip_ranges: [local]`")
    if section.jwks is None and not section.jwks_uri and not section.supabase:
        yield Notice("no-key-source", "no source of keys is configured, so no token can be accepted")
    if not any(section.audience) and (section.jwks is not None or section.jwks_uri):
        message = "`audience` is empty, so no token signed with a key of `jwks` or `jwks_uri` can be accepted"
        yield Notice("audience-not-configured", message)
    for uri in (*(one.uri for one in section.jwks_uri), *filter(None, [section.supabase_url])):
        if uri.lower().startswith("http:") and may_be_public(host_of(uri)):
            yield Notice("insecure-key-set", f"keys from {shown(uri)} are fetched without TLS")


def _supabase_warnings(config: AuthConfig, detection: Detection) -> Iterator[Notice]:
    section = config.client_auth
    if not section.supabase:
        if section.supabase_jwt_secret is not None:
            yield Notice("secret-ignored", "`supabase_jwt_secret` is ignored, because `supabase` is not true")
        if section.supabase_url is not None:
            yield Notice("supabase-url-ignored", "`supabase_url` is ignored, because `supabase` is not true")
        if detection.project is not None:
            message = "the database is Supabase's, but its users' tokens are not trusted: set `supabase: true`"
            yield Notice("supabase-not-enabled", message)
    elif detection.project is None and section.supabase_url is None:
        found = "Supabase Auth is enabled, but the database connection does not name a hosted project"
        if section.supabase_jwt_secret is None:
            message = f"{found}, so no token can be accepted: set `supabase_url`"
            yield Notice("supabase-no-project", message)
        else:
            message = f"{found}, so only tokens signed with the shared secret are accepted"
            yield Notice("supabase-no-key-set", message)


def secret_warnings(key: VerificationKey, name: str, connection: Connection | None) -> Iterator[Notice]:
    """Warnings about a shared secret that is short for its algorithm, or that everybody knows."""
    if key.key_type is not KeyType.OCT or not isinstance(key.material, bytes):
        return
    wanted = max(HASH_BYTES[algorithm] for algorithm in key.algorithms)
    if len(key.material) < wanted:
        message = f"{name} has {len(key.material)} bytes, and its algorithm asks for {wanted}"
        yield Notice("weak-hmac-key", message)
    if key.material in _PUBLISHED_SECRETS and not (connection is not None and is_local(connection)):
        yield Notice("published-secret", f"{name} is a published default: anybody can sign with it")
