"""The value of a fixture's row as the service would store it, by the type of its column."""

import json
import re
from typing import Final

from syncrules.schema.tables import SourceColumn
from syncrules.sources.files import CsvText, guessed
from syncrules.values.json_text import json_text
from syncrules.values.kinds import Kind
from syncrules.values.row import checked_row
from syncrules.values.value import SqlValue

_TRUE: Final = frozenset({"true", "t", "1", 1})
_FALSE: Final = frozenset({"false", "f", "0", 0})
_INTEGER: Final = re.compile(r"[+-]?\d+")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


class CellError(Exception):
    """A value that a column of its type cannot hold."""


def untyped(value: object) -> SqlValue:
    """A value of which no type is known: booleans are 1 and 0, lists and objects JSON text."""
    value = guessed(value) if isinstance(value, CsvText) else value
    kept = json_text(value) if isinstance(value, list | dict) else value
    return checked_row({"value": kept})["value"]


def typed(value: object, column: SourceColumn) -> SqlValue:
    """A value of a column. Raises CellError.

    >>> typed("true", SourceColumn("boolean")), typed(10, SourceColumn("numeric")), typed([1], SourceColumn("int4[]"))
    (1, '10', '[1]')
    """
    if value is None:
        if not column.nullable:
            msg = "the column is NOT NULL"
            raise CellError(msg)
        return None
    name = column.type.lower()
    kinds = column.stored - {Kind.NULL}
    match value:
        case CsvText() if kinds == {Kind.TEXT}:
            return str(value)
        case list() | dict():
            if not (name.startswith("json") or name.endswith("]")):
                raise CellError(_message(value, column))
            return json_text(value)
        case bool() | str() | int() if name in {"bool", "boolean"}:
            return _boolean(value, column)
        case int() | str() if kinds == {Kind.INTEGER} and not isinstance(value, bool):
            if isinstance(value, str) and not _INTEGER.fullmatch(value):
                raise CellError(_message(value, column))
            return untyped(int(value))
        case int() | float() | str() if kinds == {Kind.REAL} and not isinstance(value, bool):
            if isinstance(value, str) and not _NUMBER.fullmatch(value):
                raise CellError(_message(value, column))
            return float(value)
        case str() if kinds == {Kind.BLOB}:
            return _blob(value, column)
        case int() | float() if name.startswith(("numeric", "decimal", "money")) and not isinstance(value, bool):
            return str(value)
        case bool() | int() | float() if name.startswith("json"):
            return json.dumps(value)
        case str() if kinds == {Kind.TEXT}:
            return str(value)
        case _:
            raise CellError(_message(value, column))


def _boolean(value: object, column: SourceColumn) -> SqlValue:
    word = value.lower() if isinstance(value, str) else value
    if word in _TRUE:
        return 1
    if word in _FALSE:
        return 0
    raise CellError(_message(value, column))


def _blob(value: str, column: SourceColumn) -> SqlValue:
    try:
        return bytes.fromhex(value.removeprefix("\\x"))
    except ValueError:
        raise CellError(_message(value, column)) from None


def _message(value: object, column: SourceColumn) -> str:
    return f"{json.dumps(value, ensure_ascii=False)} is no value of type `{column.type}`"
