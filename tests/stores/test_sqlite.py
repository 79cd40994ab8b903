"""A store in a file: what is left when its process is killed, its disk is full, or others use it."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncrules import Change, Limits, Rules
from syncrules.stores.protocol import StoreError, StoreMismatchError
from syncrules.stores.sqlite import SqliteStore
from tests.stores.model import OTHER, RULES, request

MANY = Limits(1_000_000, 1_000_000)
ROW = {"a": "x", "b": "y", "u": "ada", "x": 0}


def buckets(rules: Rules, store: SqliteStore) -> set[str]:
    return {bucket.id for bucket in rules.resolve(request("ada"), store).buckets}


def test_a_file_keeps_its_entries_and_refuses_other_lookups(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with SqliteStore(RULES, path) as store:
        store.apply([Change.put("m", ROW, key=1)], "here")
        expected, state = buckets(RULES, store), store.state()
    with SqliteStore(RULES, path) as store:
        assert buckets(RULES, store) == expected != set()
        assert store.state() == state
    with pytest.raises(StoreMismatchError, match="other lookups"):
        SqliteStore(OTHER, path)


def test_a_file_that_was_opened_but_never_written_serves_any_rules(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    SqliteStore(OTHER, path).close()
    with SqliteStore(RULES, path) as store:
        store.apply([Change.put("m", ROW, key=1)])
        assert buckets(RULES, store) != set()


def test_rules_that_differ_in_columns_only_share_a_file(tmp_path: Path) -> None:
    text = "config: {{edition: 3}}\nstreams: {{s: {{query: 'SELECT {} FROM t WHERE a IN (SELECT a FROM m WHERE u = auth.user_id())'}}}}"
    path = tmp_path / "store.db"
    SqliteStore(Rules.from_text(text.format("id")), path).apply([Change.put("m", ROW, key=1)])
    with SqliteStore(Rules.from_text("# moved\n" + text.format("id, a, b")), path) as store:
        assert store.state().checkpoint == 1


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    SqliteStore(RULES, path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO format VALUES (99)")
    with pytest.raises(StoreError, match="newer version of syncrules \\(format 99"):
        SqliteStore(RULES, path)


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be looked at as one" * 10, None], ids=["text", "folder"]
)
def test_what_is_no_database_is_said_to_be_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "store.db"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(StoreError, match="store.db: "):
        SqliteStore(RULES, path)


WRITER = """
import sys
from syncrules import Change
from syncrules.stores.sqlite import SqliteStore
from tests.stores.model import RULES
store = SqliteStore(RULES, sys.argv[1])
number = 0
while True:
    number += 1
    rows = [Change.put("m", {"a": f"{number}", "b": "b", "u": "ada", "x": 0}, key=key) for key in range(20)]
    store.apply(rows, str(number))
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
            assert store.state().position == value
        assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


FILLER = """
import resource, sys
from syncrules import Change
from syncrules.stores.protocol import StoreError
from syncrules.stores.sqlite import SqliteStore
from tests.stores.model import RULES
store = SqliteStore(RULES, sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
number = 0
while True:
    number += 1
    try:
        rows = [Change.put("m", {"a": f"{number}", "b": "b" * 400, "u": "ada", "x": 0}, key=(number, key)) for key in range(100)]
        store.apply(rows, str(number))
    except StoreError as error:
        print(number - 1, store.state().position, error)
        break
"""


def test_a_batch_that_finds_no_room_is_refused_and_what_was_there_stays(tmp_path: Path) -> None:
    """The room is limited for one process, by the same error of the operating system's that a full disk gives SQLite."""
    path = tmp_path / "store.db"
    ran = subprocess.run(
        [sys.executable, "-c", f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n{FILLER}", str(path)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.stderr == ""
    written, position, message = ran.stdout.split(" ", 2)
    assert written == position
    assert "store.db: " in message
    assert int(written) > 0
    with SqliteStore(RULES, path) as store:
        assert store.state().position == written
        assert len(
            {b.parameters for b in RULES.resolve(request("ada"), store, MANY).buckets if b.definition == "own"}
        ) == int(written)
        store.apply([Change.put("m", ROW, key="after")], "after")
        assert store.state().position == "after"
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_who_reads_waits_for_no_writer_and_two_writers_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with (
        SqliteStore(RULES, path) as one,
        SqliteStore(RULES, path) as other,
        SqliteStore(RULES, path, timeout=0.1) as third,
    ):
        one.apply([Change.put("m", ROW, key=1)])
        started, go_on = threading.Event(), threading.Event()

        def slow() -> Iterator[Change]:
            yield Change.put("m", {**ROW, "a": "slow"}, key=2)
            started.set()
            assert go_on.wait(20)

        writing = threading.Thread(target=lambda: one.fill(slow()))
        writing.start()
        assert started.wait(20)
        before = buckets(RULES, other)
        assert before != set()
        with pytest.raises(StoreError, match="locked"):
            third.apply([])
        go_on.set()
        writing.join()
        assert buckets(RULES, other) not in (before, set())
        assert third.apply([]).checkpoint == 3


def test_threads_share_a_store(tmp_path: Path) -> None:
    with SqliteStore(RULES, tmp_path / "store.db") as store:
        store.apply([Change.put("m", ROW, key=1)])
        expected, wrong = buckets(RULES, store), []

        def read() -> None:
            for _ in range(100):
                if buckets(RULES, store) != expected:
                    wrong.append(1)

        def write() -> None:
            for number in range(100):
                store.apply([Change.put("m", {**ROW, "u": "bea"}, key=("other", number))])

        threads = [threading.Thread(target=work) for work in (read, read, write)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
        assert store.state().checkpoint == 101
