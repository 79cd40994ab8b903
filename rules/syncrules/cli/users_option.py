"""Users of a command: a file with their claims, a column of the data, or whoever the rules would find something for."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from syncrules.auth import TokenError, VerifiedClaims
from syncrules.casefile.contents import changes_of, people_of, schema_of
from syncrules.casefile.find import SUFFIXES
from syncrules.casefile.read import CaseFileError, read_case_file
from syncrules.cli.problem import Problem, Problems
from syncrules.diagnostics import render_line
from syncrules.engine.table import SourceTable
from syncrules.explain.users import FoundUsers, users_of
from syncrules.sources.files import RowsError, read_document, table_rows
from syncrules.stores.change import Change

_BY_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class People:
    """Users by name; the names of those whose token is refused; the rows that came with them, if any."""

    claims: tuple[tuple[str, VerifiedClaims], ...]
    refused: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()


def people_in(path: Path) -> People:
    """The people of a case file, or the claims in a file: a JSON line each, a list, or by name. Raises Problem."""
    try:
        if path.name.endswith(SUFFIXES):
            return _people_of_cases(path)
        if path.suffix in _BY_LINES:
            found = [(place, claims) for place, claims in table_rows(path)]
        else:
            found = [*_listed(path, read_document(path))]
    except OSError as error:
        raise Problem("people-file", f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise Problem("people-file", f"{path}: the file is not UTF-8 text") from None
    except RowsError as error:
        raise Problem(error.code, str(error)) from None
    return People(tuple(_named(name, claims) for name, claims in found))


def _people_of_cases(path: Path) -> People:
    try:
        placed = read_case_file(path)
        people = people_of(placed)
        changes = tuple(changes_of(placed, schema_of(placed)))
    except CaseFileError as error:
        raise Problems(tuple(render_line(each, error.source) for each in error.diagnostics)) from None
    known = tuple((name, claims) for name, claims in people.items() if not isinstance(claims, TokenError))
    return People(known, tuple(name for name, claims in people.items() if isinstance(claims, TokenError)), changes)


def _listed(path: Path, document: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    match document:
        case list():
            yield from ((f"{path}: person {number}", each) for number, each in enumerate(document, start=1))
        case dict() if document and all(isinstance(each, dict) for each in document.values()):
            yield from document.items()
        case _:
            raise Problem(
                "people-shape", f"{path}: people are a list of claims, or claims by name: `ada: {{sub: ada}}`"
            )


def _named(name: str, claims: object) -> tuple[str, VerifiedClaims]:
    if not isinstance(claims, dict):
        raise Problem("people-shape", f"{name}: claims are a mapping, such as `sub: ada`")
    try:
        verified = VerifiedClaims.unverified_for_testing(claims)
    except (TypeError, ValueError) as error:
        raise Problem("people-shape", f"{name}: these are no claims: {error}") from None
    return verified.user_id or name, verified


def users_in(changes: Sequence[Change], place: str) -> FoundUsers:
    """The users in a column of a table: see `column_of`. Raises Problem."""
    table, column = column_of({change.table for change in changes}, place)
    if not any(column in change.row for change in changes if change.table == table):
        raise Problem("users-column", f"`{table.schema}.{table.name}` has no column `{column}`")
    return users_of(changes, table, column)


def column_of(tables: Collection[SourceTable], place: str) -> tuple[SourceTable, str]:
    """What TABLE or TABLE.COLUMN means, the column `id` unless it says which. Raises Problem."""
    if SourceTable.parse(place) in tables:
        return SourceTable.parse(place), "id"
    name, _, column = place.rpartition(".")
    if SourceTable.parse(name) not in tables:
        known = ", ".join(sorted(f"{each.schema}.{each.name}" for each in tables)) or "none"
        raise Problem("users-table", f"there is no table for `--users {place}`; known are {known}")
    return SourceTable.parse(name), column


def claimed(ids: Sequence[str], others: Mapping[str, object]) -> People:
    """Users by id, each with the id as `sub` and other claims that all of them have."""
    return People(tuple((each, VerifiedClaims.unverified_for_testing({**others, "sub": each})) for each in ids))
