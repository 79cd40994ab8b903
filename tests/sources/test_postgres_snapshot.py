"""A snapshot of a real PostgreSQL: which tables and rows it holds, of which moment, and how it refuses."""

import threading
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from syncrules import MemoryStore, Rules
from syncrules.engine.table import SourceTable
from syncrules.sources.files import RowsError
from syncrules.sources.postgres import ReadOptions, snapshot
from syncrules.stores.protocol import StoreMismatchError
from syncrules.stores.sqlite import SqliteStore
from tests.sources.reading import asked, execute, notes, read, rules_about

LISTS = rules_about("lists")


def keys(url: str, table: str = "t") -> set[object]:
    return {change.key for change in read(url, rules_about(table))}


def as_role(url: str, name: str, password: str = "") -> str:
    """The URL of the same database for another role."""
    return url.replace("postgres:@", f"{name}:{password}@")


def test_a_snapshot_taken_while_others_write_is_of_one_moment(url: str) -> None:
    """Two tables always hold the same number; a snapshot never sees it changed in one of them only."""
    execute(
        url,
        "CREATE TABLE a (id int PRIMARY KEY, n int)",
        "CREATE TABLE b (id int PRIMARY KEY, n int)",
        "INSERT INTO a SELECT i, 0 FROM generate_series(1, 50) AS i",
        "INSERT INTO b SELECT i, 0 FROM generate_series(1, 50) AS i",
    )
    done = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        with psycopg.connect(url) as connection:
            while not done.is_set():
                connection.execute("UPDATE a SET n = n + 1")
                connection.execute("UPDATE b SET n = n + 1")
                connection.commit()
                written += 1

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    try:
        for _ in range(10):
            changes = read(url, rules_about("a", "b"), batch=7)
            assert len(changes) == 100
            seen.append({change.row["n"] for change in changes})
    finally:
        done.set()
        writer.join()
    assert all(len(numbers) == 1 for numbers in seen)
    assert written > len(seen[0]) and seen[0] != seen[-1]


def test_what_is_written_after_a_snapshot_is_not_in_it_however_late_it_is_read(url: str) -> None:
    execute(url, "CREATE TABLE lists (id int PRIMARY KEY)", "INSERT INTO lists VALUES (1)")
    with snapshot(url, LISTS.plan) as taken:
        execute(url, "INSERT INTO lists VALUES (2)", "DELETE FROM lists WHERE id = 1")
        assert [change.key for change in taken.changes()] == [1]
        assert [change.key for change in taken.changes(taken.tables)] == [1]
    assert keys(url, "lists") == {2}


def test_the_position_lies_before_what_is_written_afterwards(url: str) -> None:
    execute(url, "CREATE TABLE lists (id int PRIMARY KEY)")
    with snapshot(url, LISTS.plan) as taken:
        execute(url, "INSERT INTO lists VALUES (2)")
        assert asked(url, f"SELECT pg_current_wal_lsn() > '{taken.position}'") == [(True,)]
        store = MemoryStore(LISTS)
        store.fill(taken.changes(), taken.position)
    assert store.state().position == taken.position


def test_a_snapshot_writes_nothing(url: str) -> None:
    execute(url, "CREATE TABLE lists (id int PRIMARY KEY)")
    with snapshot(url, LISTS.plan) as taken, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        taken._connection.execute("INSERT INTO lists VALUES (1)")


def test_more_rows_than_one_batch_come_one_by_one(url: str) -> None:
    execute(url, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 1000)")
    with snapshot(url, rules_about("t").plan, ReadOptions(batch=10)) as taken:
        changes = taken.changes()
        assert next(changes).key == 1
        assert len({change.key for change in changes}) == 999


