"""Source rows from files: YAML, JSON, JSON lines, CSV, SQL inserts, or an SQLite database.

A folder holds one file a table (`lists.csv`, `audit.log.jsonl`); a single YAML or JSON file maps
tables to lists of rows; a single JSON lines file has `{"table": …, "row": {…}}` a line; a single CSV
file is the table of its name. Lists and objects in a row become JSON text, as a database's JSON
columns do. CSV has no types: an empty field is NULL, `true` and `false` are 1 and 0, and what is
written as JSON writes numbers is a number.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final, cast

from syncrules.engine.table import SourceTable
from syncrules.stores.change import Change
from syncrules.values.json_text import json_text
from syncrules.values.value import EvaluationError

_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?(?:[eE][+-]?\d+)?")
_ONE_TABLE: Final = (".csv", ".jsonl", ".ndjson", ".yaml", ".yml", ".json")
_DATABASES: Final = (".sqlite", ".sqlite3", ".db")


class RowsError(Exception):
    """Source rows cannot be read: a code, and a text that says where and why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


Row = Mapping[str, object]
PlacedRow = tuple[str, str, Row]
"""A table, the row, and where it was read: `file:line` or `file`, for messages."""


class CsvText(str):
    """A field of a CSV file: a text until something is known of its column."""

    __slots__ = ()


def read_changes(path: Path) -> Iterator[Change]:
    """Every row of a file or folder, as a change of the table it belongs to. Raises RowsError."""
    seen: dict[str, int] = {}
    for table, place, row in read_rows(path):
        try:
            seen[table] = seen.get(table, 0) + 1
            values = {str(name): _value(value) for name, value in row.items()}
            yield Change.put(SourceTable.parse(table), values, key=seen[table])
        except EvaluationError as error:
            raise RowsError("data-value", f"{place}: {error}") from None


def read_rows(path: Path) -> Iterator[PlacedRow]:
    """Every row of a file or folder, as it is written there. Raises RowsError."""
    try:
        if path.is_dir():
            yield from _folder(path)
        elif path.suffix in _DATABASES:
            yield from _database(path)
        else:
            yield from _file(path)
    except OSError as error:
        raise RowsError("data-file", f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise RowsError("data-file", f"{path}: the file is not UTF-8 text") from None


def _folder(path: Path) -> Iterator[PlacedRow]:
    files = sorted(file for file in path.iterdir() if file.suffix in _ONE_TABLE)
    if not files:
        raise RowsError("data-file", f"{path}: no data files here; a table is a file like `lists.csv` or `lists.jsonl`")
    for file in files:
        for place, row in table_rows(file):
            yield file.stem, place, row


def _file(path: Path) -> Iterator[PlacedRow]:
    match path.suffix:
        case ".yaml" | ".yml" | ".json":
            document = read_document(path)
            if not isinstance(document, dict):
                raise RowsError("data-shape", f"{path}: a data file maps tables to lists of rows")
            for table, rows in document.items():
                for place, row in _listed(rows, path, f"`{table}`"):
                    yield str(table), place, row
        case ".jsonl" | ".ndjson":
            for place, line in _lines(path):
                if not (isinstance(line.get("table"), str) and isinstance(line.get("row"), dict)):
                    raise RowsError("data-shape", f'{place}: a line is {{"table": "…", "row": {{…}}}}')
                yield str(line["table"]), place, cast("Row", line["row"])
        case ".csv":
            for place, row in _csv(path):
                yield path.stem, place, row
        case ".sql":
            yield from _inserts(path)
        case suffix:
            known = ", ".join((*_ONE_TABLE, ".sql", *_DATABASES))
            raise RowsError("data-file", f"{path}: files ending in `{suffix}` are not known; known are {known}")


def table_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """The rows of a file that holds one table, each with its place. Raises RowsError."""
    match path.suffix:
        case ".csv":
            yield from _csv(path)
        case ".jsonl" | ".ndjson":
            yield from _lines(path)
        case _:
            yield from _listed(read_document(path), path, "the file")


def read_document(path: Path) -> object:
    """What a YAML or JSON file holds, as plain Python values. Raises RowsError."""
    from syncrules.diagnostics import Source, render_line
    from syncrules.document import read

    text = path.read_text("utf-8")
    if path.suffix == ".json":
        try:
            return json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise RowsError("data-syntax", f"{path}: {_json_message(error)}") from None
    source = Source(str(path), text)
    document, diagnostics = read(source)
    if diagnostics:
        raise RowsError("data-syntax", render_line(diagnostics[0], source))
    return _plain(document)


def _plain(node: object) -> object:
    from syncrules.document import Mapping as MappingNode
    from syncrules.document import Scalar
    from syncrules.document import Sequence as SequenceNode

    match node:
        case Scalar():
            return node.value
        case SequenceNode():
            return [_plain(item) for item in node.items]
        case MappingNode():
            return {entry.key.text.text: _plain(entry.value) for entry in node.entries}
        case _:
            return None


def _listed(rows: object, path: Path, what: str) -> Iterator[tuple[str, Row]]:
    if not isinstance(rows, list):
        raise RowsError("data-shape", f"{path}: {what} must be a list of rows")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise RowsError("data-shape", f"{path}: row {number} of {what} is not a mapping of columns")
        yield f"{path}: row {number} of {what}", row


def _lines(path: Path) -> Iterator[tuple[str, Row]]:
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, start=1):
            if not text.strip():
                continue
            place = f"{path}:{number}"
            try:
                row = json.loads(text, parse_constant=_refuse_constant)
            except (ValueError, RecursionError) as error:
                raise RowsError("data-syntax", f"{place}: {_json_message(error)}") from None
            if not isinstance(row, dict):
                raise RowsError("data-shape", f"{place}: a line must be a JSON object")
            yield place, row


