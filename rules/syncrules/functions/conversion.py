"""CAST to text, integer, real, numeric and blob, `||`, and `typeof`."""

from typing import Final

from syncrules.functions.function import Example, Function, Implementation, always, nullable, table
from syncrules.values import powersync, sqlite
from syncrules.values.kinds import Kind, kind_of
from syncrules.values.semantics import Semantics
from syncrules.values.value import SqlValue


def _numeric_powersync(value: SqlValue) -> SqlValue:
    return powersync.to_number(value)


def _concatenate_sqlite(left: SqlValue, right: SqlValue) -> SqlValue:
    return sqlite.to_text(left) + sqlite.to_text(right)


def _concatenate_powersync(left: SqlValue, right: SqlValue) -> SqlValue:
    return powersync.concatenate(powersync.to_text(left), powersync.to_text(right))


def _typeof(value: SqlValue) -> SqlValue:
    return str(kind_of(value))


def _cast(
    target: str,
    sqlite_: Implementation,
    powersync_: Implementation,
    kinds: tuple[Kind, ...],
    doc: str,
    *examples: Example,
) -> Function:
    return Function(
        name=f"cast {target}",
        minimum=1,
        maximum=1,
        strict=True,
        sqlite=sqlite_,
        powersync=powersync_,
        result=nullable(*kinds),
        doc=doc,
        examples=examples,
    )


CONVERSION: Final = table(
    _cast(
        "text",
        sqlite.to_text,
        powersync.to_text,
        (Kind.TEXT,),
        "A value as text. The semantics differ in how reals are written.",
        Example("CAST(1.0 AS text)", "1.0", Semantics.SQLITE),
        Example("CAST(1.0 AS text)", "1", Semantics.POWERSYNC),
    ),
    _cast(
        "integer",
        sqlite.to_integer,
        powersync.to_integer,
        (Kind.INTEGER,),
        "A value as INTEGER: fractions are cut off, and 64 bits are never left.",
        Example("CAST('12.9' AS integer)", 12),
        Example("CAST(-2.5 AS integer)", -2),
        Example("CAST('1e3' AS integer)", 1),
    ),
    _cast(
        "real",
        sqlite.to_real,
        powersync.to_real,
        (Kind.REAL,),
        "A value as REAL.",
        Example("CAST('1e3' AS real)", 1000.0),
        Example("CAST('bees' AS real)", 0.0),
    ),
    _cast(
        "numeric",
        sqlite.to_numeric,
        _numeric_powersync,
        (Kind.INTEGER, Kind.REAL),
        "Text as the number that it starts with; numbers stay.",
        Example("CAST('12' AS numeric)", 12),
        Example("CAST('1e3' AS numeric)", 1000, Semantics.SQLITE),
        Example("CAST('1e3' AS numeric)", 1000.0, Semantics.POWERSYNC),
    ),
    _cast(
        "blob",
        sqlite.to_blob,
        powersync.to_blob,
        (Kind.BLOB,),
        "The bytes of a value's text.",
        Example("hex(CAST('bee' AS blob))", "626565"),
    ),
    Function(
        name="||",
        minimum=2,
        maximum=2,
        strict=True,
        sqlite=_concatenate_sqlite,
        powersync=_concatenate_powersync,
        result=nullable(Kind.TEXT),
        doc="Two texts in a row.",
        examples=(Example("'bee' || 7", "bee7"), Example("'bee' || NULL", None)),
    ),
)
"""The casts, as `cast text` and so on, and `||`."""

TYPEOF: Final = table(
    Function(
        name="typeof",
        minimum=1,
        maximum=1,
        strict=False,
        sqlite=_typeof,
        powersync=_typeof,
        result=always(Kind.TEXT),
        doc="The storage class of a value: `null`, `integer`, `real`, `text` or `blob`.",
        examples=(Example("typeof(1.0)", "real"), Example("typeof(NULL)", "null")),
    ),
)
"""The function that names storage classes."""
