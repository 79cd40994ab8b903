"""A time as SQLite holds it between the modifiers of a date function, and the texts that give one.

SQLite keeps what was written (2027-02-30, 24:00, a number without a unit) for as long as no modifier needs
the true day; some results show it. So a moment has parts that may be missing, and `settled` fills them in.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from syncrules.values import sqlite
from syncrules.values.julian import (
    DAY,
    JULIAN_MAXIMUM,
    Date,
    date_of_days,
    date_of_julian,
    days_of,
    days_past_month,
    julian_of,
    time_of_julian,
)
from syncrules.values.number_text import real_prefix
from syncrules.values.value import EvaluationError, SqlValue

_SPACE: Final = r"[ \t\n\v\f\r]*"
_CLOCK: Final = re.compile(
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?"
    rf"{_SPACE}+(?:(?P<utc>[Zz])|(?P<sign>[+-])(?P<zone_hours>[0-9]{{2}}):(?P<zone_minutes>[0-9]{{2}}))?{_SPACE}"
)
_DATE: Final = re.compile(r"(-?)([0-9]{4})-([0-9]{2})-([0-9]{2})[ \t\n\v\f\rT]*")
_NUMBER: Final = re.compile(rf"{_SPACE}[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?{_SPACE}")

YEAR_MINIMUM: Final = -4713
YEAR_MAXIMUM: Final = 9999
_UNWRITTEN_DATE: Final = (2000, 1, 1)
"""The date of a time that is written without one."""
_JULIAN_DAYS: Final = 5373484.5
"""Julian days from here on lie beyond the year 9999."""
_ZONE_HOURS: Final = 14
_FRACTION_MAXIMUM: Final = 0.999
"""A fraction is never rounded up to the next second."""
CLOCK_WORDS: Final = frozenset({"now", "subsec", "subsecond"})
"""Time values that stand for the current time."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as written: `second` in milliseconds; `zone` in minutes east of UTC, None if not written."""

    hour: int
    minute: int
    second: int
    zone: int | None = None

    def milliseconds(self) -> int:
        """Milliseconds since midnight, the zone aside."""
        return (self.hour * 60 + self.minute) * 60_000 + self.second


@dataclass(frozen=True, slots=True)
class Moment:
    """A time: at least one of `julian` (milliseconds), `date` with or without `clock`, and `number`.

    `number` is one whose unit a first modifier may still change. `past_month` is how many days the last
    date lay past the end of its month. Without any part, it is the first day of 2000.
    """

    julian: int | None = None
    date: Date | None = None
    clock: Clock | None = None
    number: float | None = None
    past_month: int = 0
    is_utc: bool = False
    is_local: bool = False
    subsecond: bool = False
    failed: bool = False


FAILED: Final = Moment(failed=True)


def moment_of(value: SqlValue) -> Moment | None:
    """The moment of a time value; None where it is none. EvaluationError for the current time.

    >>> moment_of("2027-06-05").date, moment_of(2461562).julian, moment_of("bees")
    ((2027, 6, 5), 212678956800000, None)
    """
    match value:
        case None:
            return None
        case int() | float():
            return of_number(float(value))
        case _:
            return _of_text(sqlite.to_text(value).partition("\0")[0])


def of_number(number: float) -> Moment:
    """The moment of a number: a Julian day, if it is within SQLite's years."""
    julian = int(number * DAY + 0.5) if 0.0 <= number < _JULIAN_DAYS else None
    return Moment(julian=julian, number=number)


