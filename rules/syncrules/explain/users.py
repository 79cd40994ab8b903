"""Who the users of a data set are: the values of a column, or all that rules would find something for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from syncrules.engine.interpreter import Interpreter
from syncrules.engine.table import SourceTable
from syncrules.explain.naming import name_of
from syncrules.explain.who import is_user_id
from syncrules.plan.expression import Column, Expression
from syncrules.plan.nodes import BucketQuery, Expand, Lookup, LookupRule, Plan, RowRule
from syncrules.plan.reading import expressions_of
from syncrules.plan.trust import claims_in
from syncrules.stores.change import Change
from syncrules.stores.memory import MemoryStore
from syncrules.values import sqlite
from syncrules.values.value import EvaluationError, SqlValue


@dataclass(frozen=True, slots=True)
class FoundUsers:
    """The ids of users, in the order of the data, and the columns in which they were found."""

    ids: tuple[str, ...]
    columns: tuple[str, ...]


def users_of(changes: Sequence[Change], table: SourceTable, column: str) -> FoundUsers:
    """Each distinct value of a column, as the text that a token would have as `sub`. NULL and BLOB are nobody."""
    values = (change.row.get(column) for change in changes if change.table == table)
    ids = dict.fromkeys(sqlite.to_text(value) for value in values if value is not None and not isinstance(value, bytes))
    return FoundUsers(tuple(ids), (f"{table.schema}.{table.name}.{column}",))


def guessed_users(plan: Plan, changes: Sequence[Change], store: MemoryStore) -> FoundUsers:
    """Everybody whom the rules would find something for: what the user's id is compared to, in lookups and in buckets.

    `store` holds the lookups that `changes` make. `who` tells more, but of one row at a time.
    """
    ids: dict[str, None] = {}
    columns: dict[str, None] = {}
    for number, place in dict.fromkeys(_looked_up(plan)):
        columns[_column(plan.lookup_rules[number], place)] = None
        ids |= dict.fromkeys(value for key, _, _ in store.entries(number) if isinstance(value := key[place], str))
    for bucket, place in dict.fromkeys(_asked(plan)):
        for rule in (each for each in plan.row_rules if each.bucket == bucket):
            columns[_column(rule, place)] = None
            ids |= dict.fromkeys(key for key in _keys(plan, rule, place, changes) if isinstance(key, str))
    return FoundUsers(tuple(ids), tuple(columns))


def _keys(plan: Plan, rule: RowRule, place: int, changes: Sequence[Change]) -> Iterator[SqlValue]:
    """One of the values under which the rule puts rows into a bucket."""
    interpreter = Interpreter(plan.semantics)
    for change in changes:
        if change.table.matches(rule.table):
            try:
                yield from (row.key[place] for row in interpreter.place(rule, change.table, change.row))
            except EvaluationError:
                continue


def tells_users(plan: Plan, table: SourceTable) -> bool:
    """Whether users are guessed from what a table's rows put into buckets."""
    buckets = {bucket for bucket, _ in _asked(plan)}
    return any(rule.bucket in buckets and table.matches(rule.table) for rule in plan.row_rules)


def other_claims(plan: Plan) -> tuple[str, ...]:
    """The claims beside the user's id that requests are asked for: without them, counts of a user may be too low."""
    found = {path for query in plan.bucket_queries for each in _expressions(query) for path in claims_in(each)}
    return tuple(sorted(".".join(path) for path in found if path != ("sub",)))


def _looked_up(plan: Plan) -> Iterator[tuple[int, int]]:
    """The lookup rules that have the user's id as a key, and which key that is."""
    for query in plan.bucket_queries:
        for part in query.parts:
            for step in part.steps:
                if isinstance(step, Lookup):
                    yield from ((step.rule, place) for place, key in enumerate(step.keys) if is_user_id(key))


def _asked(plan: Plan) -> Iterator[tuple[int, int]]:
    """The buckets that have the user's id as a value, and which value that is."""
    for query in plan.bucket_queries:
        for place, value in enumerate(query.values):
            if is_user_id(query.parts[value.source - 1].outputs[int(value.name)]):
                yield query.bucket, place


def _expressions(query: BucketQuery) -> Iterator[Expression]:
    for part in query.parts:
        yield from expressions_of(part.steps)
        yield from part.outputs


def _column(rule: RowRule | LookupRule, place: int) -> str:
    """A key of a rule as the column that it reads, also where that holds an array."""
    match rule.keys[place]:
        case Column(source=source) if source:
            expanded = [step.argument for step in rule.steps if isinstance(step, Expand)]
            return f"{rule.table}.{name_of(expanded[source - 1])}"
        case key:
            return f"{rule.table}.{name_of(key)}"
