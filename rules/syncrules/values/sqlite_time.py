"""The results of SQLite's date functions: a time value after its modifiers, as seconds or as text."""

from collections.abc import Sequence
from dataclasses import replace

from syncrules.values import sqlite
from syncrules.values.julian import UNIX_EPOCH
from syncrules.values.sqlite_modifier import modified
from syncrules.values.sqlite_moment import Moment, clocked, is_in_range, moment_of, settled
from syncrules.values.value import SqlValue

_LAST_OF_EVERY_MONTH = 28


def unix_seconds(value: SqlValue, modifiers: Sequence[SqlValue]) -> int | float | None:
    """Seconds since 1970; REAL, with milliseconds, after `subsec`. None where a part has no meaning.

    EvaluationError for the current time. https://www.sqlite.org/lang_datefunc.html

    >>> unix_seconds("2027-06-05", ["+1 day"]), unix_seconds(1.5, ["unixepoch", "subsec"])
    (1812240000, 1.5)
    """
    moment = _resolved(value, modifiers)
    if moment is None or moment.julian is None:
        return None
    milliseconds = moment.julian - UNIX_EPOCH
    return milliseconds / 1000.0 if moment.subsecond else milliseconds // 1000


def date_and_time(value: SqlValue, modifiers: Sequence[SqlValue]) -> str | None:
    """`YYYY-MM-DD HH:MM:SS`; with `.SSS` after `subsec`. None where a part has no meaning.

    EvaluationError for the current time. https://www.sqlite.org/lang_datefunc.html

    >>> date_and_time("2027-06-05T04:03+02:00", []), date_and_time(1.5, ["unixepoch", "subsec"])
    ('2027-06-05 02:03:00', '1970-01-01 00:00:01.500')
    """
    moment = _resolved(value, modifiers)
    whole = None if moment is None else clocked(moment)
    if whole is None or whole.date is None or whole.clock is None:
        return None
    year, month, day = whole.date
    second, fraction = divmod(whole.clock.second, 1000)
    text = f"{abs(year):04d}-{month:02d}-{day:02d} {whole.clock.hour:02d}:{whole.clock.minute:02d}:{second:02d}"
    return ("-" if year < 0 else "") + text + (f".{fraction:03d}" if whole.subsecond else "")


def _resolved(value: SqlValue, modifiers: Sequence[SqlValue]) -> Moment | None:
    moment = moment_of(value)
    for place, modifier in enumerate(modifiers, 1):
        if moment is None or modifier is None:
            return None
        moment = modified(moment, sqlite.to_text(modifier).partition("\0")[0], place)
    if moment is None:
        return None
    moment = settled(moment)
    if moment.failed or moment.julian is None or not is_in_range(moment.julian):
        return None
    is_normalised = not modifiers and moment.date is not None and moment.date[2] > _LAST_OF_EVERY_MONTH
    return replace(moment, date=None) if is_normalised else moment
