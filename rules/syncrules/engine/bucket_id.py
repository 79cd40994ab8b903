"""Bucket ids: a family's name and the JSON array of its values.

Values that are equal to SQL give one id, and others give different ones: a whole REAL within 64 bits is
written like the INTEGER it equals. Other REALs are written as JavaScript does, because that is what clients
and logs have always seen.
"""

import json
from collections.abc import Sequence
from typing import Final

from syncrules.values.real_text import javascript_real_text
from syncrules.values.value import INTEGER_MAXIMUM, INTEGER_MINIMUM, SqlValue

quoted: Final = json.encoder.encode_basestring
"""A JSON string that writes every character as it is, but for those that JSON must escape."""


def bucket_id(name: str, values: Sequence[SqlValue]) -> str:
    """The id of one bucket.

    >>> bucket_id("todos|0", ("ada", 7.0, None))
    'todos|0["ada",7,null]'
    """
    if len(values) == 1:
        return f"{name}[{value_text(values[0])}]"
    return f"{name}[{','.join(map(value_text, values))}]"


def id_code(prefix: str, values: Sequence[str]) -> str:
    """The id of a bucket, as `bucket_id` makes it, of the names of its prefix and its values."""
    texts = ",".join(f"{{quoted({value}) if type({value}) is str else value_text({value})}}" for value in values)
    return f'f"{{{prefix}}}{texts}]"'


def json_value(value: SqlValue) -> str | int | float | None:
    """A bucket parameter as JSON has it; a BLOB or an infinite REAL is null."""
    match value:
        case bytes():
            return None
        case float() if value in (float("inf"), float("-inf")):
            return None
        case float() if INTEGER_MINIMUM <= value <= INTEGER_MAXIMUM and value == int(value):
            return int(value)
        case _:
            return value


def value_text(value: SqlValue) -> str:
    """A value as it stands in a bucket's id."""
    if type(value) is str:
        return quoted(value)
    plain = json_value(value)
    return javascript_real_text(plain) if isinstance(plain, float) else json.dumps(plain, ensure_ascii=False)
