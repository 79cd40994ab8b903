"""upper, lower, length, hex and base64."""

import base64
import re
from typing import Final

from syncrules.functions.function import Example, Function, Implementation, always, nullable, table
from syncrules.values import powersync, sqlite
from syncrules.values.kinds import Kind
from syncrules.values.semantics import Semantics
from syncrules.values.value import SqlValue

_TO_UPPER: Final = {letter: letter - 32 for letter in range(ord("a"), ord("z") + 1)}
_TO_LOWER: Final = {small: letter for letter, small in _TO_UPPER.items()}


def _upper_sqlite(value: SqlValue) -> SqlValue:
    text = sqlite.to_text(value)
    return text.upper() if text.isascii() else text.translate(_TO_UPPER)


def _lower_sqlite(value: SqlValue) -> SqlValue:
    text = sqlite.to_text(value)
    return text.lower() if text.isascii() else text.translate({v: k for k, v in _TO_UPPER.items()})


def _upper_powersync(value: SqlValue) -> SqlValue:
    return powersync.to_text(value).upper()


def _lower_powersync(value: SqlValue) -> SqlValue:
    return powersync.to_text(value).lower()


def _length_sqlite(value: SqlValue) -> SqlValue:
    if type(value) is bytes:
        return len(value)
    text = sqlite.to_text(value)
    return len(sqlite.characters(text)) if text.isascii() is False else len(text.partition("\0")[0])


def _length_powersync(value: SqlValue) -> SqlValue:
    if type(value) is bytes:
        return len(value)
    text = powersync.to_text(value)
    return len(text) if text.isascii() else len(powersync.utf16(text)) // 2


def _hex_sqlite(value: SqlValue) -> SqlValue:
    return "" if value is None else sqlite.to_blob(value).hex().upper()


def _hex_powersync(value: SqlValue) -> SqlValue:
    return "" if value is None else powersync.to_blob(value).hex().upper()


def _base64_sqlite(value: SqlValue) -> SqlValue:
    return "" if value is None else base64.b64encode(sqlite.to_blob(value)).decode()


def _base64_powersync(value: SqlValue) -> SqlValue:
    return "" if value is None else base64.b64encode(powersync.to_blob(value)).decode()
