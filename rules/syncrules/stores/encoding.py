"""Keys, outputs and primary keys as texts, for stores whose tables hold them, and hashes of such texts to index them by.

A key may be of any length, which an index of a database is not made for: entries are found by 64-bit hashes, and what
was found is compared with what was asked.
"""

import json
from collections.abc import Hashable
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from typing import Final

from syncrules.engine.found import Key
from syncrules.stores.change import RowKey
from syncrules.values.value import SqlValue

_TEXT: Final = json.JSONEncoder(separators=(",", ":")).encode
_READ: Final = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
_TEXTS: Final = frozenset({str})


def key_text(key: Key) -> str:
    """A lookup's key: equal texts for keys that are equal to SQL, and only for those.

    >>> key_text(("ada", 1.0, b"x"))
    '["ada",1,["78"]]'
    """
    return _texts(key) if _TEXTS.issuperset(map(type, key)) else _TEXT([_cell(_whole(value)) for value in key])


def outputs_text(outputs: Key) -> str:
    """The outputs of an entry: equal texts for values of equal storage classes only.

    >>> outputs_text((1.0, None))
    '[1.0,null]'
    """
    return _texts(outputs) if _TEXTS.issuperset(map(type, outputs)) else _TEXT([_cell(value) for value in outputs])


def decoded(text: str) -> Key:
    """The values that `key_text` or `outputs_text` wrote."""
    cells, _ = _READ(text, 0)
    if list not in map(type, cells):
        return tuple(cells)
    return tuple(bytes.fromhex(cell[0]) if isinstance(cell, list) else cell for cell in cells)


def row_text(row: RowKey) -> str:
    """A source row: its table and primary key."""
    table, key = row
    return _TEXT([table.tag, table.schema, table.name, _primary_key(key)])


def hashed(*parts: str | int) -> int:
    """A number of 64 bits, signed, for a text or several.

    >>> hashed(1, "[]") == hashed(1, "[]") != hashed(11, "[]")
    True
    """
    digest = blake2b("\0".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _texts(values: Key) -> str:
    """What `_TEXT` writes of values that are all texts, as most are."""
    return f"[{','.join(map(encode_basestring_ascii, values))}]"  # type: ignore[arg-type]


def _whole(value: SqlValue) -> SqlValue:
    """A REAL as the INTEGER that it equals, if there is one."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**63 else value


def _cell(value: SqlValue) -> object:
    return [value.hex()] if isinstance(value, bytes) else value


def _primary_key(key: Hashable) -> object:
    match key:
        case tuple():
            return {"columns": [_primary_key(part) for part in key]}
        case bytes():
            return [key.hex()]
        case _:
            return key
