"""`syncrules snapshot`, and `syncrules resolve` on a live database: what somebody new to them meets."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.end_to_end.test_command import AS_ADA, TODO, resolve, run
from tests.postgres import database, postgres
from tests.sources.apps import FIXTURES, load_app

CHAT = FIXTURES / "chat"
MEMBERS = len((CHAT / "data/channel_members.csv").read_text("utf-8").splitlines()) - 1
CHANNELS = (CHAT / "data/channels.yaml").read_text("utf-8").count("{id:")
RULES = str(CHAT / "sync-streams.yaml")
AS_CHATTER = (
    *("--token", str(CHAT / "tokens/ada.jwt"), "--auth", str(CHAT / "auth.yaml")),
    *("--now", "2026-11-25T12:01:00Z"),
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(scope="module")
def chat(server: str) -> Iterator[str]:
    """A live database of the chat app."""
    with database(server, "chat") as url:
        load_app(url, CHAT)
        yield url


@pytest.fixture(scope="module")
def todo(server: str) -> Iterator[str]:
    """A live database of the to-do app."""
    with database(server, "todo") as url:
        load_app(url, TODO)
        yield url


def answer(*arguments: str, **environment: str) -> dict[str, object]:
    done = run("resolve", RULES, *AS_CHATTER, "--json", *arguments, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_live_database_gives_what_files_with_the_same_rows_give(todo: str) -> None:
    live, files = resolve(*AS_ADA, "--database", todo), resolve(*AS_ADA, "--data", str(TODO / "data"))
    assert (live.stdout, live.stderr, live.returncode) == (files.stdout, files.stderr, 0)
    assert "2 buckets, 5 rows in 2 tables" in live.stdout


def test_a_snapshot_fills_a_store_and_requests_are_answered_from_it(chat: str, tmp_path: Path) -> None:
    store = str(tmp_path / "lookups.sqlite")
    done = run("snapshot", RULES, "--store", store, "--json", SYNCRULES_DATABASE=chat)
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr, report["checkpoint"], report["row_errors"]) == (0, "", 1, [])
    assert report["rows"] == sum(table["rows"] for table in report["tables"]) > 0
    assert {"table": "public.channel_members", "rows": MEMBERS, "key": ["id"]} in report["tables"]
    assert "public.messages" in report["not_read"]
    stored, live = answer("--store", store), answer(SYNCRULES_DATABASE=chat)
    assert [bucket["bucket"] for bucket in stored["buckets"]] == [bucket["bucket"] for bucket in live["buckets"]]
    assert stored["totals"] == {"buckets": len(live["buckets"]), "rows": None, "tables": None}
    assert live["totals"]["rows"] > 0


def test_the_text_of_a_snapshot_tells_tables_rows_and_where_it_is(chat: str, tmp_path: Path) -> None:
    done = run("snapshot", RULES, "--store", str(tmp_path / "s.sqlite"), "--database", chat)
    assert f"public.channel_members: {MEMBERS} rows, by id\n" in done.stdout
    assert "not read, because nothing is looked up there: public.messages" in done.stdout
    assert "as checkpoint 1, position 0/" in done.stdout


def test_a_second_snapshot_takes_the_place_of_the_first(server: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("""config: {edition: 3}
streams:
  mine: {auto_subscribe: true, query: SELECT id FROM t WHERE room IN (SELECT room FROM m WHERE u = auth.user_id())}
