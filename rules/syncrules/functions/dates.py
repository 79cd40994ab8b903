"""unixepoch and datetime: times of ISO 8601 texts, Julian days and Unix seconds, all in UTC.

Rules have no clock: `now` is an error of the row under SQLite's semantics, and no time under PowerSync's.
Nor have they a zone: SQLite's `localtime` and `utc` take local time to be UTC.
"""

from typing import Final

from syncrules.functions import dates_powersync
from syncrules.functions.function import Example, Function, ResultKinds, always, table
from syncrules.values import sqlite_time
from syncrules.values.kinds import Kind
from syncrules.values.semantics import Semantics
from syncrules.values.value import SqlValue

_TIME: Final = "2027-06-05T04:03:02.5Z"
_SECONDS: Final[ResultKinds] = always(Kind.INTEGER, Kind.REAL, Kind.NULL)
_TEXT: Final[ResultKinds] = always(Kind.TEXT, Kind.NULL)


def _sqlite_unixepoch(value: SqlValue = None, *modifiers: SqlValue) -> SqlValue:
    return sqlite_time.unix_seconds(value, modifiers)


def _sqlite_datetime(value: SqlValue = None, *modifiers: SqlValue) -> SqlValue:
    return sqlite_time.date_and_time(value, modifiers)


def _powersync_unixepoch(value: SqlValue = None, *modifiers: SqlValue) -> SqlValue:
    return dates_powersync.unix_seconds(value, modifiers)


def _powersync_datetime(value: SqlValue = None, *modifiers: SqlValue) -> SqlValue:
    return dates_powersync.date_and_time(value, modifiers)


DATES: Final = table(
    Function(
        name="unixepoch",
        minimum=1,
        maximum=None,
        strict=False,
        sqlite=_sqlite_unixepoch,
        powersync=_powersync_unixepoch,
        result=_SECONDS,
        doc="A time as seconds since 1970; with 'subsec', with fractions.",
        examples=(
            Example("unixepoch('2027-06-05')", 1812153600),
            Example(f"unixepoch('{_TIME}', 'subsec')", 1812168182.5),
            Example("unixepoch('2027-06-05', '+1 day')", 1812240000, Semantics.SQLITE),
            Example("unixepoch('2027-06-05', '+1 day')", None, Semantics.POWERSYNC),
        ),
    ),
    Function(
        name="datetime",
        minimum=1,
        maximum=None,
        strict=False,
        sqlite=_sqlite_datetime,
        powersync=_powersync_datetime,
        result=_TEXT,
        doc="A time as `YYYY-MM-DD HH:MM:SS`; with 'unixepoch', of seconds since 1970.",
        examples=(
            Example("datetime(1759276800, 'unixepoch')", "2025-10-01 00:00:00"),
            Example("datetime('2027-06-05', 'start of month')", "2027-06-01 00:00:00", Semantics.SQLITE),
            Example("datetime('6/5/2027')", "2027-06-05 00:00:00", Semantics.POWERSYNC),
        ),
    ),
)
