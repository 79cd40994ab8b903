"""A scene: rules, the rows of their tables, and people. What each of them syncs is a set that tests can compare."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Self

from syncrules.auth import ConfigError, TokenError, VerifiedClaims, Verifier
from syncrules.casefile.cell import CellError, typed, untyped
from syncrules.casefile.model import Case
from syncrules.casefile.read import Placed, read_case_file
from syncrules.casefile.source_rows import RowsError, read_rows, table_rows
from syncrules.engine.table import SourceTable
from syncrules.resolve.request import Request, Subscription
from syncrules.resolve.resolution import Resolution
from syncrules.resolve.rules import Rules, load
from syncrules.schema import Schema
from syncrules.schema.load import SchemaError, load_schema
from syncrules.stores.memory import Change, MemoryStore
from syncrules.values.value import EvaluationError

Person = VerifiedClaims | TokenError
"""Somebody, or why their token is refused."""


@dataclass(frozen=True)
class Scene:
    """Rules with rows and people. Everything else is worked out when it is first asked for.

    >>> rules = Rules.from_text("bucket_definitions: {mine: {parameters: SELECT request.user_id() AS u, "
    ...     "data: [SELECT id FROM lists WHERE owner = bucket.u]}}")
    >>> scene = Scene.of(rules, {"lists": [{"id": "l1", "owner": "ada"}]}, {"ada": {"sub": "ada"}})
    >>> scene.visible("ada", "lists"), scene.buckets("ada")
    ({'l1'}, {'mine["ada"]'})
    """

    rules: Rules
    changes: tuple[Change, ...]
    people: Mapping[str, Person]
    schema: Schema | None = None
    _answers: dict[Request, Resolution] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        rules: Rules,
        tables: Mapping[str, Iterable[Mapping[str, object]]],
        people: Mapping[str, Mapping[str, object]],
    ) -> Self:
        """A scene from plain values: rows by table, and claims by person. Raises EvaluationError."""
        changes = [
            Change.put(SourceTable.parse(table), {name: untyped(value) for name, value in row.items()}, key=number)
            for table, rows in tables.items()
            for number, row in enumerate(rows)
        ]
        claims = {name: VerifiedClaims.unverified_for_testing(each) for name, each in people.items()}
        return cls(rules, tuple(changes), claims)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The scene of a case file. Raises CaseFileError, RulesError, OSError."""
        return cls.read(read_case_file(Path(path)))

    @classmethod
    def read(cls, placed: Placed) -> Self:
        """The scene of a case file that was read. Raises CaseFileError, RulesError."""
        schema = _schema(placed)
        try:
            rules = load(placed.beside(placed.file.rules), schema=schema)
        except OSError as error:
            raise placed.error("rules-file", f"{placed.file.rules}: {error.strerror or error}", "rules") from None
        return cls(rules, tuple(_changes(placed, schema)), _people(placed), schema)

    def with_rules(self, rules: Rules) -> "Scene":
        """The same rows and people under other rules."""
        return Scene(rules, self.changes, self.people, self.schema)

    def with_changes(self, changes: Iterable[Change]) -> "Scene":
        """The same after changes of rows."""
        return Scene(self.rules, (*self.changes, *changes), self.people, self.schema)

    @cached_property
    def store(self) -> MemoryStore:
        """The lookups that the rows make."""
        store = MemoryStore(self.rules)
        store.apply(self.changes)
        return store

    @cached_property
    def rows_by_bucket(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """The ids in each bucket, by table on the client."""
        found: dict[str, dict[str, set[str]]] = {}
        for evaluation in self.store.evaluations().values():
            for row in evaluation.rows:
                found.setdefault(row.bucket, {}).setdefault(row.table, set()).add(row.id)
        return {bucket: {table: frozenset(ids) for table, ids in tables.items()} for bucket, tables in found.items()}

    def request(
        self,
        person: str,
        parameters: Mapping[str, object] | None = None,
        subscriptions: Iterable[Subscription] = (),
        *,
        default_streams: bool = True,
    ) -> Request:
        """A connection of a person. Raises KeyError for nobody, TokenError for whom the token does not let in."""
        claims = self.people[person]
        if isinstance(claims, TokenError):
            raise claims
        return Request(claims, parameters or {}, tuple(subscriptions), default_streams)

    def request_of(self, case: Case) -> Request:
        """The connection of a case. Raises TokenError."""
        subscriptions = [Subscription(each.stream, each.parameters, each.priority) for each in case.subscriptions]
        return self.request(case.person, case.parameters, subscriptions, default_streams=case.default_streams)

    def resolve(self, request: Request) -> Resolution:
        """The buckets of a request. Raises LimitExceeded."""
        return self.rules.resolve(request, self.store)

    def rows(self, resolution: Resolution) -> dict[str, set[str]]:
        """The ids that sync, by table on the client."""
        found: dict[str, set[str]] = {}
        for bucket in resolution.buckets:
            for table, ids in self.rows_by_bucket.get(bucket.id, {}).items():
                found.setdefault(table, set()).update(ids)
        return found

    def visible(
        self,
        person: str,
        table: str,
        *,
        parameters: Mapping[str, object] | None = None,
        subscriptions: Iterable[Subscription] = (),
    ) -> set[str]:
        """The ids of a table on the client that a person's connection syncs."""
        request = self.request(person, parameters, subscriptions)
        return self.rows(self.resolve(request)).get(table, set())

    def buckets(
        self,
        person: str,
        *,
        parameters: Mapping[str, object] | None = None,
        subscriptions: Iterable[Subscription] = (),
    ) -> set[str]:
        """The ids of the buckets that a person's connection gets."""
        request = self.request(person, parameters, subscriptions)
        return {bucket.id for bucket in self.resolve(request).buckets}


def _schema(placed: Placed) -> Schema | None:
    name = placed.file.db_schema
    if name is None:
        return None
    try:
        return load_schema(str(placed.beside(name))).schema
    except SchemaError as error:
        raise placed.error("schema", str(error), "schema") from None


def _changes(placed: Placed, schema: Schema | None) -> Iterator[Change]:
    """The rows of `data` and `tables`, checked against the schema."""
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


def _people(placed: Placed) -> dict[str, Person]:
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
