"""upper, lower, length, hex, base64, substring, instr and uuid_blob."""

import base64
import re
from typing import Final

from syncrules.functions.function import Example, Function, Implementation, ResultKinds, always, nullable, table
from syncrules.values import powersync, sqlite
from syncrules.values.kinds import Kind, Kinds
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError, SqlValue

_TO_UPPER: Final = {letter: letter - 32 for letter in range(ord("a"), ord("z") + 1)}
_TO_LOWER: Final = {letter: small for small, letter in _TO_UPPER.items()}
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def _upper_sqlite(value: SqlValue) -> SqlValue:
    return sqlite.to_text(value).translate(_TO_UPPER)


def _lower_sqlite(value: SqlValue) -> SqlValue:
    return sqlite.to_text(value).translate(_TO_LOWER)


def _upper_powersync(value: SqlValue) -> SqlValue:
    return powersync.to_text(value).upper()


def _lower_powersync(value: SqlValue) -> SqlValue:
    return powersync.to_text(value).lower()


def _length_sqlite(value: SqlValue) -> SqlValue:
    if isinstance(value, bytes):
        return len(value)
    return len(sqlite.to_text(value).partition("\0")[0])


def _length_powersync(value: SqlValue) -> SqlValue:
    if isinstance(value, bytes):
        return len(value)
    text = powersync.to_text(value)
    return len(text) if text.isascii() else len(powersync.utf16(text)) // 2


def _hex_sqlite(value: SqlValue) -> SqlValue:
    return "" if value is None else sqlite.to_blob(value).hex().upper()


def _hex_powersync(value: SqlValue) -> SqlValue:
    return "" if value is None else powersync.to_blob(value).hex().upper()


def _base64_sqlite(value: SqlValue) -> SqlValue:
    return "" if value is None else base64.b64encode(sqlite.to_blob(value)).decode()


def _base64_powersync(value: SqlValue) -> SqlValue:
    return "" if value is None else base64.b64encode(powersync.to_blob(value)).decode()


def window(size: int, start: int, length: int | None) -> tuple[int, int]:
    """The half-open range of `substring(x, start, length)` in something of `size` positions.

    Positions count from 1, negative ones from the end; a negative length goes to the left, and what
    lies outside is cut off (SQLite's documentation of substr).

    >>> window(5, 2, 3), window(5, -2, None), window(5, 3, -2)
    ((1, 4), (3, 5), (0, 2))
    """
    count = size if length is None else abs(length)
    first = start
    if start < 0:
        first = start + size
        if first < 0:
            count = max(0, count + first) if length is not None and length >= 0 else count
            first = 0
    elif start > 0:
        first = start - 1
    elif count > 0 and (length is None or length > 0):
        count -= 1 if length is not None else 0
    if length is not None and length < 0:
        end = max(0, first if start else -1 + 1)
        begin = max(0, end - count)
        return begin, min(end, size)
    return min(first, size), min(first + count, size)


def _substring_sqlite(value: SqlValue, start: SqlValue, length: SqlValue = None) -> SqlValue:
    count = None if length is None else sqlite.to_integer(length)
    whole: str | bytes = value if isinstance(value, bytes) else sqlite.to_text(value).partition("\0")[0]
    first, last = window(len(whole), sqlite.to_integer(start), count)
    return whole[first:last] or (None if isinstance(whole, bytes) and not whole else whole[:0])