def test_only_tables_that_rules_name_are_read_lookups_and_wildcards_too(url: str) -> None:
    execute(
        url,
        "CREATE SCHEMA audit",
        'CREATE SCHEMA "Odd one"',
        *(f"CREATE TABLE {name} (id int PRIMARY KEY, member text)" for name in (
            "lists", "members", "secrets", "log_2029", "log_2030", "logs", "audit.log_2030", "audit.lists",
            '"Odd one"."Odd % \'table\'"',
        )),
    )  # fmt: skip
    rules = Rules.from_text("""
        config: {edition: 3}
        streams:
          mine: {query: SELECT id FROM lists WHERE id IN (SELECT id FROM members WHERE member = auth.user_id())}
          logs: {query: SELECT id FROM "log_%"}
          audit: {query: SELECT id FROM audit.lists}
          odd: {query: SELECT id FROM "Odd one"."Odd % 'table'"}
    """)
    with snapshot(url, rules.plan) as taken:
        found = {f"{each.table.schema}.{each.table.name}" for each in taken.tables}
        assert taken.notes == ()
        assert [*taken.changes()] == []
    odd = "Odd one.Odd % 'table'"
    assert found == {"public.lists", "public.members", "public.log_2029", "public.log_2030", "audit.lists", odd}


def test_a_wildcard_of_schemas_reads_a_table_in_each(url: str) -> None:
    execute(url, *(f"CREATE SCHEMA {name}" for name in ("tenant_a", "tenant_b", "other")))
    execute(url, *(f"CREATE TABLE {name}.t (id int PRIMARY KEY)" for name in ("tenant_a", "tenant_b", "other")))
    with snapshot(url, rules_about('"tenant_%".t').plan) as taken:
        assert [each.table for each in taken.tables] == [SourceTable("t", "tenant_a"), SourceTable("t", "tenant_b")]


def test_a_partition_is_a_table_and_the_partitioned_table_has_no_rows(url: str) -> None:
    execute(
        url,
        "CREATE TABLE log (id int PRIMARY KEY) PARTITION BY RANGE (id)",
        "CREATE TABLE log_low PARTITION OF log FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE log_high PARTITION OF log FOR VALUES FROM (10) TO (20)",
        "INSERT INTO log VALUES (1), (2), (11)",
    )
    found = [(change.table.name, change.key) for change in read(url, rules_about('"log_%"'))]
    assert sorted(found) == [("log_high", 11), ("log_low", 1), ("log_low", 2)]
    assert read(url, rules_about("log")) == []
    (note,) = notes(url, rules_about("log"))
    assert "`public.log` is a partitioned table" in note


def test_rows_of_a_table_that_inherits_are_its_own(url: str) -> None:
    execute(
        url,
        "CREATE TABLE t (id int PRIMARY KEY)",
        "CREATE TABLE child () INHERITS (t)",
        "INSERT INTO t VALUES (1)",
        "INSERT INTO child VALUES (2)",
    )
    assert keys(url) == {1}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("CREATE VIEW lists AS SELECT 1 AS id", "`public.lists` is a view: only tables sync"),
        ("CREATE MATERIALIZED VIEW lists AS SELECT 1 AS id", "`public.lists` is a materialized view"),
        ('CREATE TABLE "Lists" (id int)', "the database has no table `public.lists`"),
    ],
)  # fmt: skip
def test_a_name_of_a_rule_that_gives_no_rows_is_noted(url: str, statement: str, expected: str) -> None:
    execute(url, statement)
    (note,) = notes(url, LISTS)
    assert expected in note
    assert read(url, LISTS) == []


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("t (a int, b text, id text PRIMARY KEY)", {"x", "y"}),
        ("t (a int, b text, id text, PRIMARY KEY (b, a))", {("p", 1), ("q", 2)}),
        ("t (a int PRIMARY KEY, b text, id text)", {1, 2}),
        ("t (a int, b text, id text)", {(1, "p", "x"), (2, "q", "y")}),
        ("t (a int, b text, id text, PRIMARY KEY (id) INCLUDE (b))", {"x", "y"}),
    ],
)
def test_a_row_is_told_by_the_primary_key_or_by_all_its_columns(url: str, table: str, expected: set[object]) -> None:
    execute(url, f"CREATE TABLE {table}", "INSERT INTO t (a, b, id) VALUES (1, 'p', 'x'), (2, 'q', 'y')")
    assert keys(url) == expected


