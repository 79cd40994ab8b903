"""What rules find for a row: the row as it syncs, entries for lookups, and rules that failed.

They are made for every row of a table, so they are tuples with names, which Python makes fastest: generated code gives all the
values of one to `tuple.__new__`.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from syncrules.values.value import SqlValue

Key = tuple[SqlValue, ...]

LookupKey = tuple[int, Key]
"""A lookup rule's number and a key: what a store is asked for."""


Found = Mapping[Key, int]
"""The outputs under a key, each with the number of source rows that give it."""

Answers = Mapping[LookupKey, Found]
"""What was found under each key that was asked for. Keys without entries may be missing."""


class SyncedRow(NamedTuple):
    """A source row as it syncs in one bucket."""

    bucket: str
    id: str
    table: str
    data: Mapping[str, SqlValue]


class RowError(NamedTuple):
    """A rule that could not be evaluated for a row: a row rule or a lookup rule, by its number."""

    kind: Literal["row", "lookup"]
    rule: int
    message: str


class LookupEntry(NamedTuple):
    """What one row contributes to a lookup rule."""

    rule: int
    key: Key
    outputs: Key


class Evaluation(NamedTuple):
    """The buckets a row falls into, and the rules that failed on it."""

    rows: tuple[SyncedRow, ...]
    errors: tuple[RowError, ...]


class LookupEvaluation(NamedTuple):
    """The lookup entries of a row, and the rules that failed on it."""

    entries: tuple[LookupEntry, ...]
    errors: tuple[RowError, ...]
