"""`= != < <= > >=`, BETWEEN, IN over values and over JSON, IS NULL, IS TRUE: by storage class, then value.

Numbers sort before text and text before blobs; values of different classes are never equal. Under
POWERSYNC text sorts by UTF-16 code units, two blobs cannot be compared, and what SQL composes with NOT
(`!=`) is 1 where the positive form is NULL.
"""

from collections.abc import Callable
from typing import Final

from syncrules.functions.function import EVERYWHERE, Example, Function, Language, always, nullable, table
from syncrules.values import powersync, sqlite
from syncrules.values.json5 import JsonObject, from_json5, read_json5
from syncrules.values.json_text import from_json, read_json
from syncrules.values.kinds import Kind
from syncrules.values.semantics import Semantics
from syncrules.values.sqlite import RANK
from syncrules.values.value import EvaluationError, SqlValue

_Test = Callable[[SqlValue, SqlValue], bool]


def equal_sqlite(left: SqlValue, right: SqlValue) -> bool:
    """Whether two values that are not NULL are equal: 1 is 1.0, and never '1'.

    >>> equal_sqlite(1, 1.0), equal_sqlite(1, "1")
    (True, False)
    """
    return left == right


def less_sqlite(left: SqlValue, right: SqlValue) -> bool:
    """Whether one value that is not NULL sorts before another.

    >>> less_sqlite(2, "1"), less_sqlite("Z", "a")
    (True, True)
    """
    first, second = RANK[type(left)], RANK[type(right)]
    return left < right if first == second else first < second  # type: ignore[operator]


def equal_powersync(left: SqlValue, right: SqlValue) -> bool:
    """As `equal_sqlite`; raises EvaluationError for two blobs."""
    if type(left) is bytes and type(right) is bytes:
        raise _blobs()
    return left == right


def less_powersync(left: SqlValue, right: SqlValue) -> bool:
    r"""As `less_sqlite`, by UTF-16 code units; raises EvaluationError for two blobs.

    >>> less_powersync("\U0001f41d", "\uff17"), less_sqlite("\U0001f41d", "\uff17")
    (True, False)
    """
    if type(left) is str and type(right) is str:
        # Only astral characters sort differently, and only against others beyond ASCII.
        if left.isascii() or right.isascii():
            return left < right
        return powersync.utf16(left) < powersync.utf16(right)
    if type(left) is bytes and type(right) is bytes:
        raise _blobs()
    return less_sqlite(left, right)


def _blobs() -> EvaluationError:
    return EvaluationError("blobs cannot be compared")


def _as_integer(test: _Test) -> Callable[[SqlValue, SqlValue], SqlValue]:
    return lambda left, right: 1 if test(left, right) else 0


def _swapped(test: _Test) -> _Test:
    return lambda left, right: test(right, left)


def _negated(test: _Test) -> _Test:
    return lambda left, right: not test(left, right)


def _equals(left: SqlValue, right: SqlValue) -> SqlValue:
    return 1 if left == right else 0


def _less(left: SqlValue, right: SqlValue) -> SqlValue:
    first, second = RANK[type(left)], RANK[type(right)]
    if first == second:
        return 1 if left < right else 0  # type: ignore[operator]
    return 1 if first < second else 0


def _greater(left: SqlValue, right: SqlValue) -> SqlValue:
    return _less(right, left)


def _differs_sqlite(left: SqlValue, right: SqlValue) -> SqlValue:
    if left is None or right is None:
        return None
    return 0 if left == right else 1


def _differs_powersync(left: SqlValue, right: SqlValue) -> SqlValue:
    if left is None or right is None:
        return 1
    return 0 if equal_powersync(left, right) else 1


def _between_sqlite(value: SqlValue, low: SqlValue, high: SqlValue) -> SqlValue:
    if value is None:
        return None
    above = None if low is None else not less_sqlite(value, low)
    below = None if high is None else not less_sqlite(high, value)
    if above is False or below is False:
        return 0
    return None if above is None or below is None else 1


