"""The test that a value can be a key of a bucket or a lookup."""

from math import isfinite
from typing import Final

from syncrules.functions.function import Function, always, table
from syncrules.values.kinds import Kind
from syncrules.values.value import SqlValue


def _is_key(value: SqlValue) -> SqlValue:
    match value:
        case None | bytes():
            return 0
        case float():
            return int(isfinite(value))
        case _:
            return 1


KEYS: Final = table(
    Function(
        name="is key",
        minimum=1,
        maximum=1,
        strict=False,
        sqlite=_is_key,
        powersync=_is_key,
        result=always(Kind.INTEGER),
        doc="Whether a value can be a key: not NULL, not a BLOB, and not an infinite REAL.",
        examples=(),
    ),
)
