"""Static types of expressions: the set of storage classes that a value may have."""

from enum import StrEnum
from typing import Final

from syncrules.values.value import SqlValue


class Kind(StrEnum):
    """A storage class, named as `typeof()` names it."""

    NULL = "null"
    INTEGER = "integer"
    REAL = "real"
    TEXT = "text"
    BLOB = "blob"


Kinds = frozenset[Kind]
"""Every storage class that an expression can give."""

ANYTHING: Final[Kinds] = frozenset(Kind)
NUMBERS: Final[Kinds] = frozenset({Kind.INTEGER, Kind.REAL})

KIND_OF: Final = {
    type(None): Kind.NULL,
    int: Kind.INTEGER,
    float: Kind.REAL,
    str: Kind.TEXT,
    bytes: Kind.BLOB,
}


def kind_of(value: SqlValue) -> Kind:
    """The storage class of a value.

    >>> kind_of(1.0)
    <Kind.REAL: 'real'>
    """
    return KIND_OF[type(value)]
