"""unixepoch and datetime: times of ISO 8601 texts, Julian days and Unix seconds, all in UTC.

Known modifiers are `subsec`, `subsecond` and `unixepoch`, as deployed services have them; any other
gives NULL. There is no `now`: rules have no clock.
"""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final

from syncrules.functions.function import Example, Function, nullable, table
from syncrules.values.kinds import Kind
from syncrules.values.value import SqlValue

_ISO: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?\s*(Z|z|[+-]\d{2}:?\d{2})?"
)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_JULIAN_EPOCH: Final = 2440587.5
"""The Julian day of 1970-01-01 00:00 UTC."""
_DAY: Final = 86_400_000
"""Milliseconds."""
_FRACTIONS: Final = ("subsec", "subsecond")


def _milliseconds(value: SqlValue, modifiers: tuple[SqlValue, ...]) -> tuple[int, bool] | None:
    """Milliseconds since 1970, and whether fractions of a second are wanted; None for no time."""
    wanted = [modifier for modifier in modifiers if modifier is not None]
    if any(modifier not in (*_FRACTIONS, "unixepoch") for modifier in wanted):
        return None
    fraction = any(modifier in _FRACTIONS for modifier in wanted)
    match value:
        case str() if (found := _ISO.fullmatch(value.strip())) is not None:
            moment = _moment(found)
        case str() if _NUMBER.fullmatch(value) and "unixepoch" not in wanted:
            moment = round((float(value) - _JULIAN_EPOCH) * _DAY)
        case int() | float():
            moment = round(value * 1000) if "unixepoch" in wanted else round((value - _JULIAN_EPOCH) * _DAY)
        case _:
            return None
    return None if moment is None else (moment, fraction)


def _moment(found: re.Match[str]) -> int | None:
    year, month, day = (int(found[place]) for place in (1, 2, 3))
    hour, minute, second = (int(found[place] or 0) for place in (4, 5, 6))
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour <= 24 and minute < 60 and second < 60 and year >= 1):
        return None
    overflow = max(0, day - monthrange(year, month)[1])
    start = datetime(year, month, day - overflow, tzinfo=UTC) + timedelta(days=overflow, hours=hour, minutes=minute)
    fraction = int(((found[7] or "") + "000")[:3])
    zone = found[8] or "Z"
    offset = 0 if zone in "Zz" else int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[-2:]))
    whole = (start - _EPOCH) // timedelta(milliseconds=1)
    return whole + second * 1000 + fraction - offset * 60_000


def _unixepoch(value: SqlValue = None, *modifiers: SqlValue) -> SqlValue:
    found = _milliseconds(value, modifiers)
    if found is None:
        return None
    moment, fraction = found
    return moment / 1000 if fraction else moment // 1000


def _datetime(value: SqlValue = None, *modifiers: SqlValue) -> SqlValue:
    found = _milliseconds(value, modifiers)
    if found is None:
        return None
    moment, fraction = found
    try:
        when = _EPOCH + timedelta(milliseconds=moment)
    except OverflowError:
        return None
    text = when.strftime("%m-%d %H:%M:%S")
    return f"{when.year:04d}-{text}" + (f".{when.microsecond // 1000:03d}" if fraction else "")


DATES: Final = table(
    Function(
        name="unixepoch",
        minimum=1,
        maximum=None,
        strict=False,
        sqlite=_unixepoch,
        powersync=_unixepoch,
        result=nullable(Kind.INTEGER, Kind.REAL, Kind.NULL),
        doc="A time as seconds since 1970; with 'subsec', with fractions.",
        examples=(
            Example("unixepoch('2027-06-05')", 1812153600),
            Example("unixepoch('2027-06-05T04:03:02.5Z', 'subsec')", 1812168182.5),
        ),
    ),
    Function(
        name="datetime",
        minimum=1,
        maximum=None,
        strict=False,
        sqlite=_datetime,
        powersync=_datetime,
        result=nullable(Kind.TEXT, Kind.NULL),
        doc="A time as `YYYY-MM-DD HH:MM:SS`; with 'unixepoch', of seconds since 1970.",
        examples=(Example("datetime(1759276800, 'unixepoch')", "2025-10-01 00:00:00"),),
    ),
)
