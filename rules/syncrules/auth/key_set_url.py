"""The URL of a key set: what may be configured, and how it is written in logs."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, urlsplit

from syncrules.auth.addresses import AddressFilter, is_public, literal
from syncrules.auth.errors import ErrorCode, Problem
from syncrules.auth.quoting import LONG, quoted
from syncrules.auth.supabase import is_local_host

_PRIVATE_ZONES: Final = (".local", ".internal", ".localhost", ".test", ".lan", ".home.arpa")
_PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
_WHOLE_URL: Final = "write all of it, with `https://` (or `http://`) in front"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE | re.ASCII)


def check_key_set_url(text: str, addresses: AddressFilter) -> Iterator[Problem]:
    """Why a URL cannot be that of a key set: no URL, not http, an address that is refused.

    >>> [problem.code.value for problem in check_key_set_url("file:///etc/passwd", AddressFilter())]
    ['PSYNC_S3103']
    """
    scheme = _SCHEME.match(text)
    if not _PRINTABLE.fullmatch(text) or scheme is None:
        yield Problem(ErrorCode.NOT_A_URL, "not-a-url", f"key set address {shown(text)} is not a URL", _WHOLE_URL)
        return
    if scheme[1].lower() not in {"http", "https"}:
        message = f"key set address {shown(text)} is neither http nor https"
        yield Problem(ErrorCode.NOT_HTTP, "not-http", message, _WHOLE_URL)
        return
    parts = _split(text)
    if parts is None or not parts.hostname:
        yield Problem(ErrorCode.NOT_A_URL, "not-a-url", f"key set address {shown(text)} is not a URL", _WHOLE_URL)
        return
    if parts.username is not None or parts.password is not None:
        yield Problem(ErrorCode.NOT_A_URL, "credentials-in-url", "a key set address must not hold a user or password")
        return
    address = literal(parts.hostname)
    refusal = addresses.refusal(address) if address is not None else None
    if refusal is not None:
        yield Problem(refusal.code, "refused-address", f"key set {refusal.message}")


def shown(text: str) -> str:
    """A URL for logs: without user, password, query and fragment, which may be secret.

    >>> shown("https://a:b@example.com/keys?apikey=x")
    '`https://example.com/keys`'
    """
    parts = _split(text)
    if parts is None or not parts.netloc:
        return quoted(text.partition("?")[0].partition("#")[0].rpartition("@")[2])
    return quoted(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}", LONG)


def host_of(text: str) -> str:
    """The host of a URL, in lower case; empty if there is none."""
    parts = _split(text)
    return (parts.hostname or "") if parts is not None else ""


def may_be_public(host: str) -> bool:
    """Whether a host may be on the public network: an address there, or a name that is not plainly local.

    >>> [may_be_public(host) for host in ("127.0.0.1", "backend", "keys.internal", "keys.example.com")]
    [False, False, False, True]
    """
    address = literal(host)
    if address is not None:
        return is_public(address)
    return not is_local_host(host) and not host.endswith(_PRIVATE_ZONES)


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts
