"""What a case file brings: its schema, its rows, its people, each mistake told where the file speaks of it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from syncrules.auth import ConfigError, TokenError, VerifiedClaims, Verifier
from syncrules.casefile.cell import CellError, typed, untyped
from syncrules.casefile.read import Placed
from syncrules.engine.table import SourceTable
from syncrules.schema import Schema
from syncrules.schema.load import SchemaError, load_schema
from syncrules.sources.files import RowsError, read_rows, table_rows
from syncrules.stores.change import Change
from syncrules.values.value import EvaluationError

Person = VerifiedClaims | TokenError
"""Somebody, or why their token is refused."""


def schema_of(placed: Placed) -> Schema | None:
    """The schema that a case file names. Raises CaseFileError."""
    name = placed.file.db_schema
    if name is None:
        return None
    try:
        return load_schema(str(placed.beside(name))).schema
    except SchemaError as error:
        raise placed.error("schema", str(error), "schema") from None


def changes_of(placed: Placed, schema: Schema | None) -> Iterator[Change]:
    """The rows of `data` and `tables`, checked against the schema. Raises CaseFileError."""
    numbers: dict[str, int] = {}
    for table, place, row, path in _placed_rows(placed):
        source = SourceTable.parse(table)
        numbers[table] = numbers.get(table, 0) + 1
        columns = None if schema is None else schema.tables.get((source.schema, source.name))
        if schema is not None and columns is None:
            raise placed.error("unknown-table", f"{place}the schema has no table `{table}`", *path)
        values = {}
        for name, value in row.items():
            try:
                if columns is None:
                    values[name] = untyped(value)
                elif name not in columns:
                    raise placed.error("unknown-column", f"{place}`{table}` has no column `{name}`", *path, name)
                else:
                    values[name] = typed(value, columns[name])
            except (CellError, EvaluationError) as error:
                raise placed.error("row-value", f"{place}`{name}`: {error}", *path, name) from None
        yield Change.put(source, values, key=numbers[table])


def _placed_rows(placed: Placed) -> Iterator[tuple[str, str, Mapping[str, object], tuple[str | int, ...]]]:
    """Each row with its table, what to say before a message, and where the case file speaks of it."""
    if placed.file.data is not None:
        for table, place, row in _rows_of_file(placed, placed.file.data, ("data",)):
            yield table, f"{place}: ", row, ("data",)
    for table, rows in placed.file.tables.items():
        if isinstance(rows, str):
            for place, row in _rows_of_table(placed, rows, ("tables", table)):
                yield table, f"{place}: ", row, ("tables", table)
        else:
            for number, row in enumerate(rows):
                yield table, "", row, ("tables", table, number)


def _rows_of_file(placed: Placed, name: str, path: tuple[str, ...]) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    try:
        yield from read_rows(placed.beside(name))
    except RowsError as error:
        raise placed.error(error.code, str(error), *path) from None


def _rows_of_table(placed: Placed, name: str, path: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, object]]]:
    try:
        yield from table_rows(placed.beside(name))
    except RowsError as error:
        raise placed.error(error.code, str(error), *path) from None
    except OSError as error:
        raise placed.error("data-file", f"{name}: {error.strerror or error}", *path) from None


def people_of(placed: Placed) -> dict[str, Person]:
    """The people of a case file; a token that is refused is kept as the refusal. Raises CaseFileError."""
    verifier: Verifier | None = None
    people: dict[str, Person] = {}
    now = _moment(placed)
    for name, person in placed.file.people.items():
        if person.claims is not None:
            people[name] = VerifiedClaims.unverified_for_testing(person.claims)
        elif person.token is not None:
            verifier = verifier or _verifier(placed, name)
            try:
                token = placed.beside(person.token).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise placed.error("token-file", f"{person.token}: {error}", "people", name) from None
            try:
                people[name] = verifier.verify(token, now=now)
            except TokenError as error:
                people[name] = error
    return people


def _verifier(placed: Placed, person: str) -> Verifier:
    if placed.file.auth is None:
        message = "a token needs `auth`: a file that says which keys to trust"
        raise placed.error("auth-missing", message, "people", person)
    try:
        return Verifier.from_config(placed.beside(placed.file.auth))
    except ConfigError as error:
        message = "; ".join(problem.message for problem in error.problems)
        raise placed.error("auth", message, "auth") from None


def _moment(placed: Placed) -> float | None:
    now = placed.file.now
    if now is None or isinstance(now, int | float):
        return now
    try:
        when = datetime.fromisoformat(now)
    except ValueError:
        raise placed.error("time", f"`{now}` is no time: write 2026-11-25T12:00:00Z", "now") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
