"""Random files of streams, what SQLite says that each request syncs through them, and what the engine says."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from syncrules import Change, Request, Rules, RulesError, Semantics, Subscription, VerifiedClaims
from tests.differential.queries import CLAIM_SETS, QUERIES, SUBSCRIPTION_PARAMETERS, TABLE_EXPRESSIONS, Text
from tests.differential.rows import Data, database
from tests.replica import Replica

Synced = dict[str, tuple[int, frozenset[int | str]]]
"""The ids that sync, each with its most urgent priority and every reason."""

REFUSED = {"too-many-alternatives", "array-meets-too-much", "too-many-arrays"}
"""Limits of the language that a random query may run into."""


@dataclass(frozen=True, slots=True)
class Stream:
    name: str
    auto_subscribe: bool
    priority: int
    queries: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class File:
    streams: tuple[Stream, ...]
    table_expressions: Mapping[str, Text] = field(default_factory=dict)

    def text(self, language: str = "stream") -> str:
        """The rules file."""
        streams = {
            stream.name: {
                "auto_subscribe": stream.auto_subscribe,
                "priority": stream.priority,
                "queries": [format(query, language) for query in stream.queries],
            }
            for stream in self.streams
        }
        shared = {name: format(expression, language) for name, expression in self.table_expressions.items()}
        return json.dumps({"config": {"edition": 3}, "with": shared, "streams": streams})

    def rules(self, language: str = "stream", semantics: Semantics = Semantics.SQLITE) -> Rules | None:
        """The compiled file; None where it runs into a limit of the language."""
        try:
            return Rules.from_text(self.text(language), semantics=semantics)
        except RulesError as error:
            assert {d.code for d in error.diagnostics if d.severity == "error"} <= REFUSED, str(error)
            return None


@dataclass(frozen=True, slots=True)
class Asked:
    claims: dict[str, Any]
    connection: dict[str, Any]
    subscriptions: tuple[tuple[str, dict[str, Any], int | None], ...]

    def request(self) -> Request:
        return Request(
            VerifiedClaims.unverified_for_testing(self.claims),
            parameters=self.connection,
            subscriptions=tuple(Subscription(*each) for each in self.subscriptions),
        )


NAMES = ("s1", "s2", "s3")
FILES = st.tuples(
    st.lists(
        st.tuples(st.sampled_from([True, True, False]), st.integers(0, 3), st.lists(QUERIES, min_size=1, max_size=2)),
        min_size=1,
        max_size=3,
    ),
    TABLE_EXPRESSIONS,
).map(lambda p: File(tuple(Stream(n, a, u, tuple(q)) for n, (a, u, q) in zip(NAMES, p[0], strict=False)), p[1]))
ASKED = st.builds(
    Asked,
    CLAIM_SETS,
    SUBSCRIPTION_PARAMETERS,
    st.lists(
        st.tuples(st.sampled_from(NAMES), SUBSCRIPTION_PARAMETERS, st.one_of(st.none(), st.integers(0, 3))), max_size=3
    ).map(tuple),
)


def in_sqlite(file: File, data: Data, asked: Asked) -> Synced:
    """What the definition of correct says: the rows that each stream's SQL returns for each subscription."""
    tables = database(data)
    with_ = ", ".join(f"{name} AS ({expression:sqlite})" for name, expression in file.table_expressions.items())
    synced: Synced = {}
    for stream in file.streams:
        reasons: list[tuple[int | str, dict[str, Any], int]] = [
            (index, parameters, stream.priority if priority is None else priority)
            for index, (name, parameters, priority) in enumerate(asked.subscriptions)
            if name == stream.name
        ]
        if not reasons and stream.auto_subscribe:
            reasons = [("default", {}, stream.priority)]
        for reason, parameters, priority in reasons:
            values = {"claims": asked.claims, "connection": asked.connection, "subscription": parameters}
            for query in stream.queries:
                sql = f"WITH {with_} {query:sqlite}" if with_ else f"{query:sqlite}"
                bound = {name: json.dumps(value) for name, value in values.items() if f":{name}" in sql}
                for (row,) in tables.execute(sql, bound):
                    best, known = synced.get(row, (priority, frozenset()))
                    synced[row] = (min(best, priority), known | {reason})
    return synced


def in_engine(rules: Rules, changes: Iterable[Change], asked: Asked) -> Synced:
    """What the engine syncs after some changes to source rows."""
    replica = Replica(rules, changes)
    assert not replica.errors
    return synced_from(replica, asked)


def synced_from(replica: Replica, asked: Asked) -> Synced:
    """What a request syncs."""
    resolution = replica.rules.resolve(asked.request(), replica.store)
    assert not resolution.errors
    buckets = {bucket.id: bucket for bucket in resolution.buckets}
    synced: Synced = {}
    for row in replica.rows(resolution):
        bucket = buckets[row.bucket]
        best, known = synced.get(row.id, (bucket.priority, frozenset()))
        synced[row.id] = (min(best, bucket.priority), known | frozenset(bucket.reasons))
    return synced
