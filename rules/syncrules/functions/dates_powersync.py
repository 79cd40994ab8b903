"""Times as PowerSync's default engine has them: JavaScript's dates, and few modifiers.

Text of digits is a Julian day, and other text what `Date` reads. Known modifiers are `subsec` and
`subsecond`, after which the others do not count, and `unixepoch`, which only numbers heed. A first NULL
ends the modifiers too; any other gives NULL.
"""

import re
from typing import Final

from syncrules.values.javascript_date import date_text, milliseconds_of
from syncrules.values.javascript_time import LIMIT
from syncrules.values.value import SqlValue

_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_ZONE: Final = re.compile(r"[Zz]|[+-][0-9]{2}:[0-9]{2}\Z")
"""What PowerSync takes for a zone: an offset at the end, but a `z` anywhere. Other texts are made to end in `Z`."""
_EPOCH_DAYS: Final = 2440587.5
"""The Julian day of 1970-01-01 00:00."""


def unix_seconds(value: SqlValue, modifiers: tuple[SqlValue, ...]) -> int | float | None:
    """Seconds since 1970; REAL, with milliseconds, after `subsec`. None for no time or no modifier.

    >>> unix_seconds("2027-06-05T04:03+02:00", ()), unix_seconds(1.5, ("unixepoch", "subsec"))
    (1812160980, 1.5)
    """
    found = _milliseconds(value, modifiers)
    if found is None:
        return None
    return found / 1000 if _has_fraction(modifiers) else found // 1000


def date_and_time(value: SqlValue, modifiers: tuple[SqlValue, ...]) -> str | None:
    """`YYYY-MM-DD HH:MM:SS`; with `.SSS` after `subsec`. None for no time or no modifier.

    >>> date_and_time("6/5/2027", ()), date_and_time(253402300800, ("unixepoch",))
    ('2027-06-05 00:00:00', '+010000-01-01 00:00:00')
    """
    found = _milliseconds(value, modifiers)
    if found is None:
        return None
    text, fraction = date_text(found)
    return text + fraction if _has_fraction(modifiers) else text


def _milliseconds(value: SqlValue, modifiers: tuple[SqlValue, ...]) -> int | None:
    match modifiers:
        case () | (None | "subsec" | "subsecond", *_):
            return _of_value(value)
        case ("unixepoch",) | ("unixepoch", None | "subsec" | "subsecond", *_):
            return _whole(float(value) * 1000) if isinstance(value, (int, float)) else _of_value(value)
        case _:
            return None


def _has_fraction(modifiers: tuple[SqlValue, ...]) -> bool:
    match modifiers:
        case ("subsec" | "subsecond", *_) | ("unixepoch", "subsec" | "subsecond", *_):
            return True
        case _:
            return False


def _of_value(value: SqlValue) -> int | None:
    match value:
        case int() | float():
            return _of_julian_day(float(value))
        case str() if _NUMBER.fullmatch(value):
            return _of_julian_day(float(value))
        case str():
            return milliseconds_of(value if _ZONE.search(value) else value + "Z")
        case _:
            return None


def _of_julian_day(days: float) -> int | None:
    # Multiplied in these steps, as PowerSync does: one step would round differently.
    return _whole((days - _EPOCH_DAYS) * 24 * 60 * 60 * 1000)


def _whole(milliseconds: float) -> int | None:
    """Milliseconds without their fraction; None beyond JavaScript's dates."""
    return int(milliseconds) if -LIMIT <= milliseconds <= LIMIT else None
