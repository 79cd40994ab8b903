"""JSON text to Python values and back: strict, exact, and in the order that JavaScript keeps.

INTEGER and REAL stay apart (`1` is an int, `1.0` a float) and integers of any size stay exact until
`from_json` makes them SQL values. Reals print as JavaScript prints them, with `.0` where that would
look like an integer; of an object's keys, those that look like array indexes come first.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from json.encoder import encode_basestring
from typing import Final, NoReturn, cast

from syncrules.values.real_text import javascript_real_text
from syncrules.values.value import INTEGER_MAXIMUM, INTEGER_MINIMUM, EvaluationError, SqlValue

JSON_DEPTH_LIMIT: Final = 500
"""How many arrays and objects may be inside each other."""

JSON_DIGITS_LIMIT: Final = 4300
"""How many digits an integer may have (CPython's own default limit)."""

_INDEX_LIMIT: Final = 2**32 - 1
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
_STRING_OR_FRACTION: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|(?<![0-9.eE+-])\.(?=[0-9])', re.DOTALL)
_PLAIN: Final = frozenset({str, int, bool, type(None)})
_PLAIN_TEXT: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def read_json(text: str) -> object:
    """The value of a JSON text: None, bool, int, float, str, list or dict.

    Raises EvaluationError for anything that is not strict JSON, for a key that an object has twice, and
    beyond the limits of this module. A fraction may lack its leading zero, as deployed data relies on.

    >>> read_json('{"a": [1, 1.0, .5]}')
    {'a': [1, 1.0, 0.5]}
    """
    if text.count("[") + text.count("{") > JSON_DEPTH_LIMIT and _depth(text) > JSON_DEPTH_LIMIT:
        raise _too_deep()
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        repaired = _STRING_OR_FRACTION.sub(lambda found: found[0] if found[0][0] == '"' else "0.", text)
        if repaired != text:
            return read_json(repaired)
        message = f"malformed JSON at character {error.pos + 1}"
        raise EvaluationError(message) from None
    except ValueError:
        message = f"a number in JSON has more than {JSON_DIGITS_LIMIT} digits"
        raise EvaluationError(message) from None
    except RecursionError:
        raise _too_deep() from None


def json_text(value: object) -> str:
    """The JSON text of a parsed value (None, bool, int, float, str, list, tuple or mapping), minified.

    Raises EvaluationError for what has no JSON form: other types, keys that are not text, endless nesting.

    >>> json_text({"b": [1, 1.0, True, None], "2": "é", "1": 1e21})
    '{"1":1e+21,"2":"é","b":[1,1.0,true,null]}'
    """
    if type(value) is dict and _is_plain(value):
        with suppress(ValueError):  # a number with too many digits is refused below, by name
            text = _PLAIN_TEXT(value)
            if text.isascii() or not _SURROGATE.search(text):
                return text
    pieces: list[str] = []
    try:
        _write(value, pieces)
    except RecursionError:
        raise _too_deep() from None
    return "".join(pieces)


def _is_plain(members: dict[object, object]) -> bool:
    """Whether an object is like most rows: Python's own encoder then writes just what `_write` would."""
    if not _PLAIN.issuperset(map(type, members.values())):
        return False
    return all(type(name) is str and not name[:1].isdigit() for name in members)


def json_string(text: str) -> str:
    r"""A JSON string, quoted: only quotes, backslashes, controls and lone surrogates are escaped.

    >>> print(json_string('say "é"\n'))
    "say \"é\"\n"
    """
    quoted = encode_basestring(text)
    if not quoted.isascii():
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
    return quoted


def json_real(value: float) -> str:
    """A REAL as a JSON number that stays a REAL; infinities are out of range, as SQLite writes them.

    >>> [json_real(x) for x in (1.0, 0.10, 1e-7, -0.0)]
    ['1.0', '0.1', '1e-7', '0.0']
    """
    text = javascript_real_text(value)
    if text[-1] == "y":
        return "-9.0e+999" if text[0] == "-" else "9.0e+999"
    if text == "NaN":
        return "null"
    return text if "." in text or "e" in text else text + ".0"


def members(value: Mapping[str, object]) -> list[tuple[str, object]]:
    """The members of an object, those with keys like array indexes first and in their order.

    >>> members({"b": 1, "10": 2, "9": 3})
    [('9', 3), ('10', 2), ('b', 1)]
    """
    indexes = [key for key in value if is_index(key)]
    if not indexes:
        return list(value.items())
    indexes.sort(key=int)
    others = [key for key in value if not is_index(key)]
    return [(key, value[key]) for key in [*indexes, *others]]


def from_json(value: object) -> SqlValue:
    """The SQL value of a parsed JSON value, as `->>` and `json_each` give it.

    >>> [from_json(x) for x in (True, None, 2**64, [1, 2.0])]
    [1, None, 1.8446744073709552e+19, '[1,2.0]']
    """
    kind = type(value)
    if kind is str or kind is float or value is None:
        return cast("SqlValue", value)
    if kind is int:
        number = cast("int", value)
        return number if INTEGER_MINIMUM <= number <= INTEGER_MAXIMUM else integer_as_real(number)
    if kind is bool:
        return 1 if value else 0
    return json_text(value)


def integer_as_real(value: int) -> float:
    """An integer as a REAL; beyond the range of doubles it is infinite."""
    try:
        return float(value)
    except OverflowError:
        return float("-inf") if value < 0 else float("inf")


def _write(value: object, pieces: list[str]) -> None:
    match value:
        case None:
            pieces.append("null")
        case True:
            pieces.append("true")
        case False:
            pieces.append("false")
        case str():
            pieces.append(json_string(value))
        case int():
            pieces.append(_integer(value))
        case float():
            pieces.append(json_real(value))
        case list() | tuple():
            separator = "["
            for item in value:
                pieces.append(separator)
                _write(item, pieces)
                separator = ","
            pieces.append("[]" if separator == "[" else "]")
        case Mapping():
            separator = "{"
            if not all(isinstance(key, str) for key in value):
                message = "a JSON object has a key that is not a text"
                raise EvaluationError(message)
            for key, item in members(value):
                pieces.append(f"{separator}{json_string(key)}:")
                _write(item, pieces)
                separator = ","
            pieces.append("{}" if separator == "{" else "}")
        case _:
            message = f"a value of type `{type(value).__name__}` has no JSON form"
            raise EvaluationError(message)


def _integer(value: int) -> str:
    try:
        return str(value)
    except ValueError:
        message = f"a number in JSON has more than {JSON_DIGITS_LIMIT} digits"
        raise EvaluationError(message) from None


def is_index(key: str) -> bool:
    """Whether a key is written as JavaScript writes an array's index.

    >>> [is_index(key) for key in ("0", "10", "01", "-1", "a")]
    [True, True, False, False, False]
    """
    return (
        key.isascii() and key.isdigit() and (key[0] != "0" or key == "0") and len(key) <= len(str(_INDEX_LIMIT))
        and int(key) < _INDEX_LIMIT
    )  # fmt: skip


def _depth(text: str) -> int:
    depth = deepest = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        bracket = found[0]
        if bracket in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in "]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        message = "an object in JSON has a key twice"
        raise EvaluationError(message)
    return value


def _refuse_constant(name: str) -> NoReturn:
    message = f"malformed JSON: `{name}` is not a JSON value"
    raise EvaluationError(message)


def _too_deep() -> EvaluationError:
    return EvaluationError(f"JSON is nested more than {JSON_DEPTH_LIMIT} levels deep")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)
