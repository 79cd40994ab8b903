"""Changes that one could make to a row, a token or a connection, and what they lead to: tried, and taken back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from syncrules.auth import VerifiedClaims
from syncrules.resolve.limits import LimitExceeded
from syncrules.resolve.request import Request, Subscription
from syncrules.resolve.rules import Rules
from syncrules.stores.bucket_contents import BucketContents
from syncrules.stores.change import Change
from syncrules.stores.memory import MemoryStore
from syncrules.values.value import SqlValue


@dataclass(frozen=True, slots=True)
class RowEdit:
    """A source row with another value in a column."""

    change: int
    column: str
    value: SqlValue


@dataclass(frozen=True, slots=True)
class RowAdded:
    """A source row more, in the table of an existing rule."""

    table: str
    columns: tuple[tuple[str, SqlValue], ...]


@dataclass(frozen=True, slots=True)
class ClaimEdit:
    """A token with another value of a claim, or with one more in an array."""

    path: tuple[str, ...]
    value: SqlValue
    among: bool = False


@dataclass(frozen=True, slots=True)
class ParameterEdit:
    """A connection that sends another value, or one more in an array: `stream` None is a connection parameter."""

    stream: str | None
    name: str
    value: SqlValue
    among: bool = False


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A connection that subscribes to a stream, too."""

    stream: str


Edit = RowEdit | RowAdded | ClaimEdit | ParameterEdit | Subscribed


@dataclass(frozen=True, slots=True)
class Trial:
    """Rules, rows and a connection, on which edits are tried. `store` and `contents` hold what `changes` make, before and after."""

    rules: Rules
    changes: Sequence[Change]
    store: MemoryStore
    contents: BucketContents
    request: Request

    def syncs(self, edits: Sequence[Edit], table: str, row_id: str) -> bool:
        """Whether a row of a table on the client syncs once the edits are made."""
        request = self.request
        touched: dict[tuple[object, object], Change] = {}
        for number, edit in enumerate(edits):
            match edit:
                case RowEdit(change=place, column=column, value=value):
                    old = self.changes[place]
                    new = touched.get((old.table, old.key), old)
                    touched[old.table, old.key] = replace(new, row={**new.row, column: value})
                case RowAdded(table=name, columns=columns):
                    added = Change.put(name, dict(columns), key=("added", number))
                    touched[added.table, added.key] = added
                case _:
                    request = edited(request, edit)
        self._apply(touched.values())
        try:
            return self._syncs(request, table, row_id)
        finally:
            before = {(change.table, change.key): change for change in self.changes}
            self._apply(
                before.get((change.table, change.key)) or Change.delete(change.table, change.key)
                for change in touched.values()
            )

    def _apply(self, changes: Iterable[Change]) -> None:
        taken = list(changes)
        self.store.apply(taken)
        self.contents.apply(taken)

    def _syncs(self, request: Request, table: str, row_id: str) -> bool:
        try:
            buckets = {bucket.id for bucket in self.rules.resolve(request, self.store).buckets}
        except LimitExceeded:
            return False
        return any(
            row.table == table and row.id == row_id and row.bucket in buckets
            for evaluation in self.contents.evaluations().values()
            for row in evaluation.rows
        )


def edited(request: Request, edit: ClaimEdit | ParameterEdit | Subscribed) -> Request:
    """A connection that an edit changes."""
    match edit:
        case ClaimEdit(path=path):
            claims = _with(json.loads(request.claims.claims_json()), path, edit)
            return replace(request, claims=VerifiedClaims.unverified_for_testing(claims))
        case ParameterEdit(stream=None, name=name):
            return replace(request, parameters=_with(request.parameters, [name], edit))
        case ParameterEdit(stream=stream, name=name):
            return replace(
                request,
                subscriptions=tuple(
                    Subscription(each.stream, _with(each.parameters or {}, [name], edit), each.priority)
                    if each.stream == stream
                    else each
                    for each in request.subscriptions
                ),
            )
        case Subscribed(stream=stream):
            return replace(request, subscriptions=(*request.subscriptions, Subscription(stream)))


def _with(values: Mapping[str, object], path: Sequence[str], edit: ClaimEdit | ParameterEdit) -> dict[str, object]:
    first, *rest = path
    inner = values.get(first)
    if rest:
        return {**values, first: _with(inner if isinstance(inner, dict) else {}, rest, edit)}
    if edit.among:
        return {**values, first: [*(inner if isinstance(inner, list) else ()), edit.value]}
    return {**values, first: edit.value}
