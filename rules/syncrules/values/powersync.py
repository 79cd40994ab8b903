"""Conversions of SQL values where PowerSync's default engine differs from SQLite: it is JavaScript's.

What is not here is as in `syncrules.values.sqlite`. NULL is the caller's: only `truth` takes it.
"""

import re
from typing import Final

from syncrules.values import sqlite
from syncrules.values.number_text import JAVASCRIPT_SPACE, integer_prefix, javascript_truth, number_prefix, real_prefix
from syncrules.values.real_text import javascript_real_text
from syncrules.values.value import SqlValue

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_HIGH: Final = ("\ud800", "\udbff")
_LOW: Final = ("\udc00", "\udfff")


def truth(value: SqlValue) -> bool:
    """Whether a condition holds: a number that is not zero, or text that starts with a whole one.

    >>> [truth(x) for x in (0.4, "1", "0.4", b"1", None)]
    [True, True, False, False, False]
    """
    if type(value) is int or type(value) is float:
        return value != 0
    return type(value) is str and javascript_truth(value)


def to_text(value: SqlValue) -> str:
    """The text of a value: whole reals are bare, and bytes that are not UTF-8 are replaced.

    >>> [to_text(x) for x in (1, 1.0, 1e-7, bytes([255]))]
    ['1', '1', '1e-7', '\ufffd']
    """
    if type(value) is str:
        return value
    if type(value) is float:
        return javascript_real_text(value)
    if type(value) is bytes:
        return value.decode("utf-8", "replace")
    return str(value)


def to_blob(value: SqlValue) -> bytes:
    """The bytes of a value's text; half of a surrogate pair is replaced.

    >>> to_blob(1.0)
    b'1'
    """
    if type(value) is bytes:
        return value
    text = to_text(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", join_pair(text)).encode()


def to_number(value: SqlValue) -> int | float:
    r"""The number that arithmetic takes for a value; every white space of Unicode may lead it.

    >>> to_number("\u00a07")
    7
    """
    if type(value) is int or type(value) is float:
        return value
    return number_prefix(to_text(value).lstrip(JAVASCRIPT_SPACE))


def to_real(value: SqlValue) -> float:
    """A value as REAL."""
    if type(value) is int or type(value) is float:
        return float(value)
    return real_prefix(to_text(value).lstrip(JAVASCRIPT_SPACE))


def to_integer(value: SqlValue) -> int:
    """A value as INTEGER: reals lose their fraction, and nothing leaves the 64 bits."""
    if type(value) is int:
        return value
    if type(value) is float:
        return sqlite.real_as_integer(value)
    return integer_prefix(to_text(value).lstrip(JAVASCRIPT_SPACE))


def join_pair(text: str) -> str:
    """Text whose surrogate halves, put side by side, have become characters again."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def concatenate(left: str, right: str) -> str:
    r"""Two texts in a row; halves of a surrogate pair that meet are one character.

    >>> concatenate("a\ud83d", "\udc1d") == "a\U0001f41d"
    True
    """
    if left and right and _HIGH[0] <= left[-1] <= _HIGH[1] and _LOW[0] <= right[0] <= _LOW[1]:
        return left[:-1] + join_pair(left[-1] + right[0]) + right[1:]
    return left + right


def utf16(text: str) -> bytes:
    """The UTF-16 code units of text, two bytes each, which sort as JavaScript sorts."""
    return text.encode("utf-16-be", "surrogatepass")
