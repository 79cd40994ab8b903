"""What the values of a source column are once the service has stored them, by the column's PostgreSQL type."""

import re
from typing import Final

from syncrules.values.kinds import Kind, Kinds

_INTEGER: Final = frozenset(
    "int int2 int4 int8 integer smallint bigint serial serial2 serial4 serial8 smallserial bigserial oid bool boolean"
    .split()
)  # fmt: skip
_REAL: Final = frozenset(("float", "float4", "float8", "real", "double precision"))
_PARAMETERS: Final = re.compile(r"\s*\([^)]*\)")


def stored_type(source_type: str) -> Kinds:
    """The storage classes of a column of a PostgreSQL type: its own, and NULL.

    `numeric` is stored as text, like every type that SQLite has no class for: times, UUIDs, JSON, arrays,
    enumerations.

    >>> sorted(stored_type("bool")), sorted(stored_type("numeric(10, 2)"))
    ([<Kind.INTEGER: 'integer'>, <Kind.NULL: 'null'>], [<Kind.NULL: 'null'>, <Kind.TEXT: 'text'>])
    """
    name = _PARAMETERS.sub("", source_type).strip().lower()
    if name in _INTEGER:
        return frozenset({Kind.INTEGER, Kind.NULL})
    if name in _REAL:
        return frozenset({Kind.REAL, Kind.NULL})
    return frozenset({Kind.BLOB if name == "bytea" else Kind.TEXT, Kind.NULL})
