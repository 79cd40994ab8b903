"""The command line as a user meets it: a process with arguments, files, two streams and a status."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

TODO = Path(__file__).parents[2] / "fixtures" / "todo"
NOW = ("--now", "2026-11-25T12:01:00Z")
AS_ADA = ("--token", str(TODO / "tokens/ada.jwt"), "--auth", str(TODO / "auth.yaml"), *NOW)


def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SYNCRULES")}
    return subprocess.run(
        [sys.executable, "-c", "from syncrules.cli.main import main; main()", *arguments],
        capture_output=True,
        text=True,
        input=stdin,
        env=plain | environment,
        timeout=60,
        check=False,
    )


def resolve(
    *arguments: str, rules: Path = TODO / "sync-streams.yaml", stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return run("resolve", str(rules), *arguments, stdin=stdin, **environment)


def test_a_verified_person_sees_buckets_rows_and_totals() -> None:
    done = resolve(*AS_ADA, "--data", str(TODO / "data"))
    assert done.returncode == 0
    assert "verified (HS256)" in done.stdout
    assert "2 buckets, 5 rows in 2 tables\n2 of 1,000 buckets, 0 of 1,000 parameter results\n" in done.stdout


def test_json_says_the_same_for_programs() -> None:
    done = resolve(*AS_ADA, "--data", str(TODO / "data"), "--json")
    answer = json.loads(done.stdout)
    assert answer["totals"] == {"buckets": 2, "rows": 5, "tables": ["lists", "todos"]}
    assert answer["usage"]["buckets"] == {"used": 2, "limit": 1000, "streams": {"lists": 1, "open_todos": 1}}
    assert answer["usage"]["parameter_results"] == {"used": 0, "limit": 1000, "streams": {}, "steps": []}
    assert answer["user"]["verified"] is True


@pytest.mark.parametrize("way", ["standard input", "environment"])
def test_a_token_can_come_without_a_file(way: str) -> None:
    token = (TODO / "tokens/ada.jwt").read_text("utf-8")
    rest = ("--auth", str(TODO / "auth.yaml"), *NOW)
    done = (
        resolve("--token", "-", *rest, stdin=token)
        if way == "standard input"
        else resolve(*rest, SYNCRULES_TOKEN=token)
    )
    assert done.returncode == 0


def test_a_token_as_an_argument_is_refused_and_not_repeated() -> None:
    token = (TODO / "tokens/ada.jwt").read_text("utf-8").strip()
    done = resolve("--token", token, "--auth", str(TODO / "auth.yaml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "error[token-argument]" in done.stderr
    assert token[:20] not in done.stderr


def test_an_expired_token_is_refused_with_its_code_and_status_1() -> None:
    done = resolve("--token", str(TODO / "tokens/ada.jwt"), "--auth", str(TODO / "auth.yaml"), "--now", "2027-01-01")
    assert (done.returncode, done.stdout) == (1, "")
    assert "PSYNC_S2103" in done.stderr


def test_claims_from_a_file_run_as_an_unverified_person(tmp_path: Path) -> None:
    claims = tmp_path / "eve.yaml"
    claims.write_text("sub: ada00000-0000-4000-8000-000000000001\n", "utf-8")
    done = resolve("--claims", str(claims), "--data", str(TODO / "data"))
    assert "NOT VERIFIED" in done.stdout
    assert "5 rows" in done.stdout


def test_a_subscription_with_parameters_adds_its_buckets() -> None:
    done = resolve(*AS_ADA, "--data", str(TODO / "data"), "--subscribe", "finished_todos", "--json")
    reasons = {bucket["definition"]: bucket["reasons"] for bucket in json.loads(done.stdout)["buckets"]}
    assert reasons["finished_todos"] == [0]


def test_an_sqlite_file_is_data_too(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "app.sqlite") as database:
        database.execute("CREATE TABLE lists (id TEXT, owner_id TEXT, name TEXT)")
        database.execute("INSERT INTO lists VALUES ('l1', 'ada00000-0000-4000-8000-000000000001', 'x')")
    database.close()
    done = resolve(*AS_ADA, "--data", str(tmp_path / "app.sqlite"))
    assert "1 row in 1 table" in done.stdout


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "todos.jsonl",
            '{"table": "todos", "row": {"id": 1}}\n{"table": "todos", "row": {"id": \n',
            "todos.jsonl:2: broken JSON",
        ),
        ("todos.csv", "id,owner_id\n1,ada\n2\n", "todos.csv:3: 1 fields where the header has 2"),
        ("data.yaml", "todos:\n  - id: 1\n  - [2]\n", "row 2 of `todos` is not a mapping"),
        ("data.yaml", "todos: [\n", "data.yaml:"),
        ("data.json", '{"todos": NaN}', "broken JSON"),
        ("data.txt", "x", "files ending in `.txt` are not known"),
    ],
)
def test_a_broken_data_file_is_named_with_its_place_and_nothing_is_answered(
    name: str, text: str, expected: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    done = resolve(*AS_ADA, "--data", str(tmp_path / name))
    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("streams: [", "error["),
        ("config: {edition: 3}\nstreams: {a: {query: SELECT * FROM t, where: x}}", "unknown-key"),
        ("bucket_definitions: {a: {data: [SELECT id FROM t WHERE x LIKE 'y']}}", "not-supported"),
        ("a: &a [*a]\n", "error["),
        ("x: " + "[" * 10_000, "error["),
        ("\0", "error["),
        ("", "no-rules"),
        (f'bucket_definitions: {{a: {{data: ["SELECT id FROM t WHERE {"NOT " * 5000} x"]}}}}', "query-too-deep"),
        (f'bucket_definitions: {{a: {{data: ["SELECT id FROM t WHERE {"(" * 5000}x{")" * 5000}"]}}}}', ""),
    ],
)
def test_bad_rules_give_one_line_a_problem_with_a_code(text: str, code: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(text, "utf-8")
    done = resolve(*AS_ADA, rules=rules)
    assert done.returncode == (2 if code else 0)
    assert code in done.stderr
    assert "Traceback" not in done.stderr
    assert all(line.startswith((str(rules), "error", str(TODO))) for line in done.stderr.splitlines())


def test_missing_files_and_unknown_options_are_usage_problems(tmp_path: Path) -> None:
    for arguments in (
        ["resolve", str(tmp_path / "no.yaml")],
        ["resolve"],
        ["no-such-command"],
        ["resolve", "x", "--nope"],
    ):
        done = run(*arguments)
        assert done.returncode == 2
        assert done.stderr.startswith("error[")


def test_help_teaches_by_example() -> None:
    assert "Examples:" in run("resolve", "--help").stdout
    assert "Start here" in run("--help").stdout


@pytest.mark.parametrize("form", [(), ("--code",), ("--json",)])
def test_explain_says_what_streams_give_and_shows_the_code(form: tuple[str, ...]) -> None:
    done = run("explain", str(TODO / "sync-streams.yaml"), *form)
    assert done.returncode == 0
    assert "lists" in done.stdout


@pytest.mark.parametrize("form", [(), ("--json",), ("--draw", "mermaid"), ("--draw", "dot"), ("--draw", "svg")])
def test_plan_shows_the_plan_in_every_form(form: tuple[str, ...], tmp_path: Path) -> None:
    printed = run("plan", str(TODO / "sync-streams.yaml"), *form)
    written = run("plan", str(TODO / "sync-streams.yaml"), *form, "-o", str(tmp_path / "plan"))
    assert (printed.returncode, written.returncode) == (0, 0)
    assert "lists" in printed.stdout
    assert (tmp_path / "plan").read_text("utf-8") == printed.stdout
    assert written.stdout == ""


def test_plan_refuses_two_forms_and_places_it_cannot_write_to(tmp_path: Path) -> None:
    for arguments in (["--json", "--draw", "dot"], ["-o", str(tmp_path)], ["--draw", "png"]):
        done = run("plan", str(TODO / "sync-streams.yaml"), *arguments)
        assert done.returncode == 2
        assert "error[" in done.stderr
