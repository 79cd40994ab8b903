"""The modifiers of SQLite's date functions: each makes one moment of another.

`localtime` and `utc` take local time to be UTC: what a rule says must not depend on the machine's zone.
"""

import math
import re
from dataclasses import replace
from typing import Final

from syncrules.values.julian import DAY, UNIX_EPOCH, Date, date_of_julian, days_past_month, julian_of, time_of_julian
from syncrules.values.number_text import real_prefix
from syncrules.values.sqlite_moment import (
    Clock,
    Moment,
    clock_of,
    clocked,
    dated,
    is_in_range,
    number_of,
    only_julian,
    settled,
)

_AMOUNT: Final = re.compile(
    r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|(?<=[+-])\.[0-9]+)(?:e[+-]?[0-9]+)?)[ \t\n\v\f\r]+"
    r"(second|minute|hour|day|month|year)s?"
)
_DATE_SHIFT: Final = re.compile(r"([+-])([0-9]{4,5})-([0-9]{2})-([0-9]{2})(?:[ \t\n\v\f\r]([0-9]{2}:.*))?", re.DOTALL)
_CLOCK_SHIFT: Final = re.compile(r"([+-]?)([0-9]{2}:.*)", re.DOTALL)
_UNIX_SECONDS: Final = (-210_866_760_000, 253_402_300_799)
_UNIX_END: Final = 464_269_060_800_000.0
"""The first Julian day in milliseconds that `unixepoch` refuses."""
_YEARS_SHIFT: Final = 14_712
_LOCAL_YEARS: Final = (UNIX_EPOCH, 213_014_145_600_000)
"""1970 to 2038-01-18: between them, `localtime` asks the system; outside, for a similar year about 2000."""
_NO_LOCAL_TIME: Final = julian_of(0, 1, 1)
"""What `localtime` makes of a time beyond SQLite's years."""
_UNITS: Final[dict[str, tuple[float, float]]] = {
    "second": (4.6427e14, 1.0),
    "minute": (7.7379e12, 60.0),
    "hour": (1.2897e11, 3600.0),
    "day": (5373485.0, 86400.0),
    "month": (176546.0, 2592000.0),
    "year": (14713.0, 31536000.0),
}
"""For each unit, the amount that SQLite refuses, and its seconds (those of a month's or a year's fraction)."""


def modified(moment: Moment, modifier: str, place: int) -> Moment | None:
    """The moment after a modifier; `place` counts them from 1. None where it is no modifier there.

    >>> from syncrules.values.sqlite_moment import moment_of
    >>> modified(moment_of("2027-06-05"), "start of month", 1).date
    (2027, 6, 1)
    """
    if not modifier.isascii():
        return None
    match modifier.lower():
        case "auto" | "unixepoch" | "julianday" as unit:
            return _in_unit(moment, unit) if place == 1 else None
        case "subsec" | "subsecond":
            return replace(moment, subsecond=True)
        case "ceiling":
            return replace(only_julian(settled(moment)), past_month=0)
        case "floor":
            return only_julian(_plus(settled(moment), -moment.past_month * DAY))
        case "utc":
            return moment if moment.is_utc else _as_utc(settled(moment).julian or 0)
        case "localtime":
            return _as_local(moment)
        case "start of day" | "start of month" | "start of year" as start:
            return _start(moment, start)
        case text if text.startswith("weekday "):
            return _weekday(moment, number_of(text.removeprefix("weekday ")))
        case text:
            return _shifted(moment, text)


def _in_unit(moment: Moment, unit: str) -> Moment | None:
    number = moment.number
    if unit == "auto" and (number is None or moment.julian is not None):
        return replace(moment, number=None)
    if number is None:
        return None
    if unit == "julianday":
        return None if moment.julian is None else replace(moment, number=None)
    if unit == "auto" and not _UNIX_SECONDS[0] <= number <= _UNIX_SECONDS[1]:
        return moment
    julian = number * 1000.0 + UNIX_EPOCH
    in_range = 0.0 <= julian < _UNIX_END
    return replace(moment, julian=int(julian + 0.5), number=None) if in_range else None


def _as_utc(julian: int) -> Moment:
    """Of what was known only the time is left, not even `subsec`; and an impossible time is day 0.

    SQLite looks for a time beyond its years in four steps, each of which leads further away.
    """
    return Moment(julian=julian if is_in_range(julian) else julian + 3 * (julian - _NO_LOCAL_TIME), is_utc=True)