def _csv(path: Path) -> Iterator[tuple[str, Row]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = next(reader, None)
            for fields in reader:
                place = f"{path}:{reader.line_num}"
                if not fields:
                    continue
                if header is None or len(fields) != len(header):
                    expected = len(header or ())
                    raise RowsError("data-syntax", f"{place}: {len(fields)} fields where the header has {expected}")
                yield place, dict(zip(header, (CsvText(field) if field else None for field in fields), strict=True))
        except csv.Error as error:
            raise RowsError("data-syntax", f"{path}:{reader.line_num}: {error}") from None


def guessed(field: CsvText) -> object:
    """What a field of a CSV file probably is: `true` and `false`, numbers as JSON writes them, or a text."""
    if field in {"true", "false"}:
        return field == "true"
    number = _NUMBER.fullmatch(field)
    return str(field) if number is None else json.loads(field)


def _inserts(path: Path) -> Iterator[PlacedRow]:
    """The rows of `INSERT INTO table (columns) VALUES …`; other statements are passed over."""
    import sqlglot
    from sqlglot import exp

    try:
        found = sqlglot.parse(path.read_text("utf-8"), read="postgres")
    except sqlglot.errors.SqlglotError as error:
        raise RowsError("data-syntax", f"{path}: {str(error).splitlines()[0]}") from None
    for insert in (statement for statement in found if isinstance(statement, exp.Insert)):
        target, values = insert.this, insert.expression
        if not isinstance(target, exp.Schema) or not isinstance(values, exp.Values):
            raise RowsError("data-shape", f"{path}: an INSERT names its columns, and has VALUES")
        table = ".".join(part.name for part in target.this.parts)
        columns = [column.name for column in target.expressions]
        for number, row in enumerate(values.expressions, start=1):
            place = f"{path}: row {number} of `{table}`"
            cells = row.expressions if isinstance(row, exp.Tuple) else [row]
            if len(cells) != len(columns):
                raise RowsError("data-syntax", f"{place}: {len(cells)} values for {len(columns)} columns")
            yield table, place, {name: _literal(cell, place) for name, cell in zip(columns, cells, strict=True)}


def _literal(value: object, place: str) -> object:
    from sqlglot import exp

    match value:
        case exp.Null():
            return None
        case exp.Boolean():
            return bool(value.this)
        case exp.Literal():
            return str(value.this) if value.is_string else json.loads(value.this)
        case exp.Neg():
            return -cast("float", _literal(value.this, place))
        case exp.Cast():
            return _literal(value.this, place)
        case exp.Array():
            return [_literal(item, place) for item in value.expressions]
        case _:
            raise RowsError("data-value", f"{place}: only constants can be inserted, not `{value}`")


def _database(path: Path) -> Iterator[PlacedRow]:
    import sqlite3

    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            names = connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            for (table,) in names.fetchall():
                quoted = table.replace('"', '""')
                cursor = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 (the name is quoted)
                columns = [column[0] for column in cursor.description]
                for values in cursor:
                    yield table, str(path), dict(zip(columns, values, strict=True))
    except sqlite3.Error as error:
        raise RowsError("data-file", f"{path}: {error}") from None


def _value(value: object) -> object:
    """Lists and objects as JSON text; dates of YAML do not exist under its core schema."""
    value = guessed(value) if isinstance(value, CsvText) else value
    return json_text(value) if isinstance(value, list | dict) else value


def _refuse_constant(name: str) -> object:
    message = f"{name} is no JSON number"
    raise ValueError(message)


def _json_message(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"broken JSON at column {error.colno}: {error.msg[0].lower()}{error.msg[1:]}"
        case RecursionError():
            return "the JSON is nested too deeply"
        case _:
            return f"broken JSON: {error}"
