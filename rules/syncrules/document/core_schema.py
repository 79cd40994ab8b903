"""What the text of a scalar means: the core schema (YAML 1.2.2, section 10.3)."""

import re
from types import NoneType

from syncrules.document.limits import NUMBER_LENGTH
from syncrules.document.node import Style

TAG_PREFIX = "tag:yaml.org,2002:"
NON_SPECIFIC = "!"

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_REAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"[-+]?\.(?:inf|Inf|INF)")
_NOT_A_NUMBER = frozenset({".nan", ".NaN", ".NAN"})
_NUMBER_STARTS = frozenset("+-.0123456789")

_TYPES = {"null": NoneType, "bool": bool, "int": int, "float": float}

Value = str | int | float | bool | None


class NumberTooLongError(ValueError):
    """A number has more than NUMBER_LENGTH characters."""


class NotOfItsTagError(ValueError):
    """A text is not what its tag says."""


def of_plain(text: str) -> Value:
    """The value of a plain scalar without a tag. Raises NumberTooLongError.

    >>> [of_plain(text) for text in ("0x10", "0o10", "1e3", "yes", "~", "True", "1_000")]
    [16, 8, 1000.0, 'yes', None, True, '1_000']
    """
    if text in _NULL:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    integer = _integer(text)
    if integer is not None:
        return integer
    real = _real(text)
    return text if real is None else real


def of_tagged(text: str, style: Style, tag: str | None) -> Value:
    """The value of a scalar under the tag that it has, if any.

    Raises NotOfItsTagError, NumberTooLongError, and KeyError for a tag that no scalar can have.

    >>> of_tagged("5", Style.DOUBLE_QUOTED, None), of_tagged("5", Style.DOUBLE_QUOTED, TAG_PREFIX + "int")
    ('5', 5)
    """
    if tag is None:
        return of_plain(text) if style is Style.PLAIN else text
    if tag == NON_SPECIFIC:
        return text
    kind = tag.removeprefix(TAG_PREFIX)
    if kind == "str":
        return text
    expected = _TYPES[kind]
    value = _real(text) if expected is float else of_plain(text)
    if type(value) is not expected:
        raise NotOfItsTagError
    return value


def _integer(text: str) -> int | None:
    if _INTEGER.fullmatch(text):
        return int(_short(text))
    if _OCTAL.fullmatch(text):
        return int(_short(text), 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(_short(text), 16)
    return None


def _real(text: str) -> float | None:
    if _REAL.fullmatch(text):
        return float(_short(text))
    if _INFINITY.fullmatch(text):
        return float(text.replace(".", ""))
    return float("nan") if text in _NOT_A_NUMBER else None


def _short(text: str) -> str:
    if len(text) > NUMBER_LENGTH:
        raise NumberTooLongError
    return text
