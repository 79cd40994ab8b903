"""REAL to text: as SQLite 3.54 prints it, and as JavaScript's `Number.prototype.toString` does.

SQLite's conversion is not correctly rounded: it scales the 64-bit significand by a power of ten
that is cut to 64 bits, and rounds the 18 or 19 digits that come out to 17. The steps are followed
here one by one, because a text that differs in its last digit is another bucket.
"""

from functools import lru_cache
from math import frexp, inf
from typing import Final

_WIDTH: Final = 64
_LOG10_OF_2: Final = 78913  # times 2**-18
_POWERS: Final = 700  # every power of ten that a double can need


def sqlite_real_text(value: float) -> str:
    """The text of a REAL in SQLite 3.54: 17 digits, or fewer where fewer give the number back.

    >>> [sqlite_real_text(x) for x in (1.0, 0.1, 1e-5, 2.0**63)]
    ['1.0', '0.1', '1.0e-05', '9.2233720368547758e+18']
    """
    if value == 0.0:
        return "0.0"
    sign = "-" if value < 0.0 else ""
    value = abs(value)
    if value == inf:
        return sign + "Inf"
    digits, exponent = _seventeen_digits(value)
    if exponent < -4 or exponent > 16:
        return f"{sign}{digits[0]}.{digits[1:] or '0'}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole = exponent + 1
    return f"{sign}{digits[:whole].ljust(whole, '0')}.{digits[whole:] or '0'}"


def javascript_real_text(value: float) -> str:
    """The text of a REAL in JavaScript: the shortest that gives the number back, whole ones bare.

    >>> [javascript_real_text(x) for x in (1.0, -0.0, 1e-6, 1e-7, 1e20, 1e21)]
    ['1', '0', '0.000001', '1e-7', '100000000000000000000', '1e+21']
    """
    if value == 0.0:
        return "0"
    text = repr(value)
    if "e" not in text:
        if text.endswith(".0"):
            return text[:-2]
        if text[-1] != "f" and text[-1] != "n":
            return text
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(text, "NaN")
    mantissa, power = text.split("e")
    sign, mantissa = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
    digits, exponent = mantissa.replace(".", ""), int(power)
    if 0 <= exponent <= 20:
        return sign + digits.ljust(exponent + 1, "0")
    if -6 <= exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    return f"{sign}{mantissa}e{'+' if exponent > 0 else '-'}{abs(exponent)}"


def _seventeen_digits(value: float) -> tuple[str, int]:
    """At most 17 digits without trailing zeros, and the power of ten of the first one."""
    scaled, power = _scaled(value)
    digits = str(scaled)
    exponent = power + len(digits) - 1
    shorter = _shorter(digits, exponent, value)
    if shorter is not None:
        return shorter
    rounded = str((scaled // 10 ** (len(digits) - 18) + 5) // 10)
    return rounded.rstrip("0"), exponent + len(rounded) - 17


def _shorter(digits: str, exponent: int, value: float) -> tuple[str, int] | None:
    """The digits up to a tail of nines or zeros, if they give the same number back."""
    if digits[14:16] == "99":
        kept = digits[:14].rstrip("9")
        candidate = str(int(kept or "0") + 1)
        power = exponent + len(candidate) - len(kept)
    elif digits[13:15] == "00" and (exponent >= len(digits) - 1 or digits[15] == "0"):
        candidate, power = digits[:13].rstrip("0"), exponent
    else:
        return None
    if float(f"{candidate[0]}.{candidate[1:]}e{power}") != value:
        return None
    return candidate.rstrip("0"), power


def _scaled(value: float) -> tuple[int, int]:
    """18 or 19 decimal digits of `value`, and the power of ten that they stand before."""
    fraction, binary = frexp(value)
    decimal = 17 - ((binary - 1) * _LOG10_OF_2 >> 18)
    power, shift = _power_of_ten(decimal)
    product = int(fraction * 2.0**_WIDTH) * power >> _WIDTH
    shift += binary
    scaled = product >> -shift
    return scaled + (product >> -shift - 1 & 1), -decimal


@lru_cache(_POWERS)
def _power_of_ten(exponent: int) -> tuple[int, int]:
    """The first 64 bits of a power of ten, and the power of two that they stand before."""
    if exponent >= 0:
        exact = 10**exponent
        surplus = exact.bit_length() - _WIDTH
        return (exact >> surplus if surplus > 0 else exact << -surplus), surplus
    divisor = 10**-exponent
    shift = _WIDTH + divisor.bit_length() - 1
    quotient = (1 << shift) // divisor
    if quotient.bit_length() > _WIDTH:
        shift -= 1
        quotient = (1 << shift) // divisor
    return quotient, -shift
