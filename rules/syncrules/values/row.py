"""Rows as they come from a source: column names to SQL values, checked once where they enter."""

from collections.abc import Mapping

from syncrules.values.value import INTEGER_MAXIMUM, INTEGER_MINIMUM, EvaluationError, SqlValue

Row = Mapping[str, SqlValue]
"""Column names to values. A column that is absent is NULL."""


def checked_row(columns: Mapping[str, object]) -> Row:
    """A row with every value of a storage class: True and False become 1 and 0.

    Raises EvaluationError for a value that SQL does not have.

    >>> checked_row({"id": "a", "done": True})
    {'id': 'a', 'done': 1}
    """
    return {name: checked_value(value, name) for name, value in columns.items()}


def checked_value(value: object, name: str) -> SqlValue:
    """One value of a row; `name` is the column's, for the message."""
    match value:
        case bool():
            return int(value)
        case None | float() | str() | bytes():
            return value
        case int():
            return value if INTEGER_MINIMUM <= value <= INTEGER_MAXIMUM else float(value)
        case bytearray() | memoryview():
            return bytes(value)
        case _:
            message = f"the column `{name}` holds a value that SQL does not have"
            raise EvaluationError(message)
