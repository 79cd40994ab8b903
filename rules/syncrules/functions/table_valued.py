"""Table-valued functions: one record each, giving the rows of a JSON value.

NULL has no rows. `array` and `array or nothing` are what Sync Rules put behind `x IN array`: they take
arrays only; the second one, for an array that a client or token sends, is silent about anything else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from syncrules.values import powersync
from syncrules.values.json5 import JsonNumber, JsonObject, from_json5
from syncrules.values.json_text import from_json, read_json
from syncrules.values.jsonb import read_document
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError, SqlValue

Rows = list[tuple[SqlValue, ...]]
TableImplementation = Callable[[SqlValue], Rows]


@dataclass(frozen=True, slots=True)
class TableFunction:
    """A table-valued function of one argument. Its rows are tuples in the order of `columns`."""

    name: str
    sqlite: TableImplementation
    powersync: TableImplementation
    doc: str
    columns: tuple[str, ...] = ("key", "value")

    def implementation(self, semantics: Semantics) -> TableImplementation:
        """The implementation under one semantics."""
        return self.sqlite if semantics is Semantics.SQLITE else self.powersync


def _each_powersync(document: SqlValue) -> Rows:
    if document is None:
        return []
    if isinstance(document, int | float):
        message = "`json_each` needs JSON text, not a number"
        raise EvaluationError(message)
    match read_json(powersync.to_text(document)):
        case list() as items:
            return [(index, from_json(item), *_kind(item)) for index, item in enumerate(items)]
        case dict() as members:
            return [(key, from_json(item), *_kind(item)) for key, item in members.items()]
        case scalar:
            return [(None, from_json(scalar), *_kind(scalar))]


def _kind(value: object) -> tuple[SqlValue, SqlValue]:
    """The columns `type` and `atom` of `json_each`."""
    match value:
        case dict():
            return "object", None
        case list():
            return "array", None
        case None:
            return "null", None
        case bool():
            return ("true" if value else "false"), int(value)
        case int():
            return "integer", from_json(value)
        case float():
            return "real", value
        case _:
            return "text", from_json(value)


def _each_sqlite(document: SqlValue) -> Rows:
    if document is None:
        return []
    match read_document(document):
        case JsonObject() as members:
            return [(str(key), from_json5(item), *_kind5(item)) for key, item in members]
        case list() as items:
            return [(index, from_json5(item), *_kind5(item)) for index, item in enumerate(items)]
        case scalar:
            return [(None, from_json5(scalar), *_kind5(scalar))]


def _kind5(value: object) -> tuple[SqlValue, SqlValue]:
    match value:
        case JsonObject():
            return "object", None
        case list():
            return "array", None
        case None:
            return "null", None
        case bool():
            return ("true" if value else "false"), int(value)
        case JsonNumber():
            number = from_json5(value)
            return ("real" if isinstance(number, float) else "integer"), number
        case _:
            return "text", from_json5(value)


def _each_legacy(document: SqlValue) -> Rows:
    """As `json_each` before `fixed_json_extract`, when JSON null was the text `null`."""
    if document is None:
        return []
    match read_json(powersync.to_text(document)):
        case list() as items:
            return [(index, _legacy_value(item)) for index, item in enumerate(items)]
        case dict() as members:
            return [(key, _legacy_value(item)) for key, item in members.items()]
        case scalar:
            return [(None, _legacy_value(scalar))]


def _legacy_value(value: object) -> SqlValue:
    return "null" if value is None else from_json(value)


def _array(document: SqlValue) -> Rows:
    if document is None:
        return []
    items = read_json(powersync.to_text(document))
    if not isinstance(items, list):
        message = "the value on the right of IN is not a JSON array"
        raise EvaluationError(message)
    return [(index, from_json(item)) for index, item in enumerate(items)]


def _array_or_nothing(document: SqlValue) -> Rows:
    try:
        return _array(document)
    except EvaluationError:
        return []


TABLE_FUNCTIONS: Final = {
    function.name: function
    for function in (
        TableFunction(
            "json_each",
            _each_sqlite,
            _each_powersync,
            "The elements of a JSON array by their index, or the members of an object by their name.",
            columns=("key", "value", "type", "atom"),
        ),
        TableFunction(
            "legacy json_each", _each_legacy, _each_legacy, "As `json_each`, but JSON null is the text `null`."
        ),
        TableFunction("array", _array, _array, "The elements of a JSON array; anything else is an error."),
        TableFunction(
            "array or nothing", _array_or_nothing, _array_or_nothing, "The elements of a JSON array, or nothing."
        ),
    )
}
