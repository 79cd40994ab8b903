r"""The texts in which PostgreSQL writes arrays, composite values and ranges, taken apart.

What is inside stays text, None for NULL: what it means depends on the type.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

Items = list["str | Items | None"]
"""The elements of an array, or of an array in it."""

_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_DOUBLED: Final = re.compile(r'""|\\(.)', re.DOTALL)
_QUOTED: Final = r'"((?:[^"\\]|""|\\.)*+)"'
_FIELD: Final = re.compile(rf'(?:{_QUOTED}|([^",()\\]*))[,)]', re.DOTALL)
_BOUND: Final = rf'(?:{_QUOTED}|([^",()\[\]\\]*))'
_RANGE: Final = re.compile(rf"([\[(]){_BOUND},{_BOUND}([\])])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RangeText:
    """A range that is not empty. A bound that is None is open."""

    lower: str | None
    upper: str | None
    is_lower_exclusive: bool
    is_upper_exclusive: bool


def array_items(text: str, delimiter: str = ",") -> Items:
    r"""The elements of an array; those of several dimensions are lists of lists. Where it starts to count is forgotten.

    >>> array_items('[0:1]={{1,NULL},{"a \\"b\\"","NULL"}}')
    [['1', None], ['a "b"', 'NULL']]
    """
    if text.rfind("{") == 0 and '"' not in text:
        return [None if item == "NULL" else item for item in text[1:-1].split(delimiter)] if text != "{}" else []
    found: Items = []
    within: list[Items] = [found]
    for token in _array_token(delimiter).finditer(text, text.index("{")):
        match token[0][0]:
            case "{":
                inner: Items = []
                within[-1].append(inner)
                within.append(inner)
            case "}":
                within.pop()
            case '"':
                within[-1].append(_ESCAPED.sub(r"\1", token[0][1:-1]))
            case _:
                within[-1].append(None if token[0] == "NULL" else token[0])
    whole = found[0]
    assert isinstance(whole, list)
    return whole


@cache
def _array_token(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf'[{{}}]|"(?:[^"\\]|\\.)*+"|[^{{}}"{re.escape(delimiter)}]+', re.DOTALL)


def composite_fields(text: str) -> list[str | None]:
    """The fields of a composite value.

    >>> composite_fields('(1,,"a ""b"", c","")')
    ['1', None, 'a "b", c', '']
    """
    return [_part(found[1], found[2]) for found in _FIELD.finditer(text, 1)]


def range_text(text: str) -> RangeText | None:
    """The bounds of a range; None if it is empty.

    >>> range_text('["2030-01-01 00:00:00",)')
    RangeText(lower='2030-01-01 00:00:00', upper=None, is_lower_exclusive=False, is_upper_exclusive=True)
    """
    return None if text == "empty" else next(range_texts(text))


def range_texts(text: str) -> Iterator[RangeText]:
    """The ranges of a multirange.

    >>> [each.upper for each in range_texts("{[1,3),[5,7)}")]
    ['3', '7']
    """
    for found in _RANGE.finditer(text):
        lower, upper = _part(found[2], found[3]), _part(found[4], found[5])
        yield RangeText(lower, upper, found[1] == "(", found[6] == ")")


def _part(quoted: str | None, plain: str) -> str | None:
    if quoted is not None:
        return _DOUBLED.sub(lambda found: found[1] or '"', quoted)
    return plain or None
