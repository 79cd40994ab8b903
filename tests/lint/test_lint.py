"""Suppressions, baselines, settings, files and reports."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.diagnostics import Diagnostic, Severity, Source, Span
from syncrules.lint import all_rules, lint
from syncrules.lint.baseline import BaselineError, new_findings, read_baseline, write_baseline
from syncrules.lint.file import FileError, rules_files
from syncrules.lint.finding import Finding
from syncrules.lint.report_ci import report_github, report_junit
from syncrules.lint.report_json import report_json, report_sarif
from syncrules.lint.report_text import report_text
from syncrules.lint.settings import SettingsError, find_settings
from syncrules.schema import Schema
from tests.end_to_end.test_command import run

LEAKY = """config: {edition: 3}
streams:
  s:
    auto_subscribe: true
    query: SELECT * FROM secrets
"""


def codes(text: str) -> list[str]:
    return [found.code for found in lint(Source("r.yaml", text))]


def with_comment(comment: str) -> str:
    return LEAKY.replace("FROM secrets", f"FROM secrets  {comment}")


def test_a_reasoned_comment_takes_a_warning_away_on_its_line_or_the_next() -> None:
    assert codes(with_comment("# syncrules: ignore[unfiltered-table] public on purpose")) == []
    above = LEAKY.replace("    query", "    # syncrules: ignore[short-alias, unfiltered-table] public\n    query")
    assert codes(above) == []


def test_a_comment_without_a_reason_or_without_use_is_found_itself() -> None:
    assert codes(with_comment("# syncrules: ignore[unfiltered-table]")) == [
        "unfiltered-table",
        "suppression-without-reason",
    ]
    unused = lint(
        Source("r.yaml", with_comment("# syncrules: ignore[null-rows] why not")),
        Schema.from_mapping({"secrets": {"id": "uuid"}}),
    )
    assert [found.code for found in unused] == ["unfiltered-table", "unused-suppression"]


def test_an_error_cannot_be_suppressed() -> None:
    text = LEAKY.replace("SELECT *", "SELECT title").replace("secrets", "secrets  # syncrules: ignore[missing-id] no")
    assert "missing-id" in codes(text)


def findings(text: str = LEAKY, name: str = "r.yaml") -> list[Finding]:
    source = Source(name, text)
    return [Finding(source, found) for found in lint(source)]


def test_a_baseline_hides_what_was_there_and_nothing_new() -> None:
    known = read_baseline(write_baseline(findings()))
    moved = LEAKY.replace("streams:", "# a comment\n\nstreams:")
    assert [*new_findings(findings(moved), known)] == []
    more = LEAKY + "  t:\n    auto_subscribe: true\n    query: SELECT * FROM others\n"
    assert len([*new_findings(findings(more), known)]) > 0


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 2, "findings": {}}', '{"version": 1, "findings": {"a": "b"}}']
)
def test_what_is_no_baseline_is_refused(text: str) -> None:
    with pytest.raises(BaselineError):
        read_baseline(text)


def test_settings_are_those_of_the_nearest_folder(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.syncrules.lint]\nignore = ["null-rows"]\n', "utf-8")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "syncrules.toml").write_text(
        '[lint]\nschema = "db.sql"\n[lint.per-file-ignores]\n"b/*.yaml" = ["unfiltered-table"]\n', "utf-8"
    )
    settings = find_settings(inner)
    found = Diagnostic("unfiltered-table", "x", Span(0, 1), Severity.WARNING)
    assert settings.schema == "db.sql"
    assert not settings.keeps(inner / "r.yaml", found)
    assert settings.keeps(tmp_path / "a" / "r.yaml", found)
    assert settings.keeps(inner / "r.yaml", Diagnostic("unfiltered-table", "x", Span(0, 1), Severity.ERROR))
    assert find_settings(tmp_path).ignore == {"null-rows"}


@pytest.mark.parametrize(
    "text", ["[lint]\nignor = []", "[lint]\nignore = 1", "[lint]\nignore = [1]", "[lint", "[lint]\nschema = 1"]
)
def test_settings_that_mean_nothing_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "syncrules.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError):
        find_settings(tmp_path)


SERVICE = """replication: {connections: []}
sync_rules:
  content: |
    config: {edition: 3}
    streams:
      s:
        auto_subscribe: true
        query: SELECT * FROM secrets
