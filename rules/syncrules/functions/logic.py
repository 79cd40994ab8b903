"""NOT, AND, OR, and the functions that choose: three-valued under SQLITE; under POWERSYNC NULL is false."""

from collections.abc import Callable
from typing import Final

from syncrules.functions.function import Example, Function, nullable, table
from syncrules.values import powersync, sqlite
from syncrules.values.kinds import Kind, Kinds
from syncrules.values.semantics import Semantics
from syncrules.values.value import SqlValue

_Truth = Callable[[SqlValue], bool]


def _not_sqlite(value: SqlValue) -> SqlValue:
    if value is None:
        return None
    return 0 if sqlite.truth(value) else 1


def _not_powersync(value: SqlValue) -> SqlValue:
    return 0 if powersync.truth(value) else 1


def _and_sqlite(*values: SqlValue) -> SqlValue:
    unknown = False
    for value in values:
        if value is None:
            unknown = True
        elif not sqlite.truth(value):
            return 0
    return None if unknown else 1


def _and_powersync(*values: SqlValue) -> SqlValue:
    return 1 if all(map(powersync.truth, values)) else 0


def _or_sqlite(*values: SqlValue) -> SqlValue:
    if any(map(sqlite.truth, values)):
        return 1
    return None if None in values else 0


def _or_powersync(*values: SqlValue) -> SqlValue:
    return 1 if any(map(powersync.truth, values)) else 0


def _choice(truth: _Truth) -> Callable[[SqlValue, SqlValue, SqlValue], SqlValue]:
    return lambda condition, then, otherwise: then if truth(condition) else otherwise


def _first_known(*values: SqlValue) -> SqlValue:
    return next((value for value in values if value is not None), None)


def _known_kinds(arguments: tuple[Kinds, ...]) -> Kinds:
    kinds = frozenset[Kind]().union(*arguments)
    return kinds if all(Kind.NULL in each for each in arguments) else kinds - {Kind.NULL}


LOGIC: Final = table(
    Function(
        name="not",
        minimum=1,
        maximum=1,
        strict=False,
        sqlite=_not_sqlite,
        powersync=_not_powersync,
        result=nullable(Kind.INTEGER),
        doc="1 where a condition does not hold.",
        examples=(
            Example("NOT 0", 1),
            Example("NOT NULL", None, Semantics.SQLITE),
            Example("NOT NULL", 1, Semantics.POWERSYNC),
        ),
    ),
    Function(
        name="and",
        minimum=0,
        maximum=None,
        strict=False,
        sqlite=_and_sqlite,
        powersync=_and_powersync,
        result=nullable(Kind.INTEGER),
        doc="1 where every condition holds.",
        examples=(
            Example("1 AND 2", 1),
            Example("NULL AND 0", 0),
            Example("NULL AND 1", None, Semantics.SQLITE),
            Example("NULL AND 1", 0, Semantics.POWERSYNC),
        ),
    ),
    Function(
        name="or",
        minimum=0,
        maximum=None,
        strict=False,
        sqlite=_or_sqlite,
        powersync=_or_powersync,
        result=nullable(Kind.INTEGER),
        doc="1 where a condition holds.",
        examples=(
            Example("NULL OR 1", 1),
            Example("NULL OR 0", None, Semantics.SQLITE),
            Example("NULL OR 0", 0, Semantics.POWERSYNC),
        ),
    ),
)
"""The logical operators by name; AND and OR take any number of operands."""

CONDITIONAL: Final = table(
    Function(
        name="iif",
        minimum=3,
        maximum=3,
        strict=False,
        sqlite=_choice(sqlite.truth),
        powersync=_choice(powersync.truth),
        result=lambda arguments: arguments[1] | arguments[2],
        doc="The second value where the condition holds, else the third.",
        examples=(Example("iif(1 < 2, 'yes', 'no')", "yes"), Example("iif(NULL, 1, 2)", 2)),
    ),
    Function(
        name="ifnull",
        minimum=2,
        maximum=None,
        strict=False,
        sqlite=_first_known,
        powersync=_first_known,
        result=_known_kinds,
        doc="The first value that is not NULL.",
        examples=(Example("ifnull(NULL, 5)", 5), Example("ifnull(0, 5)", 0)),
    ),
)
"""The functions that choose one of their arguments."""
