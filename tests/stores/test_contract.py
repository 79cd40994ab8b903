"""What every store promises, and what a server builds on it: open connections that notice what changes for them."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules import Change, MemoryStore, Request, Rules, Subscription, VerifiedClaims
from syncrules.plan.expression import Column
from syncrules.stores.sqlite import SqliteStore, StoreMismatchError

RULES = Rules.from_text("""
config: {edition: 3}
streams:
  own:
    auto_subscribe: true
    query: SELECT * FROM t WHERE a IN (SELECT a FROM m WHERE u = auth.user_id())
  two:
    auto_subscribe: true
    query: SELECT * FROM t AS two WHERE b IN (SELECT b FROM m WHERE a IN (SELECT a FROM m WHERE u = auth.user_id() AND NOT x))
  asked:
    query: SELECT * FROM t AS asked WHERE a = subscription.parameter('a') AND a IN (SELECT a FROM m WHERE u = auth.user_id())
""")
OTHER = Rules.from_text(
    "config: {edition: 3}\nstreams: {s: {query: SELECT * FROM t WHERE a IN (SELECT b FROM m WHERE u = auth.user_id())}}"
)

Store = MemoryStore | SqliteStore
Opened = Callable[[Rules], AbstractContextManager[Store]]


@contextmanager
def memory(rules: Rules) -> Iterator[Store]:
    yield MemoryStore(rules)


@contextmanager
def sqlite(rules: Rules) -> Iterator[Store]:
    with SqliteStore(rules, ":memory:") as store:
        yield store


STORES = pytest.mark.parametrize("opened", [memory, sqlite], ids=["memory", "sqlite"])
VALUE = st.sampled_from([None, 0, 1, 1.0, 2.5, "x", "y", "1", b"x", "\ud800", 2**53 + 1, float("inf")])
ROW = st.fixed_dictionaries(
    {"a": VALUE, "b": VALUE, "u": st.sampled_from(["ada", "bea", None]), "x": st.sampled_from([0, 1])}
)
CHANGE = st.builds(
    lambda key, row: Change.delete("m", key) if row is None else Change.put("m", row, key=key),
    st.sampled_from([1, 2, 3, "1", ("a", 1)]),
    st.none() | ROW,
)
HISTORY = st.lists(st.lists(CHANGE, max_size=3), max_size=6)


def request(user: str, wanted: object = None) -> Request:
    subscriptions = (Subscription("asked", {"a": wanted}),) if wanted is not None else ()
    return Request(VerifiedClaims.unverified_for_testing({"sub": user}), {}, subscriptions)


REQUESTS = [request("ada"), request("bea"), request("ada", "x"), request("bea", 1), request("nobody")]


def buckets(rules: Rules, store: Store, asked: Request) -> dict[str, object]:
    return {bucket.id: (bucket.priority, bucket.definition) for bucket in rules.resolve(asked, store).buckets}


def final(history: list[list[Change]]) -> list[Change]:
    """The rows that a history leaves, without having been through it."""
    left = {(change.table, change.key): change for batch in history for change in batch}
    return [change for change in left.values() if change.operation == "put"]


@STORES
@given(HISTORY)
def test_a_history_ends_where_its_last_rows_begin(opened: Opened, history: list[list[Change]]) -> None:
    with opened(RULES) as store, opened(RULES) as fresh:
        for batch in history:
            store.apply(batch)
        fresh.apply(final(history))
        for asked in REQUESTS:
            assert buckets(RULES, store, asked) == buckets(RULES, fresh, asked)


@given(HISTORY)
def test_every_store_answers_as_the_one_in_memory(history: list[list[Change]]) -> None:
    with memory(RULES) as one, sqlite(RULES) as other:
        for batch in history:
            assert one.apply(batch) == other.apply(batch)
            for asked in REQUESTS:
                assert buckets(RULES, one, asked) == buckets(RULES, other, asked)
                assert RULES.resolve(asked, one).reads == RULES.resolve(asked, other).reads


@STORES
@settings(max_examples=200)
@given(HISTORY)
def test_a_connection_that_is_not_affected_keeps_its_answer_and_others_are_told_the_difference(
    opened: Opened, history: list[list[Change]]
) -> None:
    with opened(RULES) as store:
        answers = [RULES.resolve(asked, store) for asked in REQUESTS]
        for batch in history:
            changed = store.apply(batch)
            for place, asked in enumerate(REQUESTS):
                before, after = answers[place], RULES.resolve(asked, store)
                difference = before.changes_to(after)
                if not before.is_affected(changed):
                    assert before == after
                kept = {name: bucket for name, bucket in before.by_id().items() if name not in difference.removed}
                assert {*kept, *(bucket.id for bucket in difference.added)} == set(after.by_id())
                answers[place] = after


@STORES
def test_a_row_that_changes_nothing_affects_nobody(opened: Opened) -> None:
    with opened(RULES) as store:
        row = {"a": "x", "b": "y", "u": "ada", "x": 0}
        assert store.apply([Change.put("m", row, key=1)]) != frozenset()
        assert store.apply([Change.put("m", {**row, "note": "new"}, key=1)]) == frozenset()
        assert store.apply([Change.put("m", row, key=2)]) == frozenset(), "another row gives the same entry"
        assert store.apply([Change.delete("m", 1)]) == frozenset()
        assert store.apply([Change.delete("m", 2)]) != frozenset()
        assert store.apply([Change.delete("m", 7)]) == frozenset()


def test_a_file_keeps_its_entries_and_refuses_another_plan(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with SqliteStore(RULES, path) as store:
        store.apply([Change.put("m", {"a": "x", "u": "ada", "x": 0}, key=1)])
        expected = buckets(RULES, store, request("ada"))
    with SqliteStore(RULES, path) as store:
        assert buckets(RULES, store, request("ada")) == expected != {}
    with pytest.raises(StoreMismatchError, match="another plan"):
        SqliteStore(OTHER, path)


def test_a_batch_that_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    with SqliteStore(RULES, tmp_path / "store.db") as store:
        store.apply([Change.put("m", {"a": "x", "u": "ada", "x": 0}, key=1)])
        before = buckets(RULES, store, request("ada"))
        with pytest.raises(TypeError, match="no primary key"):
            store.apply([Change.delete("m", 1), Change.put("m", {"a": "y", "u": "ada"}, key=frozenset())])
        assert buckets(RULES, store, request("ada")) == before != {}


def test_many_keys_are_read_at_once(tmp_path: Path) -> None:
    with SqliteStore(RULES, tmp_path / "store.db") as store:
        store.apply([Change.put("m", {"a": f"a{i}", "u": f"u{i}", "x": 0}, key=i) for i in range(1500)])
        rule = next(n for n, rule in enumerate(RULES.plan.lookup_rules) if rule.keys == (Column(0, "u"),))
        found = store.lookup([(rule, (f"u{i}",)) for i in range(1500)])
        assert found == {(rule, (f"u{i}",)): [(f"a{i}",)] for i in range(1500)}


WRITER = """
import sys
from syncrules import Change
from syncrules.stores.sqlite import SqliteStore
from tests.stores.test_contract import RULES
store = SqliteStore(RULES, sys.argv[1])
number = 0
while True:
    number += 1
    rows = [Change.put("m", {"a": f"{number}", "b": "b", "u": "ada", "x": 0}, key=key) for key in range(20)]
    store.apply(rows)
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_leaves_a_whole_batch(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        last = 0
        for _ in range(25):
            last = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        with SqliteStore(RULES, path) as store:
            (bucket,) = [b for b in RULES.resolve(request("ada"), store).buckets if b.definition == "own"]
            (value,) = bucket.parameters
            assert int(str(value)) >= last, "what was said to be written is there, and all twenty rows agree"
        assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
