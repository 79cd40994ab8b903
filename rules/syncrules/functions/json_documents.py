"""json_array_length, json_keys and json_valid: what a JSON document is like as a whole."""

import re
from typing import Final

from syncrules.functions.function import Example, Function, always, nullable, table
from syncrules.functions.json_members import follow_powersync
from syncrules.values import powersync, sqlite
from syncrules.values.json5 import JsonObject
from syncrules.values.json_path import MISSING, Flaw, follow_json5, read_path
from syncrules.values.json_text import json_text, members, read_json
from syncrules.values.jsonb import read_document
from syncrules.values.kinds import Kind
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError, SqlValue

_ROOT: Final = "$"
_STRICT_TOKENS: Final = re.compile(
    r"(?:[ \t\n\r]++|[{}\[\]:]|,(?![ \t\n\r]*[}\]])|true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
    r'|"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")*+'
)


def _array_length_sqlite(document: SqlValue, path: SqlValue = _ROOT) -> SqlValue:
    if document is None:
        return None
    tree = read_document(document)
    if path is None:
        return None
    text = sqlite.to_text(path).partition("\0")[0]
    steps = read_path(text[1:]) if text[:1] == "$" else (Flaw.STEP,)
    found = follow_json5(tree, steps)
    if found is MISSING:
        return None
    return len(found) if type(found) is list else 0


def _array_length_powersync(document: SqlValue, path: SqlValue = _ROOT) -> SqlValue:
    if document is None:
        return None
    tree = read_json(powersync.to_text(document))
    if path is None:
        return None
    text = powersync.to_text(path)
    if text[:1] != "$":
        message = "a path of json_array_length starts with `$`"
        raise EvaluationError(message)
    found = tree if text == "$" else follow_powersync(tree, text)
    if found is MISSING:
        return None
    return len(found) if type(found) is list else 0


def _keys_sqlite(document: SqlValue) -> SqlValue:
    tree = read_document(document)
    if type(tree) is not JsonObject:
        raise _no_object()
    return json_text(list(dict.fromkeys(str(key) for key, _member in tree)))


def _keys_powersync(document: SqlValue) -> SqlValue:
    tree = read_json(powersync.to_text(document))
    if type(tree) is not dict:
        raise _no_object()
    return json_text([key for key, _member in members(tree)])


def _no_object() -> EvaluationError:
    return EvaluationError("json_keys takes a JSON object")


def _valid_sqlite(document: SqlValue) -> SqlValue:
    text = sqlite.to_text(document).partition("\0")[0]
    if _STRICT_TOKENS.fullmatch(text) is None:
        return 0
    try:
        read_document(text)
    except EvaluationError:
        return 0
    return 1


def _valid_powersync(document: SqlValue) -> SqlValue:
    try:
        read_json(powersync.to_text(document))
    except EvaluationError:
        return 0
    return 1


DOCUMENTS: Final = table(
    Function(
        name="json_array_length",
        minimum=1,
        maximum=2,
        strict=False,
        sqlite=_array_length_sqlite,
        powersync=_array_length_powersync,
        result=always(Kind.INTEGER, Kind.NULL),
        doc="How many elements a JSON array has, or the array that a path leads to; 0 for anything else.",
        examples=(
            Example("json_array_length('[1, [2, 3]]')", 2),
            Example("json_array_length('{\"a\": [1]}', '$.a')", 1),
            Example("json_array_length('{}')", 0),
        ),
    ),
    Function(
        name="json_keys",
        minimum=1,
        maximum=1,
        strict=True,
        sqlite=_keys_sqlite,
        powersync=_keys_powersync,
        result=nullable(Kind.TEXT),
        doc="The keys of a JSON object, as a JSON array. Anything but an object is an error of the row.",
        examples=(Example('json_keys(\'{"a": 1, "b": 2}\')', '["a","b"]'),),
    ),
    Function(
        name="json_valid",
        minimum=1,
        maximum=1,
        strict=True,
        sqlite=_valid_sqlite,
        powersync=_valid_powersync,
        result=nullable(Kind.INTEGER),
        doc="Whether a text is strict JSON.",
        examples=(
            Example("json_valid('[1]')", 1),
            Example("json_valid('{a: 1}')", 0),
            Example('json_valid(\'{"a": 1, "a": 2}\')', 1, Semantics.SQLITE),
            Example('json_valid(\'{"a": 1, "a": 2}\')', 0, Semantics.POWERSYNC),
        ),
    ),
)
"""The functions of whole documents by name."""
