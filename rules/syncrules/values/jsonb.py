"""SQLite's binary JSON: what SQLite takes a BLOB for before it takes it for text."""

from syncrules.values import sqlite
from syncrules.values.json5 import read_json5
from syncrules.values.value import SqlValue


def read_document(value: SqlValue) -> object:
    """The tree of a JSON document that is not NULL, as SQLite's JSON functions read their first argument."""
    return read_json5(value if type(value) is str else sqlite.to_text(value))
