"""`->`, `->>` and json_extract: a member of a JSON document by key, index or path.

The `legacy` forms are those of files without `fixed_json_extract`: a key is split on its dots, and a
member that is JSON null is the text `null` for `->>` and NULL for `->`.
"""

from collections.abc import Callable
from typing import Final

from syncrules.functions.function import EVERYWHERE, Example, Function, Language, table
from syncrules.values import powersync, sqlite
from syncrules.values.json5 import from_json5, json5_text
from syncrules.values.json_path import MISSING, Flaw, Path, follow_json, follow_json5, read_path
from syncrules.values.json_text import from_json, json_text, read_json
from syncrules.values.jsonb import read_document
from syncrules.values.kinds import ANYTHING, Kind
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError, SqlValue

_Find = Callable[[SqlValue, SqlValue], object]
_Show = Callable[[object], SqlValue]


def _find_sqlite(document: SqlValue, member: SqlValue) -> object:
    return follow_json5(read_document(document), read_path(_full_path(member)))


def _full_path(member: SqlValue) -> str:
    """The path, without its `$`, that SQLite reads from the right side of `->`."""
    text = sqlite.to_text(member).partition("\0")[0]
    if text[:1] == "$":
        return text[1:]
    if type(member) is int:
        return f"[#{text}]" if member < 0 else f"[{text}]"
    if text == "" or (text.isascii() and text.replace("_", "a").isalnum()):
        return f".{text}"
    if len(text) > 2 and text[0] == "[" and text[-1] == "]":
        return text
    return f'."{text}"'


def _find_powersync(document: SqlValue, member: SqlValue) -> object:
    tree = read_json(powersync.to_text(document))
    if type(member) is int:
        # Here a negative index counts from nowhere, and an object has no indexes.
        return tree[member] if type(tree) is list and 0 <= member < len(tree) else MISSING
    text = powersync.to_text(member)
    return follow_powersync(tree, text) if text[:1] == "$" else _follow_keys(tree, (text,))


def follow_powersync(tree: object, text: str) -> object:
    """Where a path leads; one that cannot be read after its `$.` is keys with dots between them."""
    path = read_path(text[1:])
    if text[1:2] == "." and isinstance(path[-1], Flaw):
        path = tuple(text[2:].split("."))
    return MISSING if tree is None else follow_json(tree, path)


def _follow_keys(tree: object, keys: Path) -> object:
    return follow_json(tree, keys) if keys else MISSING


def _find_legacy_sqlite(document: SqlValue, member: SqlValue) -> object:
    tree = read_document(document)
    path = _legacy_path(member, sqlite.to_text(member))
    return MISSING if tree is None else follow_json5(tree, path)


def _find_legacy_powersync(document: SqlValue, member: SqlValue) -> object:
    tree = read_json(powersync.to_text(document))
    text = powersync.to_text(member)
    return follow_powersync(tree, text) if text[:1] == "$" else _follow_keys(tree, _legacy_path(member, text))


def _legacy_path(member: SqlValue, text: str) -> Path:
    if text[:1] == "$":
        return read_path(text[1:])
    return (member,) if type(member) is int else tuple(text.split("."))


def _member(find: _Find, show: _Show) -> Callable[[SqlValue, SqlValue], SqlValue]:
    def member(document: SqlValue, key: SqlValue) -> SqlValue:
        found = find(document, key)
        return None if found is MISSING else show(found)

    return member


def _extract_sqlite(show: _Show) -> Callable[..., SqlValue]:
    def extract(document: SqlValue, *paths: SqlValue) -> SqlValue:
        if document is None:
            return None
        tree = read_document(document)
        if None in paths:
            return None
        found = [follow_json5(tree, read_path(_rooted(sqlite.to_text(path))[1:])) for path in paths]
        if len(found) == 1:
            return None if found[0] is MISSING else show(found[0])
        return json5_text([None if value is MISSING else value for value in found])

    return extract


def _extract_powersync(show: _Show) -> Callable[..., SqlValue]:
    def extract(document: SqlValue, *paths: SqlValue) -> SqlValue:
        if document is None:
            return None
        tree = read_json(powersync.to_text(document))
        if None in paths or (tree is None and len(paths) == 1):
            return None
        found = [follow_powersync(tree, _rooted(powersync.to_text(path))) for path in paths]
        if len(found) == 1:
            return None if found[0] is MISSING else show(found[0])
        return json_text([None if value is MISSING else value for value in found])

    return extract


