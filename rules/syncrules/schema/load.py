"""A schema from wherever it is written down: SQL, a folder of migrations, JSON, or a live database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from syncrules.schema.cache import cached_definitions
from syncrules.schema.notes import Definitions
from syncrules.schema.tables import Schema

MAXIMUM_SQL: Final = 64 * 1024 * 1024
"""Bytes of one file."""
_DATABASES: Final = ("postgres://", "postgresql://")


class SchemaError(Exception):
    """There is no schema where one was said to be. The text says why, and holds no connection string."""


def load_schema(place: str, default_schema: str = "public", cache: Path | None = None) -> Definitions:
    """The schema in an SQL file, a folder of them in the order of their names, a JSON file, or a database's URL.

    JSON maps tables to columns to types: `{"lists": {"id": "uuid not null"}}`. What came of SQL is kept in the folder
    `cache`, if there is one. Raises SchemaError.
    """
    if place.startswith(_DATABASES):
        return _database(place, default_schema)
    path = Path(place)
    try:
        if path.suffix.lower() == ".json":
            return Definitions(_from_json(path.read_text("utf-8"), default_schema), (), ())
        files = [(str(file), _text(file)) for file in _sql_files(path)]
    except OSError as error:
        msg = f"{path}: {error.strerror or error}"
        raise SchemaError(msg) from None
    except UnicodeDecodeError:
        msg = f"{path} is not UTF-8 text"
        raise SchemaError(msg) from None
    if not files:
        msg = f"{path} has no file that ends in `.sql`"
        raise SchemaError(msg)
    if cache is not None:
        return cached_definitions(files, default_schema, cache)
    from syncrules.schema.definitions import read_definitions

    return read_definitions(files, default_schema)


def _sql_files(path: Path) -> Iterator[Path]:
    """A file, or the files of a folder and those below, in the order in which migrations are applied."""
    if path.is_dir():
        yield from sorted(path.rglob("*.sql"), key=lambda file: file.relative_to(path).as_posix())
    else:
        yield path


def _text(file: Path) -> str:
    with file.open("rb") as opened:
        data = opened.read(MAXIMUM_SQL + 1)
    if len(data) > MAXIMUM_SQL:
        msg = f"{file} is larger than {MAXIMUM_SQL} bytes"
        raise SchemaError(msg)
    return data.decode("utf-8-sig", errors="replace")


def _from_json(text: str, default_schema: str) -> Schema:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        msg = "the schema is not JSON"
        raise SchemaError(msg) from None
    tables = document if isinstance(document, dict) else {}
    if not tables or not all(isinstance(columns, dict) for columns in tables.values()):
        msg = 'a schema in JSON maps tables to columns to types: {"lists": {"id": "uuid"}}'
        raise SchemaError(msg)
    if not all(isinstance(kind, str) for columns in tables.values() for kind in columns.values()):
        msg = "the type of each column is a text, such as `uuid not null`"
        raise SchemaError(msg)
    return Schema.from_mapping(tables, default_schema)


def _database(url: str, default_schema: str) -> Definitions:
    try:
        import psycopg
    except ImportError:
        msg = "to read a live database, install `syncrules[postgres]`"
        raise SchemaError(msg) from None
    from syncrules.schema.postgres import read_database

    try:
        return Definitions(read_database(url, default_schema), (), ())
    except psycopg.Error as error:
        # Its own text may repeat the connection string.
        msg = f"the database cannot be read ({type(error).__name__})"
        raise SchemaError(msg) from None