def _between_powersync(value: SqlValue, low: SqlValue, high: SqlValue) -> SqlValue:
    if value is None or low is None or high is None:
        return None
    return 0 if less_powersync(value, low) or less_powersync(high, value) else 1


def _in_sqlite(value: SqlValue, *items: SqlValue) -> SqlValue:
    if not items:
        return 0
    if value is None:
        return None
    return 1 if value in items else None if None in items else 0


def _in_powersync(value: SqlValue, *items: SqlValue) -> SqlValue:
    if value is None:
        return None
    if any(item is not None and equal_powersync(value, item) for item in items):
        return 1
    return None if None in items else 0


def _in_json_sqlite(value: SqlValue, array: SqlValue) -> SqlValue:
    if array is None:
        return 0
    tree = read_json5(sqlite.to_text(array))
    if isinstance(tree, JsonObject):
        tree = [member for _key, member in tree]
    items = [from_json5(item) for item in tree] if isinstance(tree, list) else [from_json5(tree)]
    return _in_sqlite(value, *items)


def _in_json_powersync(value: SqlValue, array: SqlValue) -> SqlValue:
    if value is None or array is None:
        return None
    items = read_json(powersync.to_text(array))
    if not isinstance(items, list):
        message = "the right side of IN is JSON, but not an array"
        raise EvaluationError(message)
    return _in_powersync(value, *map(from_json, items))


def _is_true(value: SqlValue) -> SqlValue:
    return 1 if sqlite.truth(value) else 0


def _is_false(value: SqlValue) -> SqlValue:
    return 0 if value is None or sqlite.truth(value) else 1


def _is_not_true(value: SqlValue) -> SqlValue:
    return 0 if sqlite.truth(value) else 1


def _is_not_false(value: SqlValue) -> SqlValue:
    return 1 if value is None or sqlite.truth(value) else 0


_STREAMS: Final = frozenset({Language.SYNC_STREAMS})
_RULES: Final = frozenset({Language.SYNC_RULES})


def _comparison(
    symbol: str,
    sqlite_: Callable[[SqlValue, SqlValue], SqlValue],
    powersync_: _Test,
    doc: str,
    *examples: Example,
    languages: frozenset[Language] = EVERYWHERE,
) -> Function:
    return Function(
        name=symbol,
        minimum=2,
        maximum=2,
        strict=True,
        sqlite=sqlite_,
        powersync=_as_integer(powersync_),
        result=nullable(Kind.INTEGER),
        doc=doc,
        examples=examples,
        languages=languages,
    )


def _test(
    name: str,
    test: Callable[[SqlValue], SqlValue],
    doc: str,
    *examples: Example,
    languages: frozenset[Language] = _STREAMS,
) -> Function:
    return Function(
        name=name,
        minimum=1,
        maximum=1,
        strict=False,
        sqlite=test,
        powersync=test,
        result=always(Kind.INTEGER),
        doc=doc,
        examples=examples,
        languages=languages,
    )