def test_a_replica_identity_comes_before_the_primary_key(url: str) -> None:
    execute(
        url,
        "CREATE TABLE t (id int PRIMARY KEY, code text NOT NULL)",
        "CREATE UNIQUE INDEX by_code ON t (code)",
        "ALTER TABLE t REPLICA IDENTITY USING INDEX by_code",
        "INSERT INTO t VALUES (1, 'a')",
    )
    assert keys(url) == {"a"}


def test_a_row_of_nothing_but_null_has_a_key_of_its_own(url: str) -> None:
    execute(url, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (NULL)")
    assert keys(url) == {(None,)}


def test_columns_that_were_dropped_or_added_are_no_trouble(url: str) -> None:
    execute(
        url,
        "CREATE TABLE t (id int PRIMARY KEY, gone text, stays bool)",
        "INSERT INTO t VALUES (1, 'x', true)",
        "ALTER TABLE t DROP gone",
        "ALTER TABLE t ADD new timestamptz DEFAULT '2030-01-01T00:00:00Z'",
    )
    (change,) = read(url, rules_about("t"))
    assert change.row == {"id": 1, "stays": 1, "new": "2030-01-01T00:00:00.000000Z"}


def test_settings_of_the_database_change_no_value(url: str) -> None:
    name = urlsplit(url).path.lstrip("/")
    execute(
        url,
        "CREATE TABLE t (id int PRIMARY KEY, at timestamptz, raw bytea, f float4, i interval)",
        r"INSERT INTO t VALUES (1, '2030-01-01T00:00:00Z', '\x00ff', 0.1, '1 day 2 hours')",
        *(f"ALTER DATABASE {name} SET {setting}" for setting in (
            "TimeZone = 'Asia/Kathmandu'", "DateStyle = 'German'", "bytea_output = 'escape'", "extra_float_digits = -3",
            "IntervalStyle = 'iso_8601'", "standard_conforming_strings = off", "default_transaction_isolation = 'serializable'",
        )),
    )  # fmt: skip
    assert asked(url, "SHOW DateStyle") == [("German, DMY",)]
    (change,) = read(url, rules_about("t"))
    assert [*change.row.values()] == [1, "2030-01-01T00:00:00.000000Z", b"\x00\xff", 0.1, "1 day 02:00:00"]


def test_the_number_of_rows_is_estimated_once_the_server_counted(url: str) -> None:
    execute(url, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 500)")
    with snapshot(url, rules_about("t").plan) as taken:
        assert [table.estimate for table in taken.tables] == [None]
    execute(url, "ANALYZE t")
    with snapshot(url, rules_about("t").plan) as taken:
        assert [table.estimate for table in taken.tables] == [500]


def refusal(url: str, rules: Rules, **options: float) -> RowsError:
    with pytest.raises(RowsError) as caught:
        read(url, rules, **options)
    return caught.value


def test_a_table_that_may_not_be_read_is_named(url: str) -> None:
    execute(url, "CREATE TABLE t (id int PRIMARY KEY)", "CREATE ROLE stranger LOGIN")
    try:
        error = refusal(as_role(url, "stranger"), rules_about("t"))
    finally:
        execute(url, "DROP ROLE stranger")
    assert error.code == "database-permission"
    assert "`public.t`: permission denied" in str(error) and "grant SELECT" in str(error)


def test_rows_that_row_security_would_hide_are_an_error_and_not_left_out(url: str) -> None:
    execute(
        url,
        "CREATE TABLE t (id int PRIMARY KEY)",
        "INSERT INTO t VALUES (1), (2)",
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY odd ON t USING (id % 2 = 1)",
        "CREATE ROLE limited LOGIN",
        "GRANT SELECT ON t TO limited",
    )
    try:
        assert asked(as_role(url, "limited"), "SELECT id FROM t") == [(1,)]
        error = refusal(as_role(url, "limited"), rules_about("t"))
    finally:
        execute(url, "DROP OWNED BY limited", "DROP ROLE limited")
    assert (error.code, "BYPASSRLS" in str(error)) == ("database-permission", True)


def test_a_table_that_is_locked_for_too_long_is_an_error_in_time(url: str) -> None:
    execute(url, "CREATE TABLE t (id int PRIMARY KEY)")
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        assert refusal(url, rules_about("t"), timeout=0.2).code == "database-timeout"


def test_text_that_is_no_utf_8_is_an_error(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    url = server.replace("/postgres?", "/bytes?")
    try:
        execute(url, "CREATE TABLE t (id text PRIMARY KEY)", r"INSERT INTO t VALUES (E'\xff')")
        error = refusal(url, rules_about("t"))
    finally:
        execute(server, "DROP DATABASE bytes")
    assert error.code == "database-value"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql://ada:pa55word@127.0.0.1:1/app", "database-connection"),
        ("host=127.0.0.1 port=1 user=ada password=pa55word", "database-connection"),
        ("postgresql://ada:pa55word@127.0.0.1:1/app?nonsense=1", "database-url"),
        ("postgresql://ada:pa55word%zz@127.0.0.1:1/app", "database-url"),
        ("mysql://ada:pa55word@127.0.0.1:1/app", "database-url"),
    ],
)
def test_a_database_that_cannot_be_reached_is_an_error_without_the_password(url: str, code: str) -> None:
    error = refusal(url, LISTS)
    assert (error.code, "pa55word" in str(error), "\n" in str(error)) == (code, False, False)
    assert error.__cause__ is None


