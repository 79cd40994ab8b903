"""A scene: rules, the rows of their tables, and people. What each of them syncs is a set that tests can compare."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from syncrules.auth import TokenError, VerifiedClaims
from syncrules.casefile.cell import untyped
from syncrules.casefile.contents import Person, changes_of, people_of, schema_of
from syncrules.casefile.model import Case
from syncrules.casefile.read import Placed, read_case_file
from syncrules.engine.found import RowError
from syncrules.engine.table import SourceTable
from syncrules.resolve.request import Request, Subscription
from syncrules.resolve.resolution import Resolution
from syncrules.resolve.rules import Rules, load
from syncrules.schema import Schema
from syncrules.stores.bucket_contents import BucketContents
from syncrules.stores.change import Change, RowKey
from syncrules.stores.memory import MemoryStore


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
        schema = schema_of(placed)
        try:
            rules = load(placed.beside(placed.file.rules), schema=schema)
        except OSError as error:
            raise placed.error("rules-file", f"{placed.file.rules}: {error.strerror or error}", "rules") from None
        return cls(rules, tuple(changes_of(placed, schema)), people_of(placed), schema)

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
    def contents(self) -> BucketContents:
        """What the rows put into the buckets."""
        contents = BucketContents(self.rules)
        contents.apply(self.changes)
        return contents

    @cached_property
    def row_errors(self) -> Mapping[RowKey, tuple[RowError, ...]]:
        """What could not be evaluated, by row."""
        lookups, rows = self.store.errors, self.contents.errors
        return {row: lookups.get(row, ()) + rows.get(row, ()) for row in {**lookups, **rows}}

    @cached_property
    def rows_by_bucket(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """The ids in each bucket, by table on the client."""
        found: dict[str, dict[str, set[str]]] = {}
        for evaluation in self.contents.evaluations().values():
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
