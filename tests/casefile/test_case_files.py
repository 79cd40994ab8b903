"""Case files: what they promise is checked, what is wrong with them is told where it stands."""

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from syncrules import Rules
from syncrules.casefile.cell import CellError, typed
from syncrules.casefile.find import case_files, run_files
from syncrules.casefile.model import CaseFile
from syncrules.casefile.read import CaseFileError, plain, read_case_file
from syncrules.casefile.report import report_json, report_junit
from syncrules.casefile.run import run_file
from syncrules.casefile.scene import Scene
from syncrules.diagnostics import Source
from syncrules.document import read
from syncrules.schema.tables import SourceColumn
from tests.end_to_end.test_command import run

FIXTURES = Path(__file__).parents[2] / "fixtures"
RULES = """config: {edition: 3}
streams:
  mine:
    auto_subscribe: true
    query: SELECT id, name, data, n FROM lists WHERE owner = auth.user_id() AND NOT hidden
  asked:
    query: SELECT id FROM lists AS asked WHERE name = subscription.parameter('name') AND owner = auth.user_id()
"""
SCHEMA = (
    "CREATE TABLE lists (id text PRIMARY KEY, owner text, name text, hidden boolean NOT NULL, data jsonb, n numeric);"
)
CASES = """rules: rules.yaml
schema: schema.sql
tables:
  lists:
    - {id: l1, owner: ada, name: one, hidden: false, data: {a: [1]}, n: 10.50}
    - {id: l2, owner: ada, name: two, hidden: true}
    - {id: l3, owner: bea, name: one, hidden: false}
people:
  ada: {claims: {sub: ada}}
  bea: {claims: {sub: bea}}
cases:
  - name: ada sees hers
    person: ada
    expect:
      buckets: ['mine|0["ada"]']
      rows: {lists: [l1]}
      visible: {lists: {includes: [l1], excludes: [l2, l3]}}
      forbidden: {lists: [l2]}
      max_buckets: 1
  - name: bea asks
    person: bea
    subscriptions: [{stream: asked, parameters: {name: one}}]
    expect:
      visible: {asked: [l3]}
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    (tmp_path / "schema.sql").write_text(SCHEMA, "utf-8")
    (tmp_path / "app.syncrules.yaml").write_text(CASES, "utf-8")
    return tmp_path / "app.syncrules.yaml"


def changed(app: Path, before: str, after: str) -> Path:
    assert before in CASES
    app.write_text(CASES.replace(before, after), "utf-8")
    return app


def test_what_holds_passes_and_is_counted(app: Path) -> None:
    result = run_file(app)
    assert [(case.name, case.checks, case.failures) for case in result.cases] == [
        ("ada sees hers", 6, ()),
        ("bea asks", 2, ()),
    ]


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("rows: {lists: [l1]}", "rows: {lists: [l1, l2]}", "rows of `lists`"),
        ("rows: {lists: [l1]}", "rows: {}", "rows of `lists`"),
        ("rows: {lists: [l1]}", "rows: {lists: [l1], other: [x]}", "rows of `other`"),
        ("buckets: ['mine|0[\"ada\"]']", "buckets: []", "buckets"),
        ("includes: [l1]", "includes: [l3]", "rows of `lists`"),
        ("excludes: [l2, l3]", "excludes: [l1]", "rows of `lists`"),
        ("forbidden: {lists: [l2]}", "forbidden: {lists: [l1]}", "forbidden rows of `lists`"),
        ("max_buckets: 1", "max_buckets: 0", "number of buckets"),
        ("max_buckets: 1", "errors: [mine]", "streams that cannot be evaluated"),
        ("max_buckets: 1", "refused: PSYNC_S2305", "the connection"),
        ("hidden: true", "hidden: false", "rows of `lists`"),
    ],
)
def test_what_does_not_hold_fails_with_both_sides(app: Path, before: str, after: str, what: str) -> None:
    result = run_file(changed(app, before, after))
    failures = [failure for case in result.cases for failure in case.failures]
    assert result.problems == ()
    assert what in [failure.what for failure in failures]
    assert all(failure.missing or failure.unexpected for failure in failures)


@pytest.mark.parametrize(
    ("before", "after", "code", "at"),
    [
        ("person: ada", "person: adda", "unknown-person", "adda"),
        ("name: bea asks", "name: ada sees hers", "duplicate-case", "ada sees hers"),
        ("max_buckets: 1", "max_bucket: 1", "case-file", "1"),
        ("max_buckets: 1", "max_buckets: many", "case-file", "many"),
        ("ada: {claims: {sub: ada}}", "ada: {}", "case-file", "ada"),
        ("rules: rules.yaml\n", "", "case-file", ""),
        ("rules: rules.yaml", "rules: none.yaml", "rules-file", "none.yaml"),
        ("schema: schema.sql", "schema: none.sql", "schema", "none.sql"),
        ("owner: bea", "ownr: bea", "unknown-column", "bea"),
        ("hidden: true", "hidden: perhaps", "row-value", "perhaps"),
        ("hidden: true", "hidden: null", "row-value", "null"),
        ("  lists:\n    -", "  listz:\n    -", "unknown-table", ""),
        ("tables:\n", "data: none\ntables:\n", "data-file", "none"),
        ("ada: {claims: {sub: ada}}", "ada: {token: a.jwt}", "auth-missing", ""),
        ("rules: rules.yaml", "now: soon\nrules: rules.yaml", "time", "soon"),
        ("cases:", "cases: [", "misplaced-line", None),
    ],
)
def test_every_mistake_in_the_file_stands_somewhere(
    app: Path, before: str, after: str, code: str, at: str | None
) -> None:
    result = run_file(changed(app, before, after))
    assert result.problems and result.cases == ()
    if at is not None:
        (problem,) = result.problems[:1]
        assert problem.code == code
        assert at in result.source.slice(problem.span)
    assert run("test", str(app)).returncode == 2


def test_a_broken_rules_file_is_told_in_its_own_words(app: Path) -> None:
    app.with_name("rules.yaml").write_text(RULES.replace("SELECT id, name", "SELCT id, name"), "utf-8")
    result = run_file(app)
    assert [problem.code for problem in result.problems] == ["not-a-select"] or result.problems
    assert result.source.name.endswith("rules.yaml")


def test_diagnostics_of_the_rules_can_be_promised(app: Path) -> None:
    app.with_name("rules.yaml").write_text(RULES.replace("name, data", "nme, data"), "utf-8")
    assert run_file(changed(app, "cases:", "diagnostics: [unknown-column]\ncases:")).cases[0].failures == ()
    assert run_file(changed(app, "cases:", "diagnostics: []\ncases:")).cases[0].failures != ()


@pytest.mark.parametrize(
    ("value", "kind", "stored"),
    [
        ("t", "boolean", 1), (False, "bool", 0), (7, "int8", 7), ("7", "integer", 7), (7, "numeric(10, 2)", "7"), ("1.50", "numeric", "1.50"),
        (1, "float8", 1.0), ([1, "a"], "text[]", '[1,"a"]'), ({"a": None}, "jsonb", '{"a":null}'), ("\\x0aff", "bytea", b"\x0a\xff"), ("x", "uuid", "x"), (None, "text", None),
    ],
)  # fmt: skip
def test_values_are_what_the_service_would_store(value: object, kind: str, stored: object) -> None:
    found = typed(value, SourceColumn(kind))
    assert (found, type(found)) == (stored, type(stored))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("x", "int4"),
        (1.5, "int4"),
        (7, "text"),
        ("x", "float8"),
        ([1], "text"),
        ("zz", "bytea"),
        (2, "bool"),
        (True, "int4"),
    ],
)
def test_a_value_of_another_type_is_refused(value: object, kind: str) -> None:
    with pytest.raises(CellError, match="is no value of type"):
        typed(value, SourceColumn(kind))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lists.csv", "id,owner,name,hidden\nl1,ada,007,false\n"),
        ("lists.jsonl", '{"id": "l1", "owner": "ada", "name": "007", "hidden": false}\n'),
        ("lists.yaml", "- {id: l1, owner: ada, name: '007', hidden: false}\n"),
    ],
)
def test_rows_come_from_files_of_every_kind(app: Path, name: str, text: str) -> None:
    app.with_name(name).write_text(text, "utf-8")
    inline = CASES.partition("  lists:\n")[2].partition("people:")[0]
    scene = Scene.load(changed(app, f"  lists:\n{inline}", f"  lists: {name}\n"))
    assert scene.changes[0].row["name"] == "007"
    assert scene.visible("ada", "lists") == {"l1"}


def test_rows_come_from_inserts(app: Path) -> None:
    app.with_name("rows.sql").write_text(
        "INSERT INTO public.lists (id, owner, hidden, n, data) VALUES ('l1', 'ada', false, -1.5, '{}'), ('l2', 'bea', true, NULL, '[]'::jsonb);",
        "utf-8",
    )
    inline = CASES.partition("tables:\n")[2].partition("people:")[0]
    scene = Scene.load(changed(app, f"tables:\n{inline}", "data: rows.sql\n"))
    assert [change.row["id"] for change in scene.changes] == ["l1", "l2"]
    assert scene.changes[0].row["n"] == "-1.5"


def test_a_scene_is_made_in_code_and_asked_with_sets() -> None:
    scene = Scene.of(
        Rules.from_text(RULES), {"lists": [{"id": "l1", "owner": "ada", "hidden": False}]}, {"ada": {"sub": "ada"}}
    )
    assert scene.visible("ada", "lists") == {"l1"}
    assert scene.buckets("ada") == {'mine|0["ada"]'}


def test_the_json_schema_accepts_what_is_read_and_refuses_what_is_not() -> None:
    validator = Draft202012Validator(CaseFile.model_json_schema(by_alias=True))
    for path in FIXTURES.glob("*/*.syncrules.yaml"):
        document, _ = read(Source(str(path), path.read_text("utf-8")))
        assert document is not None
        assert validator.is_valid(plain(document))
    assert not validator.is_valid({"rules": "a", "cases": [{"name": "x"}]})
    assert json.loads(run("test", "--json-schema").stdout) == CaseFile.model_json_schema(by_alias=True)


def test_many_files_in_several_processes_give_what_one_gives(tmp_path: Path, app: Path) -> None:
    for number in range(12):
        (app.parent / f"{number:02}.syncrules.yaml").write_text(
            CASES.replace("[l1]}", "[l2]}") if number % 3 else CASES, "utf-8"
        )
    files = [*case_files([app.parent])]
    assert run_files(files) == [run_file(file) for file in files]


def test_reports_hold_every_case(app: Path) -> None:
    results = [run_file(changed(app, "rows: {lists: [l1]}", "rows: {}"))]
    report = json.loads(report_json(results, 0.5))
    assert [bool(case["failures"]) for case in report["files"][0]["cases"]] == [True, False]
    root = ET.fromstring(report_junit(results, 0.5))
    assert [len(case) for case in root.iter("testcase")] == [1, 0]


def test_the_command_ends_as_pytest_does(app: Path) -> None:
    assert run("test", str(app)).returncode == 0
    assert run("test", str(app), "-k", "BEA").stdout.startswith("1 case passed")
    assert run("test", str(app), "-k", "nobody").returncode == 5
    assert run("test", str(app.parent / "none.yaml")).returncode == 4
    assert run("test", str(app), "--format", "html").returncode in {2, 4}
    failed = run("test", str(changed(app, "rows: {lists: [l1]}", "rows: {}")))
    assert failed.returncode == 1
    assert "    + l1  (there, but not expected)" in failed.stdout


def test_pytest_collects_and_reports_cases_by_itself(app: Path) -> None:
    changed(app, "rows: {lists: [l1]}", "rows: {}")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(app.parent)]
    done = subprocess.run(command, cwd=app.parent, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed" in done.stdout
    assert "+ l1  (there, but not expected)" in done.stdout
    app.write_text("rules: none.yaml\ncases: []\n", "utf-8")
    broken = subprocess.run(command, cwd=app.parent, capture_output=True, text=True, check=False)
    assert "error[rules-file]" in broken.stdout


def test_reading_raises_what_it_tells(app: Path) -> None:
    with pytest.raises(CaseFileError, match="nobody is called"):
        read_case_file(changed(app, "person: ada", "person: adda"))


def test_rows_that_cannot_be_evaluated_fail_unless_they_are_promised(app: Path) -> None:
    app.with_name("rules.yaml").write_text(RULES.replace("NOT hidden", "auth.user_id() IN data"), "utf-8")
    broken = changed(app, "data: {a: [1]}", "data: '{'")
    app.with_name("schema.sql").write_text(SCHEMA.replace("jsonb", "text"), "utf-8")
    (first, *_) = run_file(broken).cases
    assert (first.name, first.failures[0].unexpected) == ("row errors", ("lists l1",))
    broken.write_text(broken.read_text("utf-8").replace("cases:", "row_errors: [lists l1]\ncases:"), "utf-8")
    assert run_file(broken).cases[0].failures == ()
    unneeded = CASES.replace("data: {a: [1]}", "data: '[]'").replace("cases:", "row_errors: [lists l9]\ncases:")
    app.write_text(unneeded, "utf-8")
    assert run_file(broken).cases[0].failures != ()


def test_watching_runs_again_when_a_file_changes(app: Path) -> None:
    environment = dict(os.environ, PYTHONUNBUFFERED="1")
    command = [sys.executable, "-c", "from syncrules.cli.main import main; main()", "test", "--watch", str(app)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("2 cases passed")
        for _ in range(50):  # the watcher needs a moment before it looks
            time.sleep(0.2)
            app.write_text(CASES.replace("rows: {lists: [l1]}", "rows: {}"), "utf-8")
            if select.select([process.stdout], [], [], 0.2)[0]:
                break
        assert process.stdout.readline().startswith("FAILED")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
