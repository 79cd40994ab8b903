"""Schemas read before: reading a folder of migrations takes seconds, reading what came of it milliseconds.

What came of SQL is kept in a folder under a name made of everything that it depends on, so it is never out of date. A
file there that cannot be read or written costs time and nothing else.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

from syncrules.schema.notes import Definitions, SchemaNote
from syncrules.schema.tables import Schema, SourceColumn

KEPT: Final = 64
"""Schemas; the oldest are removed."""

SqlFile = tuple[str, str]
"""A file's name and its text."""


def cached_definitions(files: Sequence[SqlFile], default_schema: str, folder: Path) -> Definitions:
    """What SQL defines: from the folder if it was read before, else read now, and kept there."""
    place = folder / f"{_name(files, default_schema)}.json"
    try:
        return _from_json(place.read_text("utf-8"), default_schema)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    # sqlglot is imported only where it is needed.
    from syncrules.schema.definitions import read_definitions

    found = read_definitions(files, default_schema)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        beside = place.with_name(f"{place.name}.{os.getpid()}")
        beside.write_text(_to_json(found), "utf-8")
        beside.replace(place)
        for old in sorted(folder.glob("*.json"), key=_age, reverse=True)[KEPT:]:
            old.unlink()
    return found


def _age(file: Path) -> float:
    return file.stat().st_mtime


def _name(files: Sequence[SqlFile], default_schema: str) -> str:
    made_by = (version("syncrules"), version("sqlglot"), default_schema)
    parts = (*made_by, *(part for file in files for part in file))
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _to_json(found: Definitions) -> str:
    tables = [
        [schema, name, {column: [each.type, each.nullable] for column, each in columns.items()}]
        for (schema, name), columns in found.schema.tables.items()
    ]
    notes = [[note.file, note.start, note.message] for note in found.notes]
    return json.dumps({"tables": tables, "notes": notes, "views": [list(view) for view in found.views]})


def _from_json(text: str, default_schema: str) -> Definitions:
    document = json.loads(text)
    tables = {
        (schema, name): {column: SourceColumn(*each) for column, each in columns.items()}
        for schema, name, columns in document["tables"]
    }
    notes = tuple(SchemaNote(*note) for note in document["notes"])
    return Definitions(
        Schema(tables, default_schema), notes, tuple((schema, name) for schema, name in document["views"])
    )