""")
    claims, store = tmp_path / "ada.json", str(tmp_path / "s.sqlite")
    claims.write_text('{"sub": "ada"}')

    def buckets() -> list[str]:
        done = run("resolve", str(rules), "--claims", str(claims), "--store", store, "--json")
        return [bucket["bucket"] for bucket in json.loads(done.stdout)["buckets"]]

    with database(server, "moving") as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id int PRIMARY KEY, room text)")
        connection.execute("CREATE TABLE m (room text, u text)")
        connection.execute("INSERT INTO m VALUES ('a', 'ada'), ('b', 'ada'), ('b', 'bea')")
        assert run("snapshot", str(rules), "--store", store, "--database", url).returncode == 0
        assert buckets() == ['mine|0["a"]', 'mine|0["b"]']
        connection.execute("DELETE FROM m WHERE room = 'a'")
        done = run("snapshot", str(rules), "--store", store, "--database", url)
        assert "public.m: 2 rows, without a primary key" in done.stdout
        assert "as checkpoint 2" in done.stdout
        assert buckets() == ['mine|0["b"]']
        connection.execute("REVOKE ALL ON m FROM public; CREATE ROLE nobody_much LOGIN")
        stranger = url.replace("postgres:@", "nobody_much:@")
        refused = run("snapshot", str(rules), "--store", store, "--database", stranger)
        connection.execute("DROP ROLE nobody_much")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.startswith("error[database-permission]: `public.m`: permission denied for table m")
        assert buckets() == ['mine|0["b"]']


def test_a_store_can_be_a_postgresql_database(server: str, chat: str) -> None:
    with database(server, "lookups") as store:
        done = run("snapshot", RULES, SYNCRULES_DATABASE=chat, SYNCRULES_STORE=store)
        assert done.returncode == 0
        assert "the store holds" in done.stdout
        assert answer("--store", store)["buckets"] != []


def test_a_table_that_the_database_does_not_have_is_warned_of(todo: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("bucket_definitions: {all: {data: [SELECT * FROM lists, SELECT * FROM list]}}")
    done = resolve(*AS_ADA, "--database", todo, rules=rules)
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "warning[database-table]: the database has no table `public.list`"


def test_a_row_that_cannot_be_evaluated_is_told(server: str, tmp_path: Path) -> None:
    rules, store = tmp_path / "rules.yaml", str(tmp_path / "s.sqlite")
    rules.write_text("""bucket_definitions:
  mine:
    parameters: SELECT id AS list FROM lists WHERE lists.doc ->> 'owner' = request.user_id()
    data: [SELECT id FROM todos WHERE list = bucket.list]