def _substring_powersync(value: SqlValue, start: SqlValue, length: SqlValue = None) -> SqlValue:
    count = None if length is None else powersync.to_integer(length)
    units = powersync.utf16(powersync.to_text(value))
    first, last = window(len(units) // 2, powersync.to_integer(start), count)
    return units[first * 2 : last * 2].decode("utf-16-be", "surrogatepass")


def _instr_sqlite(value: SqlValue, part: SqlValue) -> SqlValue:
    if isinstance(value, bytes) and isinstance(part, bytes):
        return value.find(part) + 1
    return sqlite.to_text(value).find(sqlite.to_text(part)) + 1


def _instr_powersync(value: SqlValue, part: SqlValue) -> SqlValue:
    if isinstance(value, bytes) and isinstance(part, bytes):
        return value.find(part) + 1
    text, sought = powersync.to_text(value), powersync.to_text(part)
    place = text.find(sought)
    return 0 if place < 0 else len(powersync.utf16(text[:place])) // 2 + 1


def _uuid_blob(value: SqlValue) -> SqlValue:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        message = "`uuid_blob` needs a UUID such as 3f06af63-a93c-11e4-9797-00505690773f"
        raise EvaluationError(message)
    return bytes.fromhex(value.replace("-", ""))


def _function(
    name: str,
    count: tuple[int, int],
    implementations: tuple[Implementation, Implementation],
    result: ResultKinds,
    doc: str,
    *examples: Example,
) -> Function:
    return Function(
        name=name,
        minimum=count[0],
        maximum=count[1],
        strict=True,
        sqlite=implementations[0],
        powersync=implementations[1],
        result=result,
        doc=doc,
        examples=examples,
    )


def _encoding(
    name: str, implementations: tuple[Implementation, Implementation], doc: str, *examples: Example
) -> Function:
    return Function(
        name=name,
        minimum=1,
        maximum=1,
        strict=False,
        sqlite=implementations[0],
        powersync=implementations[1],
        result=always(Kind.TEXT),
        doc=doc,
        examples=examples,
    )


def _part_kinds(arguments: tuple[Kinds, ...]) -> Kinds:
    """The type of a part of a text or BLOB: of an empty BLOB, SQLite gives NULL."""
    of_blob = {Kind.BLOB, Kind.NULL} if Kind.BLOB in arguments[0] else frozenset[Kind]()
    return nullable(Kind.TEXT)(arguments) | of_blob


_TEXT: Final = nullable(Kind.TEXT)
_COUNT: Final = nullable(Kind.INTEGER)

TEXT: Final = table(
    _function(
        "upper", (1, 1), (_upper_sqlite, _upper_powersync), _TEXT,
        "A text in capitals. SQLite changes ASCII letters only.",
        Example("upper('Abc')", "ABC"),
        Example("upper('straße')", "STRASSE", Semantics.POWERSYNC),
        Example("upper('straße')", "STRAßE", Semantics.SQLITE),
    ),
    _function(
        "lower", (1, 1), (_lower_sqlite, _lower_powersync), _TEXT,
        "A text in small letters. SQLite changes ASCII letters only.",
        Example("lower('Abc')", "abc"),
        Example("lower('ÉTÉ')", "été", Semantics.POWERSYNC),
        Example("lower('ÉTÉ')", "ÉtÉ", Semantics.SQLITE),
    ),
    _function(
        "length", (1, 1), (_length_sqlite, _length_powersync), _COUNT,
        "How long a text is, in characters (SQLite) or UTF-16 units (PowerSync); or a BLOB, in bytes.",
        Example("length('abc')", 3),
        Example("length('🐝')", 2, Semantics.POWERSYNC),
        Example("length('🐝')", 1, Semantics.SQLITE),
    ),
    _function(
        "substring", (2, 3), (_substring_sqlite, _substring_powersync), _part_kinds,
        "A part of a text: from a position counted from 1 (or from the end, if negative), so many characters.",
        Example("substring('bees', 2, 2)", "ee"),
        Example("substring('bees', -2)", "es"),
    ),
    _function(
        "instr", (2, 2), (_instr_sqlite, _instr_powersync), _COUNT,
        "Where a text first holds another, counted from 1; 0 if it does not.",
        Example("instr('bees', 'es')", 3),
        Example("instr('bees', 'wasps')", 0),
    ),
    _function(
        "uuid_blob", (1, 1), (_uuid_blob, _uuid_blob), nullable(Kind.BLOB),
        "A UUID's text as its 16 bytes.",
        Example("length(uuid_blob('3f06af63-a93c-11e4-9797-00505690773f'))", 16),
    ),
    _encoding(
        "hex", (_hex_sqlite, _hex_powersync), "The bytes of a value as hexadecimal digits; '' for NULL.",
        Example("hex('az')", "617A"),
    ),
    _encoding(
        "base64", (_base64_sqlite, _base64_powersync), "The bytes of a value in base64; '' for NULL.",
        Example("base64('az')", "YXo="),
    ),
)  # fmt: skip