def test_a_server_that_goes_away_in_the_middle_is_an_error(url: str) -> None:
    execute(url, "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t SELECT generate_series(1, 1000)")
    with pytest.raises(RowsError) as caught, snapshot(url, rules_about("t").plan, ReadOptions(batch=10)) as taken:
        changes = taken.changes()
        next(changes)
        execute(url, f"SELECT pg_terminate_backend({taken._connection.info.backend_pid})")
        list(changes)
    assert caught.value.code == "database-connection"


def test_a_plan_from_json_writes_values_as_its_file_said() -> None:
    rules = rules_about("t", config="timestamp_max_precision: seconds")
    assert Rules.from_json(rules.to_json()).plan.source_format == rules.plan.source_format
    assert rules.plan.source_format.precision == "seconds"
    assert rules_about("t", edition=1).plan.source_format != rules.plan.source_format


def test_rows_without_a_primary_key_are_kept_by_any_store(url: str, tmp_path: Path) -> None:
    execute(
        url,
        "CREATE TABLE lists (id int)",
        "CREATE TABLE m (u text, raw bytea, f float8, n numeric)",
        r"INSERT INTO m VALUES ('ada', '\x00', 'NaN', 1.0), ('ada', NULL, 1, 1.00), ('ada', '\x00', 'NaN', 1.0)",
    )
    rules = Rules.from_text(
        "config: {edition: 3}\n"
        "streams: {s: {query: SELECT id FROM lists WHERE id IN (SELECT n FROM m WHERE u = auth.user_id())}}"
    )
    memory = MemoryStore(rules)
    with snapshot(url, rules.plan) as taken, SqliteStore(rules, str(tmp_path / "s.sqlite")) as file:
        for store in (memory, file):
            assert store.fill(taken.changes(), taken.position).errors == {}
            assert store.at().lookup([(0, ("ada",))]) == {(0, ("ada",)): {("1.0",): 1, ("1.00",): 1}}


def test_a_store_is_refused_once_its_rules_write_moments_in_another_way(tmp_path: Path) -> None:
    text = "streams: {s: {query: SELECT id FROM lists WHERE id IN (SELECT n FROM m WHERE u = auth.user_id())}}"
    before, after = (
        Rules.from_text(f"config: {{edition: 3, timestamps_iso8601: {choice}}}\n{text}") for choice in ("false", "true")
    )
    with SqliteStore(before, str(tmp_path / "s.sqlite")) as store:
        store.fill([])
    with pytest.raises(StoreMismatchError):
        SqliteStore(after, str(tmp_path / "s.sqlite"))
