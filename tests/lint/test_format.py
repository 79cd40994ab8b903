"""Formatting changes how queries look, and nothing else."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.compile.compiler import compile_rules
from syncrules.diagnostics import Source
from syncrules.lint.format import format_text
from syncrules.syntax.build import lex
from tests.conformance.corpus import lines
from tests.end_to_end.test_command import run

FIXTURES = Path(__file__).parents[2] / "fixtures"
TEXTS = sorted({scenario["config"] for corpus in ("rules", "streams", "metadata") for scenario in lines(corpus)})
COMMENT = re.compile(r"(?:^|\s)#[^\n]*|--[^\n]*|/\*.*?\*/", re.DOTALL)


def formatted(text: str) -> str:
    return format_text(Source("r.yaml", text))


def meaning(text: str) -> object:
    made = compile_rules(Source("r.yaml", text))
    return made.plan, sorted((found.code, found.severity) for found in made.diagnostics)


def unwritten(text: str) -> str:
    """A text without what formatting may change: blanks, and the case of letters."""
    return re.sub(r"\s", "", text).lower()


@pytest.mark.parametrize("place", range(8))
def test_meaning_and_everything_but_blanks_and_case_stay_in_every_file_of_the_corpora(place: int) -> None:
    changed = 0
    for text in TEXTS[place::8]:
        after = formatted(text)
        changed += after != text
        assert unwritten(after) == unwritten(text)
        assert COMMENT.findall(after) == COMMENT.findall(text)
        assert formatted(after) == after
        ours, theirs = meaning(text), meaning(after)
        # A column without an alias is called what its text is.
        if "no-alias" not in str(ours):
            assert ours == theirs
    assert changed > len(TEXTS) / 8 / 20


STYLES = {
    "plain": "query: {}",
    "single": "query: '{}'",
    "double": 'query: "{}"',
    "literal": "query: |\n      {}",
    "folded": "query: >-\n      {}",
    "flow": "queries: ['{}']",
}
QUERIES = [
    "SELECT id, name AS title FROM lists WHERE owner_id = auth.user_id() AND NOT archived",
    "SELECT * FROM items WHERE list_id IN (SELECT id FROM lists WHERE owner_id = auth.user_id()) OR public = true",
    "SELECT t.* FROM todos AS t JOIN lists AS l ON l.id = t.list_id WHERE l.owner_id = auth.user_id() AND t.n BETWEEN 1 AND 3",
    "SELECT CASE WHEN a THEN b ELSE c END AS d, CAST(x AS text) AS y, z::integer AS w FROM t WHERE id = auth.parameter('a') ->> 'b'",
    "SELECT id FROM t WHERE a IN ARRAY[1, 2] AND b NOT BETWEEN -1 AND 2 AND (c = 'and or' OR d IS NOT NULL)",
]
BLANKS = st.sampled_from([" ", "  ", "\t", "\n      ", "\n        "])


@given(st.sampled_from(sorted(STYLES)), st.sampled_from(QUERIES), st.data())
def test_however_a_query_was_spaced_it_ends_in_one_form(style: str, query: str, data: st.DataObject) -> None:
    words = lex(query)
    text = words[0].text.lower()
    for before, after in zip(words, words[1:], strict=False):
        blank = data.draw(BLANKS) if query[before.span.end : after.span.start] else ""
        text += blank + (after.text.lower() if after.kind not in {"STRING", "NAME"} else after.text)
    if style == "single" or style == "flow":
        text = text.replace("'", "''")
    if style != "literal":
        text = text.replace("\t", " ")
    head = "config: {edition: 3}\nstreams:\n  s:\n    "
    file = head + STYLES[style].format(text) + "\n  # end\n"
    after = formatted(file)
    assert formatted(after) == after
    assert after.startswith(head + STYLES[style][:5]) and after.endswith("\n  # end\n")
    assert meaning(after) == meaning(file)
    if "\n" not in text and len(query) < 85:
        expected = query.replace("'", "''") if style in {"single", "flow"} else query
        assert STYLES[style].format(expected) in after


@pytest.mark.parametrize("rules", sorted(FIXTURES.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_projects_own_files_are_formatted(rules: Path) -> None:
    text = rules.read_text("utf-8")
    assert formatted(text) == text


def test_a_long_query_is_broken_at_its_loosest_places() -> None:
    query = (
        "select id from messages where (author_id = auth.user_id() or room in (select room from members where "
        "user_id = auth.user_id() and left_at is null and role in array['reader', 'writer', 'owner', 'administrator'])) "
        "and deleted_at is null"
    )
    after = formatted(f"config: {{edition: 3}}\nstreams:\n  s:\n    query: |\n      {query}\n")
    assert after.partition("|\n")[2] == (
        "      SELECT id\n"
        "      FROM messages\n"
        "      WHERE (\n"
        "        author_id = auth.user_id()\n"
        "        OR room IN (\n"
        "          SELECT room\n"
        "          FROM members\n"
        "          WHERE user_id = auth.user_id()\n"
        "            AND left_at IS NULL\n"
        "            AND role IN ARRAY['reader', 'writer', 'owner', 'administrator']\n"
        "        )\n"
        "      )\n"
        "        AND deleted_at IS NULL\n"
    )


def test_only_calls_have_their_parenthesis_at_once() -> None:
    text = 'streams: {a: {query: "SELECT  upper (a), cast (b as text) FROM t GROUP BY (a) ORDER by (b)"}}\nconfig: {edition: 3}\n'
    made = formatted(text)
    assert "upper(a), CAST(b AS text)" in made
    assert "GROUP BY (a)" in made
    assert "ORDER by (b)" in made


def test_comments_in_queries_keep_their_lines() -> None:
    text = "streams:\n  s:\n    query: |\n      select *   -- all of it\n      from   t /* the table */ where\n        a=1\n"
    assert formatted(text) == (
        "streams:\n  s:\n    query: |\n      SELECT *   -- all of it\n      FROM t /* the table */ WHERE\n        a = 1\n"
    )


def test_what_is_no_query_of_the_language_is_left_alone() -> None:
    text = "streams:\n  s:\n    query: select  from   where\n  t:\n    query: select  *  from t\n"
    assert formatted(text) == text.replace("select  *  from t", "SELECT * FROM t")
    assert formatted("a: [") == "a: ["


def test_line_breaks_are_those_of_the_file() -> None:
    after = formatted("streams:\r\n  s:\r\n    query: |\r\n      select *\r\n      from t where a = 1\r\n")
    assert after.count("\n") == after.count("\r\n") == 6


def test_the_command_writes_checks_and_shows(tmp_path: Path) -> None:
    rules = tmp_path / "r.yaml"
    rules.write_text("streams:\n  s:\n    query: select *  from t\n", "utf-8")
    checked = run("fmt", "--check", "--diff", str(tmp_path))
    assert checked.returncode == 1
    assert "+    query: SELECT * FROM t\n" in checked.stdout
    assert json.loads(run("fmt", "--check", "--json", str(rules)).stdout)["files"] == [
        {"path": str(rules), "changed": False}
    ]
    assert run("fmt", str(rules)).returncode == 0
    assert rules.read_text("utf-8") == "streams:\n  s:\n    query: SELECT * FROM t\n"
    assert run("fmt", "--check", str(rules)).stdout == "nothing to format\n"


def test_a_file_that_is_no_yaml_is_left_and_named(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("streams: [", "utf-8")
    done = run("fmt", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "r.yaml:1:" in done.stderr
