"""Texts that JavaScript's `Date` reads word by word, because they are not in the ISO form.

Numbers make up the day and the time in the order they come, words name months and zones, and two digits
make a year near 2000.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from syncrules.values.javascript_time import NO_YEAR, milliseconds, number_of_digits, thousandths_of
from syncrules.values.julian import Date
from syncrules.values.number_text import JAVASCRIPT_SPACE

_ISO_START: Final = re.compile(
    r"(?:[0-9]{4}(?![0-9])|[+][0-9]{6}(?![0-9])|-[0-9]{6}(?![0-9]))"
    r"(?:-(?:0[1-9]|1[0-2])(?![0-9])(?:-(?:0[1-9]|[12][0-9]|3[01])(?![0-9]))?)?"
)
_TOKEN: Final = re.compile(
    rf"(?P<number>[0-9]+)|(?P<space>[{JAVASCRIPT_SPACE}]+)|(?P<open>\()|(?P<word>[^\0-@{JAVASCRIPT_SPACE}]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HALVES: Final = {"am": 0, "pm": 12}
_ZONES: Final = {
    "ut": 0, "utc": 0, "z": 0, "gmt": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_TIME_PARTS: Final = 4


@dataclass(slots=True)
class Words:
    """A text that is not ISO, read from left to right.

    >>> Words("Jun 5, 2027 UTC").read(), Words("bees").read()
    (1812153600000, None)
    """

    text: str
    place: int = 0
    day: list[int] = field(default_factory=list)
    time: list[int] = field(default_factory=list)
    month: int | None = None
    half: int | None = None
    zone_sign: int = 1
    zone_hours: int | None = None
    zone_minutes: int | None = None
    has_number: bool = False

    def read(self) -> int | None:
        """Milliseconds since 1970; None where the words are no date."""
        self._iso_start()
        while self.place < len(self.text):
            found = self._next()
            if found is None or not self._take(found):
                return None
        return self._milliseconds()

    def _iso_start(self) -> None:
        found = _ISO_START.match(self.text)
        if found is None:
            return
        if found[0].startswith(NO_YEAR):
            self.place = len(NO_YEAR)
            return
        sign = -1 if found[0].startswith("-") else 1
        self.day = [int(part) for part in found[0].lstrip("+-").split("-")]
        self.day[0] *= sign
        self.has_number = True
        self.place = found.end()
        # The hyphen before a part that is not two digits is read with what precedes it.
        if len(self.day) < 3:
            self._skip("-")

    def _next(self) -> re.Match[str] | None:
        found = _TOKEN.match(self.text, self.place)
        if found is not None:
            self.place = found.end()
        return found

    def _peek(self) -> str:
        return self.text[self.place : self.place + 1]

    def _skip(self, character: str) -> bool:
        skipped = self._peek() == character
        self.place += skipped
        return skipped

    def _take(self, found: re.Match[str]) -> bool:
        match found.lastgroup:
            case "number":
                self.has_number = True
                return self._takenumber_of_digits(number_of_digits(found[0]))
            case "word":
                return self._take_word(found[0])
            case "open":
                self._skip_parentheses()
                return True
            case "other" if found[0] in "+-" and (self.time or (self.zone_hours == 0 and self.zone_minutes == 0)):
                return self._take_zone(found[0])
            case "other":
                return not (found[0] in "+-)" and self.has_number)
            case _:
                return True

    def _takenumber_of_digits(self, number: int) -> bool:
        if self._skip(":"):
            if self._skip(":"):
                if self.time:
                    return False
                self.time += [number, 0]
                return True
            self.time.append(number)
            if self._peek() == ".":
                self.place += 1
            return len(self.time) <= _TIME_PARTS
        if self._skip(".") and self._expects(number):
            return self._take_fraction(number)
        if self.zone_hours is not None and self.zone_minutes is None and number < 60:
            self.zone_minutes = number
            return True
        if self._expects(number):
            self._end_time(number)
            following = self._peek()
            return (
                following in ("", "+", "-")
                or following in JAVASCRIPT_SPACE
                or self.text[self.place :].lower() == "z"
                or re.match(rf"[Zz](?=[\0-@{JAVASCRIPT_SPACE}])", self.text[self.place :]) is not None
            )
        self.day.append(number)
        self._skip("-")
        return len(self.day) <= 3

    def _expects(self, number: int) -> bool:
        return (len(self.time) in (1, 2) and number < 60) or (len(self.time) == 3 and number < 1000)

    def _take_fraction(self, number: int) -> bool:
        self.time.append(number)
        found = self._next()
        if found is None or found.lastgroup != "number":
            return False
        self._end_time(thousandths_of(found[0]))
        return True

    def _end_time(self, number: int) -> None:
        """The last part of a time, wherever it stands: 04:03.5 has 500 seconds, and so is none."""
        self.time = [*self.time, number, 0, 0, 0][:_TIME_PARTS]

    def _take_word(self, word: str) -> bool:
        name = word.lower()
        if name in _HALVES and self.time:
            self.half = _HALVES[name]
        elif name[:3] in _MONTHS:
            self.month = _MONTHS.index(name[:3]) + 1
            self._skip("-")
        elif name in _ZONES and self.has_number:
            self.zone_sign = -1 if _ZONES[name] < 0 else 1
            self.zone_hours, self.zone_minutes = abs(_ZONES[name]), 0
        else:
            return not self.has_number and not self._peek_digit()
        return True

    def _peek_digit(self) -> bool:
        return "0" <= self._peek() <= "9"

    def _take_zone(self, sign: str) -> bool:
        self.zone_sign = -1 if sign == "-" else 1
        self.has_number = True
        found = self._next() if self._peek_digit() else None
        digits = "" if found is None else found[0]
        number = number_of_digits(digits)
        if self._peek() == ":":
            self.zone_hours, self.zone_minutes = number, None
        elif len(digits) in (1, 2):
            self.zone_hours, self.zone_minutes = number, 0
        elif len(digits) in (3, 4):
            self.zone_hours, self.zone_minutes = divmod(number, 100)
        else:
            return False
        return True

    def _skip_parentheses(self) -> None:
        depth = 1
        while depth and self.place < len(self.text):
            depth += {"(": 1, ")": -1}.get(self.text[self.place], 0)
            self.place += 1

    def _milliseconds(self) -> int | None:
        date = self._date()
        if date is None:
            return None
        hour, minute, second, thousandths = self.time + [0] * (_TIME_PARTS - len(self.time))
        if self.half is not None:
            if hour > 12:
                return None
            hour = hour % 12 + self.half
        # Seconds of a zone are counted in 32 bits, and are refused with a sign.
        zone = ((self.zone_hours or 0) * 3600 + (self.zone_minutes or 0) * 60) % 2**32
        if zone >= 2**31:
            return None
        return milliseconds(date, (hour, minute, second, thousandths), zone * self.zone_sign)

    def _date(self) -> Date | None:
        if not self.day:
            return None
        first, second, third = self.day + [1] * (3 - len(self.day))
        starts_with_day = 1 <= first <= 31
        match self.month:
            case None:
                year, month, day = (third, first, second) if starts_with_day else (first, second, third)
            case month:
                year, day = (second, first) if starts_with_day else (first, second)
        if 0 <= year <= 99:
            year += 2000 if year < 50 else 1900
        return year, month, day
