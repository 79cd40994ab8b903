r"""JSON as SQLite reads it: JSON5 is accepted, and every token keeps the text that it came in.

`read_json5` gives None, bool, `JsonNumber`, str, list and `JsonObject`. A number is its canonical text, a
string with escapes is a `JsonString` that remembers them, and an object is a list of pairs, since a key may
come twice. `json5_text` gives the minified text: what SQLite returns for arrays and objects.
"""

import json
import re
from typing import Final, NoReturn

from syncrules.values.number_text import number_prefix
from syncrules.values.value import EvaluationError, SqlValue

SQLITE_JSON_DEPTH_LIMIT: Final = 1000
"""How many arrays and objects may be inside each other (SQLite's own limit)."""


class JsonNumber(str):
    """A number by its canonical text."""

    __slots__ = ()


class JsonString(str):
    """A string whose JSON text, `source`, has escapes."""

    __slots__ = ("source",)
    source: str


class JsonObject(list[tuple[str, object]]):
    """An object: its members in the order of the text."""

    __slots__ = ()


_SPACE: Final = re.compile(
    r"(?:[ \t\n\r\v\f\u00a0\ufeff\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
    r"|/\*.*?\*/|//[^\n\r\u2028\u2029]*)*+",
    re.DOTALL,
)
_ESCAPE: Final = r"""\\(?:["\\/bfnrt'0v\n\u2028\u2029]|\r\n?|u(?P<{0}4>[0-9a-fA-F]{{4}})|x(?P<{0}2>[0-9a-fA-F]{{2}}))"""
_STRING: Final = re.compile(
    r'"(?:[^"\\\x00]++|' + _ESCAPE.format("double") + r""")*+"|'(?:[^'\\\x00]++|""" + _ESCAPE.format("single") + r")*+'"
)
_NUMBER: Final = re.compile(
    r"([+-]?)(?:(0[xX][0-9a-fA-F]+)|((?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))"
)
_INFINITY: Final = re.compile(r"([+-])(?i:inf(?:inity)?)")
_WORD: Final = re.compile(r"(true|false|null|(?i:infinity|inf|nan|qnan|snan))(?![0-9A-Za-z])")
_NAME: Final = re.compile(
    r"(?:[A-Za-z_$]|\\u[0-9a-fA-F]{4}|[^\x00-\x7f])"
    r"(?:[A-Za-z0-9_$]|\\u[0-9a-fA-F]{4}"
    r"|[^\x00-\x7f\u00a0\ufeff\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])*+"
)
_SPECIAL: Final = re.compile(_ESCAPE.format("any") + r'|["\x01-\x1f]')
_MEANING: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_SPELLING: Final = {"\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_UNSIGNED_MAXIMUM: Final = 2**64 - 1


def read_json5(text: str) -> object:
    """The tree of a JSON5 text. Raises EvaluationError where SQLite says `malformed JSON`.

    >>> read_json5("{a: [+1, .5,], 'b': 0x1F}")
    [('a', ['1', '0.5']), ('b', '31')]
    """
    if "\\" not in text and "\x00" not in text:
        # The C decoder reads what is also JSON, as long as no string has a text of its own.
        try:
            return _DECODER.decode(text)
        except (json.JSONDecodeError, RecursionError, _NotJsonError):
            pass
    return _Reader(text.split("\x00", 1)[0]).document()


def json5_text(value: object) -> str:
    """The minified JSON text of a tree.

    >>> json5_text(read_json5(r"{a: [1e2, '\\x41', 'say \\"'], }"))
    '{"a":[1e2,"\\\\u0041","say \\\\""]}'
    """
    kind = type(value)
    if kind is not list and kind is not JsonObject:
        return _scalar_text(value)
    pieces: list[str] = []
    # A stack instead of recursion: the text may be nested deeper than Python's own stack.
    pending: list[object] = [value]
    while pending:
        item = pending.pop()
        match item:
            case _Raw():
                pieces.append(item.text)
            case JsonObject():
                pending.append(_Raw("}"))
                for number, (key, member) in enumerate(reversed(item), 1):
                    pending += (member, _Raw(_scalar_text(key) + ":"))
                    if number < len(item):
                        pending.append(_COMMA)
                pieces.append("{")
            case list():
                pending.append(_Raw("]"))
                for number, element in enumerate(reversed(item), 1):
                    pending.append(element)
                    if number < len(item):
                        pending.append(_COMMA)
                pieces.append("[")
            case _:
                pieces.append(_scalar_text(item))
    return "".join(pieces)


def from_json5(value: object) -> SqlValue:
    """The SQL value of a tree, as SQLite's `->>`, `json_extract` and `json_each` give it.

    >>> [from_json5(read_json5(text)) for text in ("true", "1e2", "18446744073709551616", "[1 , 2]")]
    [1, 100.0, 1.8446744073709552e+19, '[1,2]']
    """
    match value:
        case None:
            return None
        case bool():
            return 1 if value else 0
        case JsonNumber():
            if value is _OVERFLOW:
                message = "a hexadecimal number in JSON has more than 64 bits"
                raise EvaluationError(message)
            return number_prefix(value)
        case JsonString():
            return str(value)
        case str():
            return value
        case _:
            return json5_text(value)


class _NotJsonError(Exception):
    """The text has a constant that only JSON5 knows."""


class _Raw:
    """Text that is ready to be put out."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


_COMMA: Final = _Raw(",")
_OVERFLOW: Final = JsonNumber("9.0e999")


class _Reader:
    """A reader of one text that keeps its open containers on a list of its own."""

    __slots__ = ("place", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def document(self) -> object:
        """The one value of the text."""
        root: list[object] = []
        opened: list[list[object] | JsonObject] = [root]
        keys: list[str] = [""]
        while True:
            container = opened[-1]
            value = self._value()
            if container is root:
                root.append(value)
            elif isinstance(container, JsonObject):
                container.append((keys[-1], value))
            else:
                container.append(value)
            if isinstance(value, list):
                opened.append(value)
                keys.append("")
                if len(opened) > SQLITE_JSON_DEPTH_LIMIT + 1:
                    message = f"JSON is nested more than {SQLITE_JSON_DEPTH_LIMIT} levels deep"
                    raise EvaluationError(message)
            # Close what ends here, until another value must follow.
            while (container := opened[-1]) is not root and self._ends(container):
                opened.pop()
                keys.pop()
            if container is root:
                self._skip()
                if self.place != len(self.text):
                    self._fail()
                return root[0]
            if isinstance(container, JsonObject):
                keys[-1] = self._key()

    def _ends(self, container: list[object] | JsonObject) -> bool:
        closing = "}" if isinstance(container, JsonObject) else "]"
        if container:
            if self._take(closing):
                return True
            if not self._take(","):
                self._fail()
        return self._take(closing)

    def _value(self) -> object:
        self._skip()
        text, place = self.text, self.place
        match text[place : place + 1]:
            case "[":
                self.place += 1
                return []
            case "{":
                self.place += 1
                return JsonObject()
            case '"' | "'":
                return self._string()
        if word := _WORD.match(text, place):
            self.place = word.end()
            return _WORDS[word[1].lower()]
        if infinity := _INFINITY.match(text, place):
            self.place = infinity.end()
            return JsonNumber("-9e999" if infinity[1] == "-" else "9e999")
        if number := _NUMBER.match(text, place):
            self.place = number.end()
            return _canonical_number(number[1], number[2], number[3])
        return self._fail()

    def _key(self) -> str:
        self._skip()
        if self.text[self.place : self.place + 1] in {'"', "'"}:
            key = self._string()
        elif (name := _NAME.match(self.text, self.place)) and not _WORD.match(self.text, self.place):
            self.place = name.end()
            key = json_string_from(name[0])
        else:
            self._fail()
        if not self._take(":"):
            self._fail()
        return key

    def _string(self) -> str:
        found = _STRING.match(self.text, self.place)
        if found is None:
            self._fail()
        self.place = found.end()
        return json_string_from(found[0][1:-1])

    def _take(self, character: str) -> bool:
        self._skip()
        if self.text.startswith(character, self.place):
            self.place += 1
            return True
        return False

    def _skip(self) -> None:
        space = _SPACE.match(self.text, self.place)
        if space is not None:
            self.place = space.end()

    def _fail(self) -> NoReturn:
        message = f"malformed JSON at character {self.place + 1}"
        raise EvaluationError(message)


def json_string_from(body: str) -> str:
    r"""A string from what stands between its quotes, escapes and all.

    >>> json_string_from(r"caf\u00e9").source
    '"caf\\u00e9"'
    """
    if _SPECIAL.search(body) is None:
        return body
    value = JsonString(_PAIR.sub(_joined, _SPECIAL.sub(_meaning, body)))
    value.source = f'"{_SPECIAL.sub(_spelling, body)}"'
    return value


def _meaning(found: re.Match[str]) -> str:
    digits = found["any4"] or found["any2"]
    if digits:
        return chr(int(digits, 16))
    text = found[0]
    if text[0] != "\\":
        return text
    if text[1] in "\r\n\u2028\u2029":
        # A continued line that does not continue leaves the NUL that ends the text in SQLite.
        return "" if found.end() < len(found.string) else "\0"
    return _MEANING.get(text[1], text[1])


def _spelling(found: re.Match[str]) -> str:
    text = found[0]
    if text == '"':
        return r"\""
    if text[0] != "\\":
        return _SPELLING.get(text) or f"\\u{ord(text):04x}"
    match text[1]:
        case "'":
            return "'"
        case "v":
            return r"\u000b"
        case "0":
            return r"\u0000"
        case "x":
            return rf"\u00{text[2:]}"
        case "\r" | "\n" | "\u2028" | "\u2029":
            return ""
        case _:
            return text


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _canonical_number(sign: str, hexadecimal: str | None, decimal: str | None) -> JsonNumber:
    sign = "-" if sign == "-" else ""
    if hexadecimal:
        value = int(hexadecimal, 16)
        return JsonNumber(f"{sign}{value}") if value <= _UNSIGNED_MAXIMUM else _OVERFLOW
    text = decimal or ""
    if text.startswith("."):
        text = "0" + text
    whole, point, rest = text.partition(".")
    if point and not rest[:1].isdigit():
        text = f"{whole}.0{rest}"
    return JsonNumber(sign + text)


def _scalar_text(value: object) -> str:
    match value:
        case None:
            return "null"
        case True:
            return "true"
        case False:
            return "false"
        case JsonNumber():
            return str(value)
        case JsonString():
            return value.source
        case _:
            return f'"{value}"'


def _refuse_constant(_name: str) -> NoReturn:
    raise _NotJsonError


_WORDS: Final[dict[str, object]] = {
    "true": True,
    "false": False,
    "null": None,
    "nan": None,
    "qnan": None,
    "snan": None,
    "inf": JsonNumber("9e999"),
    "infinity": JsonNumber("9e999"),
}
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=JsonObject,
    parse_int=JsonNumber,
    parse_float=JsonNumber,
    parse_constant=_refuse_constant,
)
