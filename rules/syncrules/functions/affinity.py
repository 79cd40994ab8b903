"""What SQLite does to an operand that is compared with a cast."""

import re
from collections.abc import Callable
from typing import Final

from syncrules.functions.function import Example, Function, Language, nullable, table
from syncrules.functions.table_valued import TABLE_FUNCTIONS
from syncrules.values import sqlite
from syncrules.values.json_text import json_text
from syncrules.values.kinds import Kind
from syncrules.values.number_text import number_prefix
from syncrules.values.semantics import Semantics
from syncrules.values.value import SqlValue

_NUMBER: Final = re.compile(r"[ \t\n\v\f\r]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t\n\v\f\r]*")


def _numeric(value: SqlValue) -> SqlValue:
    return number_prefix(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value


def _text(value: SqlValue) -> SqlValue:
    return sqlite.to_text(value) if isinstance(value, int | float) else value


def _elements(convert: Callable[[SqlValue], SqlValue]) -> Callable[[SqlValue], SqlValue]:
    def elements(document: SqlValue) -> SqlValue:
        rows = TABLE_FUNCTIONS["json_each"].sqlite(document)
        return json_text([convert(value) for _, value, *_ in rows])

    return elements


def _same(value: SqlValue) -> SqlValue:
    return value


AFFINITY: Final = table(
    Function(
        name="numeric affinity",
        minimum=1,
        maximum=1,
        strict=True,
        sqlite=_numeric,
        powersync=_same,
        result=nullable(Kind.INTEGER, Kind.REAL, Kind.TEXT, Kind.BLOB),
        doc="A text that is a number, as that number, because it is compared with a cast to a number.",
        examples=(
            Example("CAST(7 AS integer) = '7'", 1, Semantics.SQLITE),
            Example("CAST(7 AS integer) = '7'", 0, Semantics.POWERSYNC),
        ),
    ),
    Function(
        name="text affinity",
        minimum=1,
        maximum=1,
        strict=True,
        sqlite=_text,
        powersync=_same,
        result=nullable(Kind.INTEGER, Kind.REAL, Kind.TEXT, Kind.BLOB),
        doc="A number as text, because it is compared with a cast to text.",
        examples=(
            Example("CAST('7' AS text) = 7", 1, Semantics.SQLITE),
            Example("CAST('7' AS text) = 7", 0, Semantics.POWERSYNC),
        ),
    ),
    Function(
        name="elements under numeric affinity",
        minimum=1,
        maximum=1,
        strict=True,
        sqlite=_elements(_numeric),
        powersync=_same,
        result=nullable(Kind.TEXT),
        doc="An array with its texts that are numbers as numbers, because a cast to a number is sought in it.",
        examples=(
            Example("CAST(7 AS integer) NOT IN '[\"7\"]'", 0, Semantics.SQLITE, Language.SYNC_STREAMS),
            Example("CAST(7 AS integer) NOT IN '[\"7\"]'", 1, Semantics.POWERSYNC, Language.SYNC_STREAMS),
            Example("CAST(7 AS integer) IN '[\"7\"]'", 1, Semantics.SQLITE, Language.SYNC_RULES),
            Example("CAST(7 AS integer) IN '[\"7\"]'", 0, Semantics.POWERSYNC, Language.SYNC_RULES),
        ),
    ),
    Function(
        name="elements under text affinity",
        minimum=1,
        maximum=1,
        strict=True,
        sqlite=_elements(_text),
        powersync=_same,
        result=nullable(Kind.TEXT),
        doc="An array with its numbers as texts, because a cast to text is sought in it.",
        examples=(
            Example("CAST('7' AS text) NOT IN '[7]'", 0, Semantics.SQLITE, Language.SYNC_STREAMS),
            Example("CAST('7' AS text) NOT IN '[7]'", 1, Semantics.POWERSYNC, Language.SYNC_STREAMS),
            Example("CAST('7' AS text) IN '[7]'", 1, Semantics.SQLITE, Language.SYNC_RULES),
            Example("CAST('7' AS text) IN '[7]'", 0, Semantics.POWERSYNC, Language.SYNC_RULES),
        ),
    ),
)
