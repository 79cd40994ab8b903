"""The parts of JavaScript's dates: digits as it reads them, times of day, and the limits of both."""

from typing import Final

from syncrules.values.julian import DAY, Date, days_of

LIMIT: Final = 100_000_000 * DAY
"""JavaScript's dates end 100 million days from 1970, in milliseconds."""

Time = tuple[int, int, int, int]
"""Hour, minute, second, and thousandths of a second."""

NO_YEAR: Final = "-000000"
"""No year of the ISO form, which has only one year 0."""

_DIGITS: Final = 9
"""Further digits of a number do not count; leading zeros do not count as digits."""


def number_of_digits(digits: str) -> int:
    """The number that digits are.

    >>> number_of_digits("0012"), number_of_digits("1234567890")
    (12, 123456789)
    """
    return int(digits.lstrip("0")[:_DIGITS] or "0")


def thousandths_of(digits: str) -> int:
    """The milliseconds of a fraction; zeros at its start go missing where it has more than nine digits.

    >>> thousandths_of("5"), thousandths_of("9876"), thousandths_of("0123456789")
    (500, 987, 123)
    """
    power: int = 10 ** min(len(digits), _DIGITS)
    return number_of_digits(digits) * 1000 // power


def milliseconds(date: Date, time: Time, zone: int) -> int | None:
    """Milliseconds since 1970 of a date and time in a zone, in seconds east of UTC; None where there are none.

    >>> milliseconds((1970, 1, 1), (24, 0, 0, 0), 3600), milliseconds((1970, 1, 1), (24, 0, 1, 0), 0)
    (82800000, None)
    """
    year, month, day = date
    hour, minute, second, thousandths = time
    if not (1 <= month <= 12 and 1 <= day <= 31 and _is_time(hour, minute, second, thousandths)):
        return None
    since = days_of(year, month, day) * DAY + (hour * 60 + minute) * 60_000 + (second - zone) * 1000 + thousandths
    return since if -LIMIT <= since <= LIMIT else None


def _is_time(hour: int, minute: int, second: int, thousandths: int) -> bool:
    if hour == 24:
        return minute == second == thousandths == 0
    return 0 <= hour < 24 and minute < 60 and second < 60 and thousandths < 1000
