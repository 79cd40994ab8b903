r"""Text to number: the numeric prefix that SQLite reads, and what JavaScript reads where it differs.

Leading white space is skipped and trailing text ignored; text without a number at its start is 0.
"""

import re
from typing import Final

from syncrules.values.value import INTEGER_MAXIMUM, INTEGER_MINIMUM

JAVASCRIPT_SPACE: Final = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)

_NUMBER: Final = re.compile(
    r"[ \t\n\v\f\r]*(?P<sign>[+-]?)(?:(?P<whole>[0-9]+)(?P<point>\.)?(?P<fraction>(?(point)[0-9]*))"
    r"|\.(?P<only>[0-9]+))(?P<exponent>[eE][+-]?[0-9]+)?"
)
_INTEGER: Final = re.compile(r"[ \t\n\v\f\r]*([+-]?)0*([0-9]*)")
_NONZERO: Final = re.compile(r"[+-]?(?:0[xX]0*[1-9a-fA-F]|0*[1-9])")

_INT64_DIGITS: Final = 19
_SIGNIFICAND_LIMIT: Final = (2**64 - 1 - 9) // 10
_EXPONENT_LIMIT: Final = 10_000


def number_prefix(text: str) -> int | float:
    """The number that text starts with: INTEGER if it is written as one and fits, else REAL.

    >>> [number_prefix(t) for t in ("12 bees", " -1.5e1", ".5", "bees", "9223372036854775808")]
    [12, -15.0, 0.5, 0, 9.223372036854776e+18]
    """
    found = _NUMBER.match(text)
    if found is None:
        return 0
    sign, whole, point, fraction, only, exponent = found.groups()
    if point is None and only is None and exponent is None:
        digits = whole.lstrip("0")
        if len(digits) <= _INT64_DIGITS:
            value = int(sign + (digits or "0"))
            if INTEGER_MINIMUM <= value <= INTEGER_MAXIMUM:
                return value
    return _real(sign, whole or "", fraction or only or "", exponent)


def real_prefix(text: str) -> float:
    """The number that text starts with, as a REAL.

    >>> real_prefix("12 bees")
    12.0
    """
    value = number_prefix(text)
    if value == 0 and (found := _NUMBER.match(text)) is not None and found["sign"] == "-":
        return -0.0
    return float(value)


def integer_prefix(text: str) -> int:
    """The whole number that text starts with, held within 64 bits.

    >>> [integer_prefix(t) for t in ("12.9", "1e3", "-99999999999999999999")]
    [12, 1, -9223372036854775808]
    """
    found = _INTEGER.match(text)
    if found is None:
        return 0
    sign, digits = found.groups()
    if len(digits) > _INT64_DIGITS:
        return INTEGER_MINIMUM if sign == "-" else INTEGER_MAXIMUM
    return max(INTEGER_MINIMUM, min(INTEGER_MAXIMUM, int(sign + (digits or "0"))))


def javascript_truth(text: str) -> bool:
    """Whether JavaScript's `parseInt` reads anything but zero: whole or hexadecimal digits only.

    >>> [javascript_truth(t) for t in ("1", "0.5", "0x10", "bees")]
    [True, False, True, False]
    """
    return _NONZERO.match(text.lstrip(JAVASCRIPT_SPACE)) is not None


def _real(sign: str, whole: str, fraction: str, exponent: str | None) -> float:
    """A REAL from its parts; digits beyond the 19 or 20 that SQLite keeps do not count."""
    digits = (whole + fraction).lstrip("0")
    power = len(digits) - len(fraction)
    if len(digits) >= _INT64_DIGITS:
        head = digits[:_INT64_DIGITS]
        digits = digits[: _INT64_DIGITS + (int(head) < _SIGNIFICAND_LIMIT)]
    if exponent is not None:
        # An exponent of thousands of digits is as good as the limit, and int() would refuse it.
        written = exponent[1:].lstrip("+-").lstrip("0")
        size = int(written or "0") if len(written) < 6 else _EXPONENT_LIMIT
        power += -size if "-" in exponent else size
    return float(f"{sign}0.{digits or '0'}e{power}")
