"""Rows as they come from a source: column names to SQL values, checked once where they enter."""

from collections.abc import Mapping
from typing import Final, cast

from syncrules.values.json_text import integer_as_real
from syncrules.values.value import INTEGER_MAXIMUM, INTEGER_MINIMUM, EvaluationError, SqlValue

Row = Mapping[str, SqlValue]
"""Column names to values. A column that is absent is NULL."""


_AS_THEY_ARE: Final = frozenset({str, bytes, type(None)})
"""Types whose values are SQL values already. Numbers are not: they may be too large, or NaN."""


def checked_row(columns: Mapping[str, object]) -> Row:
    """A row with every value of a storage class: True and False become 1 and 0.

    Raises EvaluationError for a value that SQL does not have.

    >>> checked_row({"id": "a", "done": True})
    {'id': 'a', 'done': 1}
    """
    row = dict(columns)
    for name, value in columns.items():
        if type(value) not in _AS_THEY_ARE:
            row[name] = checked_value(value, name)
    return cast("Row", row)


def checked_value(value: object, name: str) -> SqlValue:
    """One value of a row, as a plain value of its storage class; `name` is the column's, for the message."""
    if type(value) is int and INTEGER_MINIMUM <= value <= INTEGER_MAXIMUM:
        # What most numbers are.
        return value
    match value:
        case None:
            return None
        case bool():
            return int(value)
        case int():
            number = int.__int__(value)
            return number if INTEGER_MINIMUM <= number <= INTEGER_MAXIMUM else integer_as_real(number)
        case float():
            # SQLite has no NaN: it stores NULL.
            return None if value != value else float.__float__(value)  # noqa: PLR0124
        case str():
            return str.__str__(value)
        case bytes() | bytearray() | memoryview():
            return bytes(value)
        case _:
            message = f"the column `{name}` holds a value that SQL does not have"
            raise EvaluationError(message)
