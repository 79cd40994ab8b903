"""Texts that JavaScript's `Date` reads, and dates as PowerSync writes them: what its `datetime` is made of."""

import re
from typing import Final

from syncrules.values.javascript_time import NO_YEAR, milliseconds, thousandths_of
from syncrules.values.javascript_words import Words
from syncrules.values.julian import DAY, date_of_days

_ISO: Final = re.compile(
    r"(?P<year>[0-9]{4}|[+-][0-9]{6})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
    r"(?:[Tt](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<zone_hours>[0-9]{2}):?(?P<zone_minutes>[0-9]{2}))?)?"
)


def milliseconds_of(text: str) -> int | None:
    """Milliseconds since 1970 of a text that names its zone, or is taken to be in UTC; None for no date.

    >>> milliseconds_of("1970-01-02T00:00:00Z"), milliseconds_of("Jan 1 1970 00:00:01 UTC"), milliseconds_of("bees")
    (86400000, 1000, None)
    """
    text = text.partition("\0")[0]
    found = _ISO.fullmatch(text)
    if found is not None and found["year"] != NO_YEAR:
        iso = _iso(found)
        if iso is not None or found["hour"]:
            return iso
    return Words(text).read()


def year_text(year: int) -> str:
    """A year as PowerSync writes it: four digits, six with a plus from 10000, bare with a minus.

    >>> [year_text(year) for year in (27, 10000, -1)]
    ['0027', '+010000', '-1']
    """
    if year < 0:
        return str(year)
    return f"{year:04d}" if year <= 9999 else f"+{year:06d}"


def date_text(milliseconds: int) -> tuple[str, str]:
    """Milliseconds since 1970 as `YYYY-MM-DD HH:MM:SS` and `.SSS`.

    >>> date_text(-1)
    ('1969-12-31 23:59:59', '.999')
    """
    days, time = divmod(milliseconds, DAY)
    year, month, day = date_of_days(days)
    minutes, rest = divmod(time, 60_000)
    second, fraction = divmod(rest, 1000)
    hour, minute = divmod(minutes, 60)
    return f"{year_text(year)}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}", f".{fraction:03d}"


def _iso(found: re.Match[str]) -> int | None:
    date = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    zone_hours, zone_minutes = int(found["zone_hours"] or 0), int(found["zone_minutes"] or 0)
    if zone_hours > 23 or zone_minutes > 59:
        return None
    zone = (zone_hours * 60 + zone_minutes) * 60 * (-1 if found["sign"] == "-" else 1)
    return milliseconds(date, (hour, minute, second, thousandths_of(found["fraction"] or "0")), zone)