""")
    with database(server, "broken") as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE lists (id text PRIMARY KEY, doc text)")
        connection.execute("CREATE TABLE todos (id text PRIMARY KEY, list text)")
        connection.execute("""INSERT INTO lists VALUES ('a', '{"owner": "ada"}'), ('b', 'no json')""")
        done = run("snapshot", str(rules), "--store", store, "--database", url)
    assert done.returncode == 0
    assert "1 could not be evaluated:\nrow not evaluated: public.lists, row b: malformed JSON" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("snapshot", RULES), "database-missing"),
        (("snapshot", RULES, "--database", "postgresql://127.0.0.1:1/app"), "store-missing"),
        (("resolve", RULES, *AS_CHATTER, "--store", "not-there.sqlite"), "store"),
        (("resolve", RULES, *AS_CHATTER, "--store", "a", "--data", "b"), "two-sources"),
        (("resolve", RULES, *AS_CHATTER, "--database", "a", "--data", "b"), "two-sources"),
        (("resolve", RULES, *AS_CHATTER, "--database", "mysql://x"), "database-url"),
        (("resolve", RULES, *AS_CHATTER, "--database", "postgresql://127.0.0.1:1/app"), "database-connection"),
        (("resolve", RULES, *AS_CHATTER, "--store", "postgresql://x:%zz@y"), "database-url"),
        (("resolve", RULES, *AS_CHATTER, "--store", "postgresql://127.0.0.1:1/app"), "database-connection"),
        (("snapshot", RULES, "--store", "s", "--database", "postgresql://x", "--timeout", "nan"), "usage"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_one_line(arguments: tuple[str, ...], code: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error[{code}]: ")
    assert not Path("not-there.sqlite").exists()


def test_a_password_is_never_printed_and_one_that_is_an_argument_is_warned_of(tmp_path: Path) -> None:
    url = "postgresql://ada:pa55word@127.0.0.1:1/app"
    store = ("--store", str(tmp_path / "s.sqlite"))
    hidden = run("snapshot", RULES, *store, SYNCRULES_DATABASE=url)
    shown = run("snapshot", RULES, *store, "--database", url)
    assert "warning[password-visible]" in shown.stderr
    assert "warning" not in hidden.stderr
    for done in (hidden, shown):
        assert (done.returncode, done.stdout) == (2, "")
        assert "error[database-connection]: the database cannot be reached" in done.stderr
        assert "pa55word" not in done.stderr


def test_more_rows_than_allowed_are_not_read(todo: str) -> None:
    done = resolve(*AS_ADA, "--database", todo, "--max-rows", "3")
    assert done.returncode == 2
    line = done.stderr.splitlines()[-1]
    assert line.startswith("error[max-rows]: the database has more rows than `--max-rows` allows")
    assert "syncrules snapshot" in line


def test_a_store_of_other_rules_is_refused(chat: str, todo: str, tmp_path: Path) -> None:
    store = str(tmp_path / "s.sqlite")
    assert run("snapshot", RULES, "--store", store, "--database", chat).returncode == 0
    done = resolve(*AS_ADA, "--store", store)
    assert (done.returncode, "was made for rules with other lookups" in done.stderr) == (2, True)


def test_a_terminal_shows_how_far_it_is(chat: str, tmp_path: Path) -> None:
    """Standard error is a terminal, standard output is not."""
    ours, theirs = pty.openpty()
    code = "from syncrules.cli.main import main; main()"
    command = [sys.executable, "-c", code, "snapshot", RULES, "--store", str(tmp_path / "s.sqlite"), "--json"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=theirs, env={**os.environ, "SYNCRULES_DATABASE": chat}, timeout=60
    )
    os.close(theirs)
    assert "reading rows" in os.read(ours, 65536).decode()
    os.close(ours)
    assert json.loads(done.stdout)["checkpoint"] == 1


def test_without_the_extra_a_database_is_refused_with_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['psycopg'] = None; from syncrules.cli.main import main; main()"
    for place in ("--store", "s.sqlite"), ("--store", "postgresql://127.0.0.1:1/app"):
        done = subprocess.run(
            [sys.executable, "-c", code, "snapshot", RULES, *place],
            env={**os.environ, "SYNCRULES_DATABASE": "postgresql://127.0.0.1:1/app"},
            capture_output=True,
            cwd=tmp_path,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "error[database-extra]: to use a database, install `syncrules[postgres]`\n"


def test_a_forecast_on_a_live_database_is_that_of_files_with_the_same_rows(chat: str, todo: str) -> None:
    for url, app in ((chat, CHAT), (todo, TODO)):
        rules = str(app / "sync-streams.yaml")
        live, files = run("forecast", rules, "--database", url), run("forecast", rules, "--data", str(app / "data"))
        assert (live.returncode, live.stdout, live.stderr) == (0, files.stdout, files.stderr)
        assert "users found in" in live.stderr


def test_a_forecast_reads_no_more_of_a_database_than_it_may(chat: str) -> None:
    enough = run("forecast", RULES, "--max-rows", str(MEMBERS + CHANNELS), SYNCRULES_DATABASE=chat)
    assert enough.returncode == 0
    done = run("forecast", RULES, "--max-rows", str(MEMBERS + CHANNELS - 1), SYNCRULES_DATABASE=chat)
    assert done.returncode == 2
    assert "error[max-rows]: the database has more rows than `--max-rows` allows" in done.stderr


def test_a_forecast_of_a_column_reads_its_table_and_people_need_none(chat: str, todo: str) -> None:
    by_column = run("forecast", RULES, "--users", "profiles.id", "--json", SYNCRULES_DATABASE=chat)
    assert by_column.returncode == 0
    assert "users found in public.profiles.id" in by_column.stderr
    unknown = run("forecast", RULES, "--users", "nothing.id", SYNCRULES_DATABASE=chat)
    assert (unknown.returncode, "error[users-table]" in unknown.stderr) == (2, True)
    people = run("forecast", str(TODO / "sync-streams.yaml"), "--people", str(TODO / "people.yaml"), "--database", todo)
    assert (people.returncode, people.stderr) == (0, "")


def test_a_forecast_has_one_source_of_rows(chat: str) -> None:
    done = run("forecast", RULES, "--database", chat, "--data", str(CHAT / "data"))
    assert (done.returncode, done.stderr.splitlines()[-1].partition("]")[0]) == (2, "error[two-sources")