COMPARISON: Final = table(
    _comparison(
        "=",
        _equals,
        equal_powersync,
        "Whether both sides are equal. 1 equals 1.0; text never equals a number.",
        Example("1 = 1.0", 1),
        Example("1 = '1'", 0),
        Example("NULL = NULL", None),
    ),
    Function(
        name="!=",
        minimum=2,
        maximum=2,
        strict=False,
        sqlite=_differs_sqlite,
        powersync=_differs_powersync,
        result=always(Kind.INTEGER, Kind.NULL),
        doc="Whether the sides differ.",
        examples=(
            Example("1 != 2", 1),
            Example("1 != NULL", None, Semantics.SQLITE),
            Example("1 != NULL", 1, Semantics.POWERSYNC),
        ),
        languages=_STREAMS,
    ),
    _comparison(
        "legacy !=",
        _as_integer(_negated(equal_sqlite)),
        _negated(equal_powersync),
        "Whether the sides differ, in Sync Rules: NULL for NULL under both semantics.",
        Example("1 != 2", 1),
        Example("1 != NULL", None),
        languages=_RULES,
    ),
    _comparison(
        "<",
        _less,
        less_powersync,
        "Whether the left side sorts first: numbers, then text, then blobs.",
        Example("1 < 2", 1),
        Example("10 < '9'", 1),
        Example("'Z' < 'a'", 1),
    ),
    _comparison(
        "<=",
        _as_integer(_negated(_swapped(less_sqlite))),
        _negated(_swapped(less_powersync)),
        "Whether the left side sorts first or equals the right.",
        Example("2 <= 2.0", 1),
    ),
    _comparison(
        ">",
        _greater,
        _swapped(less_powersync),
        "Whether the right side sorts first.",
        Example("'1' > 99", 1),
    ),
    _comparison(
        ">=",
        _as_integer(_negated(less_sqlite)),
        _negated(less_powersync),
        "Whether the right side sorts first or equals the left.",
        Example("2 >= 3", 0),
    ),
    Function(
        name="between",
        minimum=3,
        maximum=3,
        strict=False,
        sqlite=_between_sqlite,
        powersync=_between_powersync,
        result=nullable(Kind.INTEGER),
        doc="Whether a value is neither below the first bound nor above the second.",
        examples=(
            Example("2 BETWEEN 1 AND 3", 1),
            Example("3 BETWEEN NULL AND 2", 0, Semantics.SQLITE),
            Example("3 BETWEEN NULL AND 2", None, Semantics.POWERSYNC),
        ),
        languages=_STREAMS,
    ),
    Function(
        name="in",
        minimum=1,
        maximum=None,
        strict=False,
        sqlite=_in_sqlite,
        powersync=_in_powersync,
        result=nullable(Kind.INTEGER),
        doc="Whether a value equals one of the others; NULL where only a NULL could be the one.",
        examples=(
            Example("1 IN ARRAY[1, 2]", 1),
            Example("3 IN ARRAY[1, NULL]", None),
            Example("NULL IN ARRAY[]", 0, Semantics.SQLITE),
            Example("NULL IN ARRAY[]", None, Semantics.POWERSYNC),
        ),
        languages=_STREAMS,
    ),
    Function(
        name="in json",
        minimum=2,
        maximum=2,
        strict=False,
        sqlite=_in_json_sqlite,
        powersync=_in_json_powersync,
        result=always(Kind.INTEGER, Kind.NULL),
        doc="Whether a value equals an element of a JSON array. As a value, streams have NOT IN only.",
        examples=(
            Example("1 IN '[1, \"two\"]'", 1, language=Language.SYNC_RULES),
            Example("'1' IN '[1]'", 0, language=Language.SYNC_RULES),
            Example("1 NOT IN '[1, \"two\"]'", 0, language=Language.SYNC_STREAMS),
            Example("'1' NOT IN '[1]'", 1, language=Language.SYNC_STREAMS),
        ),
    ),
    _test(
        "is null",
        lambda value: 1 if value is None else 0,
        "Whether a value is NULL.",
        Example("1 IS NULL", 0),
        languages=EVERYWHERE,
    ),
    _test(
        "is not null",
        lambda value: 0 if value is None else 1,
        "Whether a value is not NULL.",
        Example("1 IS NOT NULL", 1),
        languages=EVERYWHERE,
    ),
    _test(
        "is true",
        _is_true,
        "Whether a value counts as true, as SQLite reads it under both semantics.",
        Example("2 IS TRUE", 1),
        Example("NULL IS TRUE", 0),
    ),
    _test("is false", _is_false, "Whether a value counts as false; NULL does not.", Example("'bees' IS FALSE", 1)),
    _test("is not true", _is_not_true, "Whether a value is false or NULL.", Example("NULL IS NOT TRUE", 1)),
    _test("is not false", _is_not_false, "Whether a value is true or NULL.", Example("NULL IS NOT FALSE", 1)),
)
"""The comparison operators by symbol, and the tests by what they are called."""
