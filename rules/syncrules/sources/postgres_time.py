"""Moments and times of day as PostgreSQL writes them (ISO, in UTC), in the forms that rules files choose."""

import re
from typing import Final

from syncrules.plan.source_format import SourceFormat

_MOMENT: Final = re.compile(r"(\d{4,})(-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00)?( BC)?")
_ENDS: Final = {"infinity": ("9999-12-31", "23:59:59"), "-infinity": ("0000-01-01", "00:00:00")}
_DIGITS: Final = {None: 6, "seconds": 0, "milliseconds": 3, "microseconds": 6, "nanoseconds": 6}
"""PostgreSQL keeps microseconds: more digits are not made up."""


def moment(text: str, zone: str, form: SourceFormat) -> str:
    """A `timestamp` (`zone` is empty) or a `timestamptz` (`Z`). Years before 1 count as in ISO 8601: 1 BC is 0000.

    >>> moment("2030-01-31 12:00:00.25+00", "Z", SourceFormat("iso8601"))
    '2030-01-31T12:00:00.250000Z'
    >>> moment("-infinity", "", SourceFormat("spaced"))
    '0000-01-01 00:00:00'
    """
    if text in _ENDS:
        (date, clock), fraction = _ENDS[text], ""
    else:
        found = _MOMENT.fullmatch(text)
        assert found is not None, "timestamps are read as ISO, in UTC"
        date, clock, fraction = f"{_year(found[1], found[5])}{found[2]}", found[3], found[4] or ""
    between = "T" if form.timestamps == "iso8601" else " "
    return f"{date}{between}{clock}{_fraction(fraction, form)}{zone}"


def time_of_day(text: str, form: SourceFormat) -> str:
    """A `time`.

    >>> time_of_day("17:42:01.12", SourceFormat("iso8601", "milliseconds"))
    '17:42:01.120'
    """
    clock, _, fraction = text.partition(".")
    return f"{clock}{_fraction(fraction, form)}"


def _fraction(digits: str, form: SourceFormat) -> str:
    if form.timestamps == "iso8601":
        digits = digits.ljust(6, "0")[: _DIGITS[form.precision]]
    return f".{digits}" if digits else ""


def _year(year: str, era: str | None) -> str:
    if era is None or year == "0001":
        return year if era is None else "0000"
    return f"-{int(year) - 1:04d}"
