"""SQL values: NULL, INTEGER (64-bit), REAL, TEXT and BLOB as Python None, int, float, str, bytes.

`bool` is never a value: claims and columns that hold one are made 1 or 0 where they come in.
"""

from typing import Final

type_names: Final = {type(None): "null", int: "integer", float: "real", str: "text", bytes: "blob"}

SqlValue = None | int | float | str | bytes
"""What an expression gives."""

INTEGER_MINIMUM: Final = -(2**63)
INTEGER_MAXIMUM: Final = 2**63 - 1


class EvaluationError(Exception):
    """A row or a request cannot be evaluated: malformed JSON, an operator without a meaning.

    It is an answer about data, never about the rules file; the branch that met it counts as false.
    """
