"""Base64url as RFC 7515 wants it: no padding, no other alphabet, and one text for each byte string."""

import binascii
import re
from base64 import urlsafe_b64encode

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_STANDARD = bytes.maketrans(b"-_", b"+/")


def decode(text: str) -> bytes:
    """The bytes of a canonical base64url text. Raises ValueError (without the text) for any other.

    >>> decode("aGk")
    b'hi'
    >>> decode("aGl")
    Traceback (most recent call last):
    ValueError: not canonical base64url
    """
    if not _ALPHABET.fullmatch(text):
        msg = "not base64url without padding"
        raise ValueError(msg)
    standard = text.encode("ascii").translate(_STANDARD)
    try:
        data = binascii.a2b_base64(standard + b"=" * (-len(text) % 4))
    except binascii.Error:
        data = b""
    if binascii.b2a_base64(data, newline=False).rstrip(b"=") != standard:
        msg = "not canonical base64url"
        raise ValueError(msg)
    return data


def encode(data: bytes) -> str:
    """The canonical text of the bytes.

    >>> encode(b"hi")
    'aGk'
    """
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