def _rooted(text: str) -> str:
    """The path itself. Raises EvaluationError unless it starts at the root."""
    if text[:1] != "$":
        message = "a path of json_extract starts with `$`"
        raise EvaluationError(message)
    return text.partition("\0")[0]


def _null_or(show: _Show) -> _Show:
    return lambda found: None if found is None else show(found)


def _null_text_or(show: _Show) -> _Show:
    return lambda found: "null" if found is None else show(found)


def _operator(
    name: str, sqlite_: Callable[..., SqlValue], powersync_: Callable[..., SqlValue], doc: str, *examples: Example
) -> Function:
    return Function(
        name=name,
        minimum=2,
        maximum=None if name.endswith("json_extract") else 2,
        strict=not name.endswith("json_extract"),
        sqlite=sqlite_,
        powersync=powersync_,
        result=lambda _arguments: _TEXT_OR_NULL if name.endswith("->") else _SCALAR,
        doc=doc,
        examples=examples,
        languages=frozenset({Language.SYNC_RULES}) if name.startswith("legacy") else EVERYWHERE,
    )


_TEXT_OR_NULL: Final = frozenset({Kind.TEXT, Kind.NULL})
_SCALAR: Final = ANYTHING - {Kind.BLOB}

MEMBERS: Final = table(
    _operator(
        "->",
        _member(_find_sqlite, json5_text),
        _member(_find_powersync, json_text),
        "A member of a JSON document, as JSON text. The right side is a key, an index, or a path after `$`.",
        Example("'{\"a\": [1, \"b\"]}' -> 'a'", '[1,"b"]'),
        Example("'[1, \"b\"]' -> 1", '"b"', language=Language.SYNC_STREAMS),
        Example("'{\"a\": null}' -> 'a'", "null"),
    ),
    _operator(
        "->>",
        _member(_find_sqlite, from_json5),
        _member(_find_powersync, from_json),
        "A member of a JSON document, as an SQL value: `true` is 1, and arrays and objects are their text.",
        Example("'{\"a\": {\"b\": 5}}' ->> '$.a.b'", 5),
        Example("'{\"a.b\": 5}' ->> 'a.b'", 5),
        Example("'[1, 2, 3]' ->> '$[#-1]'", 3),
        Example("'[1, 2, 3]' ->> -1", 3, Semantics.SQLITE, Language.SYNC_STREAMS),
        Example("'[1, 2, 3]' ->> -1", None, Semantics.POWERSYNC, Language.SYNC_STREAMS),
    ),
    _operator(
        "legacy ->",
        _member(_find_legacy_sqlite, _null_or(json5_text)),
        _member(_find_legacy_powersync, _null_or(json_text)),
        "As `->` before `fixed_json_extract`: keys are split on dots, and JSON null is NULL.",
        Example("'{\"a\": {\"b\": [5]}}' -> 'a.b'", "[5]"),
        Example("'{\"a\": null}' -> 'a'", None),
    ),
    _operator(
        "legacy ->>",
        _member(_find_legacy_sqlite, _null_text_or(from_json5)),
        _member(_find_legacy_powersync, _null_text_or(from_json)),
        "As `->>` before `fixed_json_extract`: keys are split on dots, and JSON null is the text `null`.",
        Example("'{\"a\": {\"b\": 5}}' ->> 'a.b'", 5),
        Example("'{\"a\": null}' ->> 'a'", "null"),
    ),
    _operator(
        "legacy json_extract",
        _extract_sqlite(_null_text_or(from_json5)),
        _extract_powersync(_null_text_or(from_json)),
        "As `json_extract` before `fixed_json_extract`: JSON null is the text `null`.",
        Example("json_extract('{\"a\": {\"b\": 5}}', '$.a.b')", 5),
        Example("json_extract('{\"a\": null}', '$.a')", "null"),
    ),
)
"""The operators on members of JSON documents by symbol."""

EXTRACTION: Final = table(
    _operator(
        "json_extract",
        _extract_sqlite(from_json5),
        _extract_powersync(from_json),
        "What a path leads to, as an SQL value; for several paths the array of what they lead to.",
        Example("json_extract('{\"a\": [1, 2]}', '$.a[1]')", 2),
        Example("json_extract('{\"a\": 1}', '$.a', '$.b')", "[1,null]"),
    ),
)
"""json_extract by its name."""