def clock_of(text: str) -> Clock | None:
    """The time of day that a text is: `HH:MM`, `HH:MM:SS`, `HH:MM:SS.SSS`, each with `Z` or `±HH:MM`.

    >>> clock_of("04:03:02.5+02:00")
    Clock(hour=4, minute=3, second=2500, zone=120)
    """
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    fraction = min(float(f"0.{found['fraction'] or 0}"), _FRACTION_MAXIMUM)
    if hour > 24 or minute > 59 or second > 59:
        return None
    if hour == 24 and (minute or second or (found["fraction"] or "").strip("0")):
        return None
    zone = 0 if found["utc"] else None
    if found["sign"]:
        hours, minutes = int(found["zone_hours"]), int(found["zone_minutes"])
        if hours > _ZONE_HOURS or minutes > 59:
            return None
        zone = (hours * 60 + minutes) * (-1 if found["sign"] == "-" else 1)
    return Clock(hour, minute, int((second + fraction) * 1000 + 0.5), zone)


def number_of(text: str) -> float | None:
    """The number that a whole text is, white space around it aside."""
    return real_prefix(text) if _NUMBER.fullmatch(text) else None


def settled(moment: Moment) -> Moment:
    """The moment with its Julian day; a zone other than UTC is then gone. `FAILED` outside SQLite's years."""
    if moment.julian is not None:
        return moment
    date = moment.date or _UNWRITTEN_DATE
    if moment.number is not None or not YEAR_MINIMUM <= date[0] <= YEAR_MAXIMUM:
        return FAILED
    julian = julian_of(*date)
    if moment.clock is None:
        return replace(moment, julian=julian)
    julian += moment.clock.milliseconds()
    if not moment.clock.zone:
        known = replace(moment, julian=julian)
        return only_julian(known) if moment.clock.hour == 24 else known
    julian -= moment.clock.zone * 60_000
    return replace(moment, julian=julian, date=None, clock=None, is_utc=True, is_local=False)


def dated(moment: Moment) -> Moment:
    """The moment with its date. `FAILED` outside SQLite's years."""
    if moment.date is not None:
        return moment
    if moment.julian is None:
        return replace(moment, date=_UNWRITTEN_DATE)
    return replace(moment, date=date_of_julian(moment.julian)) if is_in_range(moment.julian) else FAILED


def clocked(moment: Moment) -> Moment:
    """The moment with its date and its time of day."""
    whole = dated(moment)
    if whole.clock is not None:
        return whole
    whole = settled(whole)
    time = time_of_julian(whole.julian or 0)
    minutes, second = divmod(time, 60_000)
    return replace(whole, clock=Clock(*divmod(minutes, 60), second), number=None)


def only_julian(moment: Moment) -> Moment:
    """The moment without the date and time that were written: its Julian day says it all."""
    return replace(moment, date=None, clock=None)


def is_in_range(julian: int) -> bool:
    """Whether SQLite has this time: from Julian day 0 to the end of the year 9999."""
    return 0 <= julian <= JULIAN_MAXIMUM


def _of_text(text: str) -> Moment | None:
    if (found := _DATE.match(text)) is not None:
        return _of_date(found, text[found.end() :])
    if (clock := clock_of(text)) is not None:
        return Moment(clock=clock, is_utc=clock.zone == 0)
    if text.isascii() and text.lower() in CLOCK_WORDS:
        message = f"`{text}` is the current time, and rules have no clock"
        raise EvaluationError(message)
    number = number_of(text)
    return None if number is None else of_number(number)


def _of_date(found: re.Match[str], rest: str) -> Moment | None:
    year, month, day = (int(found[place]) for place in (2, 3, 4))
    clock = clock_of(rest)
    if not (1 <= month <= 12 and 1 <= day <= 31) or (rest and clock is None):
        return None
    if clock is not None and clock.hour == 24:
        year, month, day = date_of_days(days_of(year, month, day) + 1)
        clock = replace(clock, hour=0)
        if year > YEAR_MAXIMUM:
            return FAILED
    # SQLite reads the minus last: -0001-12-31 24:00 is the first day of -0002.
    date = (-year if found[1] else year, month, day)
    moment = Moment(date=date, clock=clock, past_month=days_past_month(*date))
    if clock is None or not clock.zone:
        return replace(moment, is_utc=clock is not None and clock.zone == 0)
    return settled(replace(moment, is_utc=True))
