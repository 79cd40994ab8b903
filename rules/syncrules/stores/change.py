"""Changes of source rows: what a store is told."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

from syncrules.engine.table import SourceTable
from syncrules.values.row import Row, checked_row

RowKey = tuple[SourceTable, Hashable]
"""A source row: its table, and its primary key."""


@dataclass(frozen=True, slots=True)
class Change:
    """A source row that was written (`put`) or removed (`delete`).

    `key` is the row's primary key: what is written replaces what was there under it. `old` is the primary key that the
    row had before, if that was another one.
    """

    operation: Literal["put", "delete"]
    table: SourceTable
    key: Hashable
    row: Row = field(default_factory=dict)
    old: Hashable = None

    @classmethod
    def put(
        cls, table: str | SourceTable, row: Mapping[str, object], key: Hashable = None, *, old: object = None
    ) -> Self:
        """A row that was inserted, or updated.

        Its primary key is its column `id` unless `key` is given, a tuple for several columns. `old` is the row before
        the update, or its primary key: needed only where an update may change the primary key.
        Raises EvaluationError for a value that SQL does not have, and TypeError for a key that is no such value.

        >>> Change.put("lists", {"id": "b"}, old={"id": "a"}).old
        'a'
        """
        checked = checked_row(row)
        return cls("put", _table(table), _primary_key(checked.get("id") if key is None else key), checked, _key(old))

    @classmethod
    def delete(cls, table: str | SourceTable, old: object) -> Self:
        """A row that was removed: the row, or its primary key."""
        return cls("delete", _table(table), _key(old))

    @property
    def replaced(self) -> tuple[RowKey, ...]:
        """The source rows that are there no more, or not as they were."""
        keys = (self.key,) if self.old is None else (self.key, self.old)
        return tuple((self.table, key) for key in keys)


def _table(table: str | SourceTable) -> SourceTable:
    return table if isinstance(table, SourceTable) else SourceTable.parse(table)


def _key(old: object) -> Hashable:
    return checked_row(old).get("id") if isinstance(old, Mapping) else _primary_key(old)


def _primary_key(key: object) -> Hashable:
    """A value, or several; keys that are equal to SQL are the same key."""
    match key:
        case tuple():
            return tuple(map(_primary_key, key))
        case bool():
            return int(key)
        case float() if key.is_integer():
            return int(key)
        case None | int() | float() | str() | bytes():
            return key
        case _:
            msg = f"a {type(key).__name__} is no primary key"
            raise TypeError(msg)
