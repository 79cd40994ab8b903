"""SQLite's binary JSON (its page "The JSONB Format"): what SQLite takes a BLOB for before it takes it for text."""

from typing import Final

from syncrules.values import sqlite
from syncrules.values.json5 import SQLITE_JSON_DEPTH_LIMIT, JsonObject, read_json5
from syncrules.values.value import EvaluationError, SqlValue

_CONSTANTS: Final = {0: None, 1: True, 2: False}
_NUMBERS: Final = frozenset({3, 4, 5, 6})
_PLAIN_TEXT: Final = 7
_ESCAPED_TEXTS: Final = frozenset({8, 9})
_RAW_TEXT: Final = 10
_ARRAY: Final = 11
_OBJECT: Final = 12
_LONG_SIZES: Final = {12: 1, 13: 2, 14: 4, 15: 8}
"""Header sizes that say how many bytes of size follow."""


def read_document(value: SqlValue) -> object:
    """The tree of a JSON document that is not NULL, as SQLite's JSON functions read their first argument.

    >>> read_document(bytes([0x2B, 0x13, 0x31]))
    ['1']
    """
    if isinstance(value, str):
        return read_json5(value)
    if isinstance(value, bytes) and _is_whole(value):
        return _element(value, 0, len(value), 0)[0]
    return read_json5(sqlite.to_text(value))


def _is_whole(blob: bytes) -> bool:
    """Whether a BLOB is one element from its first to its last byte."""
    try:
        kind, start, end = _header(blob, 0, len(blob))
    except EvaluationError:
        return False
    return kind <= _OBJECT and end == len(blob) and (kind not in _CONSTANTS or start == end)


def _header(blob: bytes, at: int, limit: int) -> tuple[int, int, int]:
    """The type of the element at a place, and where its payload starts and ends."""
    if at >= limit:
        raise _malformed()
    size = blob[at] >> 4
    start = at + 1
    if size in _LONG_SIZES:
        start += _LONG_SIZES[size]
        size = int.from_bytes(blob[at + 1 : start], "big")
    if start + size > limit:
        raise _malformed()
    return blob[at] & 15, start, start + size


def _element(blob: bytes, at: int, limit: int, depth: int) -> tuple[object, int]:
    """The element at a place, and the place after it."""
    if depth > SQLITE_JSON_DEPTH_LIMIT:
        raise _malformed()
    kind, start, end = _header(blob, at, limit)
    payload = blob[start:end]
    if kind in _CONSTANTS:
        return _CONSTANTS[kind], end
    if kind in _NUMBERS:
        return read_json5(sqlite.to_text(payload)), end
    if kind in (_PLAIN_TEXT, _RAW_TEXT):
        return sqlite.to_text(payload), end
    if kind in _ESCAPED_TEXTS:
        return read_json5(f'"{sqlite.to_text(payload)}"'), end
    if kind == _ARRAY:
        return _elements(blob, start, end, depth), end
    if kind == _OBJECT:
        items = _elements(blob, start, end, depth)
        if len(items) % 2 or not all(isinstance(key, str) for key in items[::2]):
            raise _malformed()
        return JsonObject((str(key), value) for key, value in zip(items[::2], items[1::2], strict=True)), end
    raise _malformed()


def _elements(blob: bytes, start: int, end: int, depth: int) -> list[object]:
    items: list[object] = []
    while start < end:
        item, start = _element(blob, start, end, depth + 1)
        items.append(item)
    return items


def _malformed() -> EvaluationError:
    return EvaluationError("malformed JSON in a BLOB")
