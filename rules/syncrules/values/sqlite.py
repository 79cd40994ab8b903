"""Conversions and order of SQL values as SQLite has them. NULL is the caller's: only `truth` takes it.

Text that came from bytes that are not UTF-8 keeps those bytes, as lone surrogates.
"""

from typing import Final

from syncrules.values.number_text import integer_prefix, number_prefix, real_prefix
from syncrules.values.real_text import sqlite_real_text
from syncrules.values.value import INTEGER_MAXIMUM, INTEGER_MINIMUM, SqlValue

RANK: Final[dict[type, int]] = {int: 0, float: 0, str: 1, bytes: 2}
"""Numbers sort before text, and text before blobs."""

_EXACT_REAL: Final = 2.0**51
"""Beyond it, SQLite keeps a whole REAL that was read from text."""

_ESCAPED_FIRST: Final = "\udc80"
_ESCAPED_LAST: Final = "\udcff"


def truth(value: SqlValue) -> bool:
    """Whether a condition holds: a number that is not zero, also at the start of text or a blob.

    >>> [truth(x) for x in (1, 0.4, "0.4", "bees", None)]
    [True, True, True, False, False]
    """
    if type(value) is int or type(value) is float:
        return value != 0
    if value is None:
        return False
    return real_prefix(to_text(value)) != 0


def to_text(value: SqlValue) -> str:
    """The text of a value.

    >>> [to_text(x) for x in (1, 1.0, b"bee")]
    ['1', '1.0', 'bee']
    """
    if type(value) is str:
        return value
    if type(value) is float:
        return sqlite_real_text(value)
    if type(value) is bytes:
        return value.decode("utf-8", "surrogateescape")
    return str(value)


def to_blob(value: SqlValue) -> bytes:
    """The bytes of a value's text.

    >>> to_blob(1.0)
    b'1.0'
    """
    if type(value) is bytes:
        return value
    text = to_text(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return b"".join(_character_bytes(character) for character in text)


def to_number(value: SqlValue) -> int | float:
    """The number that arithmetic takes for a value.

    >>> [to_number(x) for x in ("12 bees", "1e2", b"7")]
    [12, 100.0, 7]
    """
    if type(value) is int or type(value) is float:
        return value
    return number_prefix(to_text(value))


def to_real(value: SqlValue) -> float:
    """A value as REAL.

    >>> to_real("1e2")
    100.0
    """
    if type(value) is float:
        return value
    if type(value) is int:
        return float(value)
    return real_prefix(to_text(value))


def to_integer(value: SqlValue) -> int:
    """A value as INTEGER: reals lose their fraction, and nothing leaves the 64 bits.

    >>> [to_integer(x) for x in (-2.9, 1e300, "12 bees", "1e2")]
    [-2, 9223372036854775807, 12, 1]
    """
    if type(value) is int:
        return value
    if type(value) is float:
        return real_as_integer(value)
    return integer_prefix(to_text(value))


def real_as_integer(value: float) -> int:
    """A REAL cut towards zero and held within 64 bits."""
    if -9.223372036854775e18 < value < 9.223372036854775e18:
        return int(value)
    return INTEGER_MINIMUM if value < 0 else INTEGER_MAXIMUM


def to_numeric(value: SqlValue) -> int | float:
    """A value as NUMERIC: numbers stay, text gives an INTEGER where nothing is lost.

    >>> [to_numeric(x) for x in ("1e2", "1.5", 2.0)]
    [100, 1.5, 2.0]
    """
    if type(value) is int or type(value) is float:
        return value
    number = number_prefix(to_text(value))
    if type(number) is float and number.is_integer() and -_EXACT_REAL <= number < _EXACT_REAL:
        return int(number)
    return number


def _character_bytes(character: str) -> bytes:
    if _ESCAPED_FIRST <= character <= _ESCAPED_LAST:
        return character.encode("utf-8", "surrogateescape")
    return character.encode("utf-8", "surrogatepass")