"""


def test_rules_are_found_in_folders_and_inside_service_configurations(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x.yaml").write_text(LEAKY, "utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "rules.yml").write_text(LEAKY, "utf-8")
    (tmp_path / "service.yaml").write_text(SERVICE, "utf-8")
    (tmp_path / "other.yaml").write_text("a: 1\n", "utf-8")
    (tmp_path / "path-only.yaml").write_text("sync_rules: {path: x.yaml}\n", "utf-8")
    found = {file.path.name: file for file in rules_files([tmp_path])}
    assert sorted(found) == ["rules.yml", "service.yaml"]
    service = found["service.yaml"]
    places = [service.source.slice(one.span) for one in service.placed(lint(service.rules))]
    assert places == ["SELECT * FROM secrets"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "b.yaml"
    binary.write_bytes(b"\xff\xfe")
    for path in (binary, tmp_path / "none.yaml"):
        with pytest.raises(FileError, match=path.name):
            list(rules_files([path]))


def test_text_shows_the_line_and_carets_under_it() -> None:
    lines = report_text(findings()).splitlines()
    assert lines[0].startswith("warning[unfiltered-table]: ")
    assert lines[3] == "5 |     query: SELECT * FROM secrets"
    assert lines[4].index("^") == lines[3].index("SELECT")
    assert lines[4].count("^") == len("SELECT * FROM secrets")


def test_json_has_offsets_lines_and_columns() -> None:
    (found,) = json.loads(report_json(findings()))["findings"]
    assert LEAKY[found["start"] : found["end"]] == "SELECT * FROM secrets"
    assert (found["path"], found["line"], found["column"], found["severity"]) == ("r.yaml", 5, 12, "warning")
    assert {"code", "severity", "message", "path", "start", "end", "line", "column", "help"} <= set(found)


def test_sarif_names_every_rule_and_counts_columns_as_editors_do() -> None:
    text = LEAKY.replace("SELECT * FROM", "SELECT '🐝' AS bee, * FROM").replace("secrets", "secrets s")
    log = json.loads(report_sarif(findings(text), all_rules(), "1.0"))
    (run_,) = log["runs"]
    rules = run_["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0"
    assert {rule.code for rule in all_rules()} <= {rule["id"] for rule in rules}
    for result in run_["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]["region"]
        line = text.splitlines()[region["startLine"] - 1].encode("utf-16-le")
        piece = line[2 * (region["startColumn"] - 1) : 2 * (region["endColumn"] - 1)].decode("utf-16-le")
        assert piece in text


ANNOTATION = re.compile(r"::(error|warning) ([^:\n]*)::([^\n]*)")


@given(st.text("ab%:,\n\r\x00🐝", max_size=12), st.text("ab%:,\n\x01]]>", max_size=12))
def test_annotations_and_junit_hold_any_text(message: str, name: str) -> None:
    source = Source(name, "a\nb\n")
    found = [Finding(source, Diagnostic("x", message, Span(2, 3), Severity.ERROR, "help"))]
    assert ANNOTATION.fullmatch(report_github(found))
    report = ET.fromstring(report_junit(found, [name]).replace("\x00", "").encode("utf-8"))
    assert (report.get("tests"), report.get("failures")) == ("1", "1")


def test_the_command_ends_with_the_status_of_what_it_found(tmp_path: Path) -> None:
    rules = tmp_path / "r.yaml"
    rules.write_text(LEAKY, "utf-8")
    assert run("lint", str(rules)).returncode == 1
    assert run("lint", str(rules), "--fail-level", "error").returncode == 0
    assert run("lint", str(tmp_path), "--json").stdout.count('"unfiltered-table"') == 1
    rules.write_text(with_comment("# syncrules: ignore[unfiltered-table] public"), "utf-8")
    assert (run("lint", str(rules)).returncode, run("lint", str(rules)).stdout) == (0, "nothing found\n")


def test_a_baseline_lets_only_new_findings_fail(tmp_path: Path) -> None:
    rules, known = tmp_path / "r.yaml", tmp_path / "known.json"
    rules.write_text(LEAKY, "utf-8")
    assert run("lint", str(rules), "--write-baseline", str(known)).returncode == 0
    assert run("lint", str(rules), "--baseline", str(known)).returncode == 0
    rules.write_text(LEAKY.replace("secrets", "users"), "utf-8")
    assert run("lint", str(rules), "--baseline", str(known)).returncode == 1


def test_settings_and_schema_of_the_project_are_used(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(LEAKY, "utf-8")
    (tmp_path / "db.sql").write_text("CREATE TABLE secret (id uuid); CREATE TABLE b AS SELECT 1;", "utf-8")
    (tmp_path / "syncrules.toml").write_text('[lint]\nschema = "db.sql"\nignore = ["unfiltered-table"]\n', "utf-8")
    done = run("lint", str(tmp_path), "--json")
    assert [found["code"] for found in json.loads(done.stdout)["findings"]] == ["unknown-table"]
    assert "1 statement of the schema cannot be used" in done.stderr


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
def test_every_format_is_written_for_files_that_do_not_even_parse(form: str, tmp_path: Path) -> None:
    rules = tmp_path / "r.yaml"
    rules.write_text("streams: [\n", "utf-8")
    done = run("lint", str(rules), "--format", form)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint", "no-such-file.yaml"),
        ("lint", "--format", "html"),
        ("lint", "--schema", "no-such.sql", "fixtures/todo"),
        ("lint", "--baseline", "no-such.json", "fixtures/todo"),
        ("lint", "docs"),
        ("rule", "no-such-rule"),
        ("rule",),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_a_rules_page_and_the_list_of_rules_are_printed() -> None:
    assert "**When it is fine**" in run("rule", "null-rows").stdout
    listed = run("lint", "--list-rules").stdout.splitlines()
    assert [line.split()[0] for line in listed] == [rule.code for rule in all_rules()]
    assert "did you mean `null-rows`?" in run("rule", "nul-rows").stderr
