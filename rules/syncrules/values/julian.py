"""The calendar in days and milliseconds: Gregorian dates, also before 1582, and Julian days.

A Julian day starts at noon; its count is held in milliseconds, so that nothing is rounded.
"""

from typing import Final

Date = tuple[int, int, int]
"""Year (0 is 1 BC), month from 1, day from 1."""

DAY: Final = 86_400_000
"""Milliseconds."""

UNIX_EPOCH: Final = 210_866_760_000_000
"""The Julian day of 1970-01-01 00:00, in milliseconds."""

JULIAN_MAXIMUM: Final = 464_269_060_799_999
"""The last millisecond of the year 9999, where SQLite's times end; they start at 0."""

_HALF_DAY: Final = DAY // 2
_EPOCH_DAY: Final = (UNIX_EPOCH + _HALF_DAY) // DAY
_ERA: Final = 146_097
"""The days of 400 years, after which the calendar repeats."""
_BEFORE_1970: Final = 719_468
"""Days from 0000-03-01 to 1970-01-01."""


def days_of(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date. A day past the end of its month runs into the next one.

    >>> days_of(1970, 1, 1), days_of(2027, 2, 29) == days_of(2027, 3, 1)
    (0, True)
    """
    years = year - (month < 3)
    era, of_era = divmod(years, 400)
    of_year = (153 * ((month - 3) % 12) + 2) // 5 + day - 1
    return era * _ERA + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _BEFORE_1970


def date_of_days(days: int) -> Date:
    """The date that is so many days after 1970-01-01.

    >>> date_of_days(20974), date_of_days(-719529)
    ((2027, 6, 5), (-1, 12, 31))
    """
    era, of_era = divmod(days + _BEFORE_1970, _ERA)
    years = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    march = (5 * of_year + 2) // 153
    month = (march + 2) % 12 + 1
    return era * 400 + years + (month < 3), month, of_year - (153 * march + 2) // 5 + 1


def julian_of(year: int, month: int, day: int) -> int:
    """The Julian day of a date at 00:00, in milliseconds.

    >>> julian_of(1970, 1, 1) == UNIX_EPOCH
    True
    """
    return UNIX_EPOCH + days_of(year, month, day) * DAY


def date_of_julian(julian: int) -> Date:
    """The date of a Julian day in milliseconds.

    >>> date_of_julian(0)
    (-4713, 11, 24)
    """
    return date_of_days((julian + _HALF_DAY) // DAY - _EPOCH_DAY)


def time_of_julian(julian: int) -> int:
    """Milliseconds since midnight, of a Julian day in milliseconds.

    >>> time_of_julian(0) == 12 * 3_600_000
    True
    """
    return (julian + _HALF_DAY) % DAY


def days_past_month(year: int, month: int, day: int) -> int:
    """How far a day lies past the end of its month: 0 where the month has the day.

    >>> days_past_month(2027, 2, 30), days_past_month(2028, 2, 29)
    (2, 0)
    """
    following = days_of(year + month // 12, month % 12 + 1, 1)
    return max(0, days_of(year, month, day) - following + 1)
