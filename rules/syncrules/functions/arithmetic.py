"""`+ - * / %`, the bit operators and unary plus: 64-bit integers that become REAL where they overflow."""

from collections.abc import Callable
from math import isnan
from typing import Final

from syncrules.functions.function import EVERYWHERE, Example, Function, Language, nullable, table
from syncrules.values import powersync, sqlite
from syncrules.values.kinds import NUMBERS, Kind, Kinds
from syncrules.values.value import INTEGER_MAXIMUM, INTEGER_MINIMUM, SqlValue

_Number = int | float
_ToNumber = Callable[[SqlValue], _Number]
_ToInteger = Callable[[SqlValue], int]
_Binary = Callable[[SqlValue, SqlValue], SqlValue]

_WORD: Final = 64


def _sum(number: _ToNumber) -> _Binary:
    def add(left: SqlValue, right: SqlValue) -> SqlValue:
        a = left if type(left) is int else number(left)
        b = right if type(right) is int else number(right)
        value = a + b
        if type(value) is int:
            return value if INTEGER_MINIMUM <= value <= INTEGER_MAXIMUM else float(a) + float(b)
        return value if value == value else None  # noqa: PLR0124 (NaN, at the price of a comparison)

    return add


def _difference(number: _ToNumber) -> _Binary:
    def subtract(left: SqlValue, right: SqlValue) -> SqlValue:
        a = left if type(left) is int else number(left)
        b = right if type(right) is int else number(right)
        value = a - b
        if type(value) is int:
            return value if INTEGER_MINIMUM <= value <= INTEGER_MAXIMUM else float(a) - float(b)
        return value if value == value else None  # noqa: PLR0124

    return subtract


def _product(number: _ToNumber) -> _Binary:
    def multiply(left: SqlValue, right: SqlValue) -> SqlValue:
        a = left if type(left) is int else number(left)
        b = right if type(right) is int else number(right)
        value = a * b
        if type(value) is int:
            return value if INTEGER_MINIMUM <= value <= INTEGER_MAXIMUM else float(a) * float(b)
        return value if value == value else None  # noqa: PLR0124

    return multiply


def _quotient(number: _ToNumber) -> _Binary:
    def divide(left: SqlValue, right: SqlValue) -> SqlValue:
        a = left if type(left) is int else number(left)
        b = right if type(right) is int else number(right)
        if b == 0:
            return None
        if type(a) is int and type(b) is int:
            value = a // b if (a < 0) == (b < 0) else -(-a // b)
            return value if value <= INTEGER_MAXIMUM else float(a) / float(b)
        quotient = float(a) / float(b)
        return None if isnan(quotient) else quotient

    return divide


def _remainder(number: _ToNumber, integer: _ToInteger) -> _Binary:
    def remainder(left: SqlValue, right: SqlValue) -> SqlValue:
        a, b = integer(left), integer(right)
        if b == 0:
            return None
        value = abs(a) % abs(b)
        if a < 0:
            value = -value
        both_whole = type(number(left)) is int and type(number(right)) is int
        return value if both_whole else float(value)

    return remainder


def _bitwise(operation: Callable[[int, int], int], integer: _ToInteger) -> _Binary:
    return lambda left, right: operation(integer(left), integer(right))


def _shift_left(value: int, distance: int) -> int:
    if distance < 0:
        return value >> min(-distance, _WORD)
    if distance >= _WORD:
        return 0
    shifted: int = value << distance & (1 << _WORD) - 1
    return shifted - (1 << _WORD) if shifted > INTEGER_MAXIMUM else shifted


def _shift_right(value: int, distance: int) -> int:
    return _shift_left(value, -distance)


def _same(value: SqlValue) -> SqlValue:
    return value


def _number_kinds(arguments: tuple[Kinds, ...]) -> Kinds:
    kinds = frozenset[Kind]().union(*arguments)
    if kinds <= {Kind.REAL}:
        return frozenset({Kind.REAL, Kind.NULL})
    return NUMBERS | {Kind.NULL}


_STREAMS: Final = frozenset({Language.SYNC_STREAMS})


def _operator(symbol: str, sqlite_: _Binary, powersync_: _Binary, doc: str, *examples: Example) -> Function:
    return Function(
        name=symbol,
        minimum=2,
        maximum=2,
        strict=True,
        sqlite=sqlite_,
        powersync=powersync_,
        result=_number_kinds if symbol in "+-*/%" else nullable(Kind.INTEGER),
        doc=doc,
        examples=examples,
        languages=EVERYWHERE if symbol in "+-*/" else _STREAMS,
    )


def _bit_operator(symbol: str, operation: Callable[[int, int], int], doc: str, *examples: Example) -> Function:
    return _operator(
        symbol,
        _bitwise(operation, sqlite.to_integer),
        _bitwise(operation, powersync.to_integer),
        doc,
        *examples,
    )


ARITHMETIC: Final = table(
    _operator(
        "+",
        _sum(sqlite.to_number),
        _sum(powersync.to_number),
        "The sum. Text counts as the number it starts with; beyond 64 bits the result is REAL.",
        Example("1 + 2", 3),
        Example("'12 bees' + 0.5", 12.5),
        Example("9223372036854775807 + 1", 2.0**63),
        Example("1 + NULL", None),
    ),
    _operator(
        "-",
        _difference(sqlite.to_number),
        _difference(powersync.to_number),
        "The difference.",
        Example("1 - 2", -1),
        Example("'bees' - 1", -1),
    ),
    _operator(
        "*",
        _product(sqlite.to_number),
        _product(powersync.to_number),
        "The product.",
        Example("3 * 1.5", 4.5),
        Example("4611686018427387904 * 2", 2.0**63),
    ),
    _operator(
        "/",
        _quotient(sqlite.to_number),
        _quotient(powersync.to_number),
        "The quotient, cut towards zero when both sides are INTEGER. NULL where the divisor is zero.",
        Example("-7 / 2", -3),
        Example("7.0 / 2", 3.5),
        Example("1 / 0", None),
    ),
    _operator(
        "%",
        _remainder(sqlite.to_number, sqlite.to_integer),
        _remainder(powersync.to_number, powersync.to_integer),
        "The remainder of whole numbers, with the sign of the left side. NULL where the divisor is zero.",
        Example("-7 % 4", -3),
        Example("7.9 % 4", 3.0),
        Example("1 % 0", None),
    ),
    _bit_operator("&", int.__and__, "The bits that both sides have.", Example("6 & 3", 2)),
    _bit_operator("|", int.__or__, "The bits that either side has.", Example("6 | 3", 7)),
    _bit_operator(
        "<<",
        _shift_left,
        "The bits moved left, or right by a negative distance.",
        Example("1 << 4", 16),
        Example("16 << -4", 1),
        Example("1 << 64", 0),
    ),
    _bit_operator(
        ">>",
        _shift_right,
        "The bits moved right, keeping the sign, or left by a negative distance.",
        Example("-8 >> 1", -4),
        Example("-8 >> 99", -1),
    ),
    Function(
        name="positive",
        minimum=1,
        maximum=1,
        strict=True,
        sqlite=_same,
        powersync=_same,
        result=lambda arguments: arguments[0],
        doc="The value itself: unary plus converts nothing.",
        examples=(Example("+'7'", "7"), Example("+1.5", 1.5)),
        languages=_STREAMS,
    ),
)
"""The arithmetic and bit operators by symbol, and unary plus as `positive`."""
