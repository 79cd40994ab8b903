"""A token as text: its form, its header, and where an HTTP request carries it. Nothing is verified here."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from syncrules.auth import base64url
from syncrules.auth.algorithms import ALGORITHMS
from syncrules.auth.errors import ErrorCode, TokenError
from syncrules.auth.quoting import quoted
from syncrules.auth.strict_json import Json, StrictJsonError, read_object
from syncrules.values.frozen import through_slots

MAXIMUM_TOKEN: Final = 16_384
MAXIMUM_HEADER: Final = 8_192
MAXIMUM_KID: Final = 512

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_AUTHORIZATION = re.compile(r"(?:bearer|token) +([^\s]+)", re.IGNORECASE | re.ASCII)
_OTHER_PURPOSES: Final = frozenset(
    {
        "logout+jwt",
        "secevent+jwt",
        "dpop+jwt",
        "oauth-authz-req+jwt",
        "token-introspection+jwt",
        "entity-statement+jwt",
    }
)


@through_slots
@dataclass(frozen=True, slots=True)
class CompactToken:
    """A token whose form and header are allowed. `kid` is empty if it names no key.

    The payload stays encoded until the signature has been checked.
    """

    algorithm: str
    kid: str
    typ: Json
    signed: bytes = field(repr=False)
    payload: str = field(repr=False)
    signature: bytes = field(repr=False)

    def read_payload(self) -> dict[str, Json]:
        """The claims. Raises TokenError unless they are one strict JSON object."""
        return _segment("payload", self.payload)


def read_authorization(header: str | None) -> str:
    """The token of an `Authorization` header, `Bearer` or `Token`. Raises TokenError (no token).

    >>> read_authorization("bearer  abc")
    'abc'
    """
    found = _AUTHORIZATION.fullmatch(header) if isinstance(header, str) else None
    if found is None:
        raise TokenError(ErrorCode.NO_TOKEN, "authentication required")
    return found[1]


@through_slots
@dataclass(frozen=True, slots=True)
class Segments:
    """The three encoded parts of a token, in the alphabet of base64url."""

    header: str = field(repr=False)
    payload: str = field(repr=False)
    signature: str = field(repr=False)


def read_token(text: str) -> CompactToken:
    """The form and the header of a token (RFC 7515 and 7519, read strictly). Raises TokenError."""
    return read_header(split_token(text))


def split_token(text: str) -> Segments:
    """The parts of a token, by its form alone. Raises TokenError.

    >>> split_token("e30.e30.AA")
    Segments()
    """
    if not isinstance(text, str):
        raise _refused("token is not a text")
    if len(text) > MAXIMUM_TOKEN:
        raise _refused(f"token is longer than {MAXIMUM_TOKEN} characters")
    if not _COMPACT.fullmatch(text):
        raise _refused("token is not a well-formed JWT")
    head, payload, signature = text.split(".")
    if len(head) > MAXIMUM_HEADER:
        raise _refused(f"token header is longer than {MAXIMUM_HEADER} characters")
    return Segments(head, payload, signature)


def read_header(segments: Segments) -> CompactToken:
    """A token whose header is allowed and whose signature can be decoded. Raises TokenError."""
    algorithm, kid, kind = _header(segments.header)
    try:
        decoded = base64url.decode(segments.signature)
    except ValueError:
        raise _refused("token signature is not base64url") from None
    signed = f"{segments.header}.{segments.payload}".encode("ascii")
    return CompactToken(algorithm, kid, kind, signed, segments.payload, decoded)


@lru_cache(maxsize=256)
def _header(text: str) -> tuple[str, str, Json]:
    """The algorithm, the kid and the type of an encoded header: the tokens of one key all have the same one."""
    header = _segment("header", text)
    return (*_check_header(header), header.get("typ"))


def _check_header(header: dict[str, Json]) -> tuple[str, str]:
    algorithm, kid = header.get("alg"), header.get("kid", "")
    if not isinstance(algorithm, str):
        raise _refused("token header has no usable `alg`")
    if algorithm not in ALGORITHMS:
        raise _refused(f"token algorithm {quoted(algorithm)} is not allowed")
    if not isinstance(kid, str) or len(kid) > MAXIMUM_KID:
        raise _refused(f"token `kid` is not a string of at most {MAXIMUM_KID} characters")
    if "crit" in header:
        raise _refused("token header has `crit`, and no extension is understood")
    if header.get("b64", True) is not True:
        raise _refused("token header has `b64`, and only encoded payloads are understood")
    match header.get("typ"):
        case str(typ) if typ.lower().removeprefix("application/") in _OTHER_PURPOSES:
            raise _refused(f"token type {quoted(typ)} is for another purpose")
        case _:
            return algorithm, kid


def _segment(name: str, text: str) -> dict[str, Json]:
    try:
        return read_object(base64url.decode(text))
    except ValueError:
        raise _refused(f"token {name} is not base64url") from None
    except StrictJsonError as problem:
        raise _refused(f"token {name} is not acceptable: {problem}") from None


def _refused(message: str) -> TokenError:
    return TokenError(ErrorCode.INVALID_TOKEN, message)