def _as_local(moment: Moment) -> Moment:
    if moment.is_local:
        return replace(moment, is_utc=False)
    known = settled(moment)
    julian = known.julian or 0
    years = 0
    if not _LOCAL_YEARS[0] <= julian <= _LOCAL_YEARS[1]:
        whole = clocked(known)
        year, month, day = whole.date or (0, 1, 1)
        similar = 2000 + (year % 4 if year >= 0 else -(-year % 4))
        years = year - similar
        clock = whole.clock or Clock(0, 0, 0)
        local = (julian_of(similar, month, day) if whole.date else julian_of(2000, 1, 1)) + clock.milliseconds()
    else:
        local = julian
    year, month, day = date_of_julian(local)
    minutes, second = divmod(time_of_julian(local), 60_000)
    date = (year + years, month, day)
    return Moment(
        date=date,
        clock=Clock(*divmod(minutes, 60), second),
        past_month=known.past_month,
        is_local=True,
        subsecond=known.subsecond,
    )


def _start(moment: Moment, start: str) -> Moment | None:
    if moment.julian is None and moment.date is None and moment.clock is None:
        return None
    whole = dated(moment)
    year, month, day = whole.date or (0, 0, 0)
    match start:
        case "start of month":
            date: Date = (year, month, 1)
        case "start of year":
            date = (year, 1, 1)
        case _:
            date = (year, month, day)
    return replace(whole, julian=None, date=whole.date and date, clock=Clock(0, 0, 0), number=None)


def _weekday(moment: Moment, wanted: float | None) -> Moment | None:
    """The next such day of the week, 0 for Sunday; with a minus, also before the 0, the last one."""
    if wanted is None or not -7.0 < wanted < 7.0 or wanted != int(wanted):
        return None
    whole = clocked(moment)
    clock = whole.clock
    known = settled(replace(whole, julian=None, clock=clock and replace(clock, zone=None)))
    if known.julian is None:
        return known
    weekday = (known.julian + DAY + DAY // 2) // DAY % 7
    days = -((weekday + int(wanted)) % 7) if math.copysign(1.0, wanted) < 0 else (int(wanted) - weekday) % 7
    return only_julian(_plus(known, days * DAY))


def _shifted(moment: Moment, text: str) -> Moment | None:
    if (found := _AMOUNT.fullmatch(text)) is not None:
        return _by_amount(moment, real_prefix(found[1]), found[2])
    if (found := _DATE_SHIFT.fullmatch(text)) is not None:
        return _by_date(moment, found)
    if (found := _CLOCK_SHIFT.fullmatch(text)) is not None:
        return _by_clock(moment, found[1], found[2])
    return None


def _by_amount(moment: Moment, amount: float, unit: str) -> Moment | None:
    limit, seconds = _UNITS[unit]
    if not -limit < amount < limit:
        return None
    known = replace(settled(moment), past_month=0)
    match unit:
        case "month":
            known = _months_later(known, int(amount))
            amount -= int(amount)
        case "year":
            known = _months_later(known, int(amount) * 12)
            amount -= int(amount)
        case _:
            known = settled(known)
    rounding = -0.5 if amount < 0 else 0.5
    return only_julian(_plus(known, int(amount * 1000.0 * seconds + rounding)))


def _by_date(moment: Moment, found: re.Match[str]) -> Moment | None:
    years, months, days = (int(found[place]) for place in (2, 3, 4))
    if years > _YEARS_SHIFT or months > 11 or days > 30:
        return None
    sign = -1 if found[1] == "-" else 1
    later = _months_later(moment, sign * (years * 12 + months))
    later = only_julian(_plus(later, sign * days * DAY))
    return later if found[5] is None else _by_clock(later, found[1], found[5])


def _by_clock(moment: Moment, sign: str, text: str) -> Moment | None:
    clock = clock_of(text)
    if clock is None:
        return None
    time = (clock.milliseconds() - (clock.zone or 0) * 60_000) % DAY
    return only_julian(_plus(settled(moment), -time if sign == "-" else time))


def _months_later(moment: Moment, months: int) -> Moment:
    """The same day of another month, which may lie past its end; settled."""
    whole = clocked(moment)
    if whole.date is None:
        return settled(replace(whole, julian=None))
    year, month, day = whole.date
    more, month = divmod(month - 1 + months, 12)
    date = (year + more, month + 1, day)
    return settled(replace(whole, julian=None, date=date, past_month=days_past_month(*date)))


def _plus(moment: Moment, milliseconds: int) -> Moment:
    return moment if moment.julian is None else replace(moment, julian=moment.julian + milliseconds)
