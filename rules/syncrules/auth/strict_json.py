"""JSON without any of the freedoms that let two readers see two documents.

UTF-8 without a byte order mark, no duplicate names, no NaN or Infinity and no number that overflows
into one, no lone surrogates, a bounded depth. Integers stay int, everything with a fraction or an
exponent is float.
"""

import json
import math
import re
from collections.abc import Callable
from functools import cache
from typing import Final, NoReturn

MAXIMUM_DEPTH: Final = 64

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Pairs = list[tuple[str, Json]]

# A string without its closing quote runs to the end of the text, so that scanning stays linear.
_STRINGS_AND_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class StrictJsonError(Exception):
    """A document that is not strict JSON. The text says why and holds nothing of the document."""


def read_object(data: bytes) -> dict[str, Json]:
    r"""The JSON object in `data`. Raises StrictJsonError for everything else.

    >>> read_object(b'{"a": [1, 1.0]}')
    {'a': [1, 1.0]}
    >>> read_object(b'{"a": 1, "\\u0061": 2}')
    Traceback (most recent call last):
    syncrules.auth.strict_json.StrictJsonError: a name occurs twice in one object
    """
    value = read(data, _unique)
    if not isinstance(value, dict):
        msg = "not a JSON object"
        raise StrictJsonError(msg)
    return value


def read(data: bytes, make_object: Callable[[Pairs], Json]) -> Json:
    """The JSON value in `data`; `make_object` decides about each object's names and values."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        msg = "not UTF-8"
        raise StrictJsonError(msg) from None
    _check_depth(text)
    try:
        value: Json = _decoder(make_object).decode(text)
    except (ValueError, RecursionError):
        msg = "not JSON"
        raise StrictJsonError(msg) from None
    if _SURROGATE_ESCAPE.search(text):
        _check_surrogates(value)
    return value


@cache
def _decoder(make_object: Callable[[Pairs], Json]) -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=make_object, parse_constant=_no_constant, parse_float=_finite)


def last_or_nothing(pairs: Pairs) -> Json:
    """An object, or null where a name occurs twice: the document lives, the doubtful object does not."""
    made = dict(pairs)
    return made if len(made) == len(pairs) else None


def _unique(pairs: Pairs) -> Json:
    made = dict(pairs)
    if len(made) != len(pairs):
        msg = "a name occurs twice in one object"
        raise StrictJsonError(msg)
    return made


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAXIMUM_DEPTH:
        return
    depth = 0
    for token in _STRINGS_AND_BRACKETS.finditer(text):
        match token[0]:
            case "[" | "{":
                depth += 1
                if depth > MAXIMUM_DEPTH:
                    msg = f"nested more than {MAXIMUM_DEPTH} levels deep"
                    raise StrictJsonError(msg)
            case "]" | "}":
                depth -= 1


def _check_surrogates(value: Json) -> None:
    match value:
        case str():
            try:
                value.encode("utf-8")
            except UnicodeEncodeError:
                msg = "a string holds half of a surrogate pair"
                raise StrictJsonError(msg) from None
        case list():
            for item in value:
                _check_surrogates(item)
        case dict():
            for name, item in value.items():
                _check_surrogates(name)
                _check_surrogates(item)
        case _:
            pass


def _no_constant(_: str) -> NoReturn:
    msg = "NaN and Infinity are not JSON"
    raise StrictJsonError(msg)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        msg = "a number is too large"
        raise StrictJsonError(msg)
    return number
