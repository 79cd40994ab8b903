"""Every rule fires on what its page says to avoid, and not on what it says to prefer."""

import re
from pathlib import Path

import pytest

from syncrules.diagnostics import Severity, Source
from syncrules.lint import Rule, all_rules, lint
from syncrules.schema import Schema
from syncrules.schema.definitions import read_definitions
from syncrules.schema.load import load_schema
from tests.lint.pages import FOLDER, pages

FIXTURES = Path(__file__).parents[2] / "fixtures"
BAD = FIXTURES / "lint"
SCHEMA = load_schema(str(BAD / "schema.sql")).schema
RULES = [pytest.param(rule, id=rule.code) for rule in all_rules()]
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
NEEDS_ITS_OWN = {"never-equal"}
"""Rules whose page speaks of a table with other types than the folder's schema."""


def codes(text: str, schema: Schema | None = SCHEMA) -> list[str]:
    return [found.code for found in lint(Source("r.yaml", text), schema)]


def as_file(snippet: str) -> str:
    """A page's snippet, as a whole rules file."""
    if snippet.startswith("streams:"):
        return f"config: {{edition: 3}}\n{snippet}"
    indented = "".join(f"    {line}\n" for line in snippet.splitlines())
    return f"config: {{edition: 3}}\nstreams:\n  s:\n{indented}"


def snippets(rule: Rule, part: str) -> list[str]:
    """The YAML under one of a page's headings."""
    after = rule.page.partition(f"**{part}**")[2]
    return BLOCK.findall(re.split(r"\*\*(?:Avoid|Prefer|When it is fine)\*\*", after)[0])


@pytest.mark.parametrize("rule", RULES)
def test_a_page_has_its_parts_in_order(rule: Rule) -> None:
    places = [rule.page.find(f"**{part}**") for part in ("Avoid", "Prefer", "When it is fine")]
    assert 0 < places[0] < places[1] < places[2]
    assert rule.summary.endswith(".")
    assert rule.severity in Severity


@pytest.mark.parametrize("rule", RULES)
def test_what_a_page_avoids_is_found_and_what_it_prefers_is_not(rule: Rule) -> None:
    schema = SCHEMA
    if rule.code in NEEDS_ITS_OWN:
        schema = read_definitions([("s.sql", "CREATE TABLE notes (id uuid, owner_id bigint)")]).schema
    for snippet in snippets(rule, "Avoid"):
        assert rule.code in codes(as_file(snippet), schema)
    for snippet in snippets(rule, "Prefer"):
        assert rule.code not in codes(as_file(snippet), schema)


@pytest.mark.parametrize("rule", RULES)
def test_the_folder_of_bad_rules_trips_every_rule(rule: Rule) -> None:
    text = (BAD / f"{rule.code}.yaml").read_text("utf-8")
    found = lint(Source(f"{rule.code}.yaml", text), SCHEMA)
    mine = [one for one in found if one.code == rule.code]
    assert mine and {one.severity for one in mine} == {rule.severity}
    assert [one.code for one in found if one.code != rule.code] == []
    assert all(one.message[0].islower() or one.message[0] == "`" for one in mine)
    assert all(one.help for one in mine)


def test_the_pages_in_the_documentation_are_those_of_the_rules() -> None:
    assert {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.md")} == pages()


def test_the_folder_holds_no_other_rules() -> None:
    assert {file.stem for file in BAD.glob("*.yaml")} == {rule.code for rule in all_rules()}


@pytest.mark.parametrize(
    "rules", sorted(FIXTURES.glob("*/sync-*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_nothing_is_found_in_the_example_apps(rules: Path) -> None:
    schema = load_schema(str(rules.parent / "schema.sql")).schema
    assert lint(Source(rules.name, rules.read_text("utf-8")), schema) == ()


STREAM = "config: {{edition: 3}}\nstreams:\n  s:\n    auto_subscribe: true\n    query: {}\n"


@pytest.mark.parametrize(
    ("query", "code", "fires"),
    [
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND NOT pinned", "null-rows", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND NOT (state IS NULL)", "null-rows", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND title != 'x'", "null-rows", True),
        ("SELECT * FROM notes WHERE org IN (SELECT org FROM notes WHERE owner_id = auth.user_id() AND NOT archived)", "null-rows", True),
        ("SELECT * FROM orders WHERE owner_id = auth.user_id() AND 10 < total", "numeric-as-text", True),
        ("SELECT * FROM orders WHERE owner_id = auth.user_id() AND total BETWEEN 1 AND 2", "numeric-as-text", True),
        ("SELECT * FROM orders WHERE owner_id = auth.user_id() AND total = '10.00'", "numeric-as-text", False),
        ("SELECT * FROM orders WHERE owner_id = auth.user_id() AND customer > 10", "numeric-as-text", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND 'false' = pinned", "boolean-as-text", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND title = 'true'", "boolean-as-text", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND title > '2025-01-01 12:00'", "timestamp-with-space", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND at > '2025-01-01'", "timestamp-with-space", False),
        ("SELECT * FROM orders WHERE customer = auth.parameter('n')", "never-equal", False),
        ("SELECT * FROM orders WHERE customer IN (SELECT owner_id FROM orders WHERE id = auth.user_id())", "never-equal", True),
        ("SELECT * FROM notes WHERE org = auth.parameter('https://x.example/org')", "dotted-claim", False),
        ("SELECT * FROM notes WHERE org = auth.parameter('a.b')", "dotted-claim", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind = 'a' AND 'a' = kind", "contradiction", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND (kind = 'a' OR kind = 'b')", "contradiction", False),
        ("SELECT id, password_hash AS x FROM users WHERE id = auth.user_id()", "secret-column", True),
        ("SELECT id, base64(thumbnail) AS thumbnail FROM photos WHERE owner_id = auth.user_id()", "binary-column", False),
        ("SELECT * FROM photos WHERE owner_id = auth.user_id()", "binary-column", False),
        ("SELECT title AS id FROM notes WHERE owner_id = auth.user_id()", "missing-id", False),
        ("SELECT * FROM members WHERE user_id = auth.user_id()", "missing-id", True),
        ("SELECT long_name.* FROM notes long_name WHERE owner_id = auth.user_id()", "short-alias", False),
        ("SELECT * FROM notes WHERE public = true", "unfiltered-table", False),
        ("SELECT * FROM notes WHERE auth.parameter('paid') = 'yes'", "unfiltered-table", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind > 'b' AND kind < 'a'", "contradiction", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind > 'a' AND kind < 'b'", "contradiction", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind IS NULL AND kind IN ARRAY['a', 'b']", "contradiction", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND auth.parameter('a') = '1' AND auth.parameter('a') = '2'", "contradiction", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND upper(kind) = 'A' AND upper(kind) = 'B'", "contradiction", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND owner_id IS NULL", "contradiction", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND status IS NOT NULL", "tautology", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind IS NOT NULL", "tautology", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND (kind <= 'a' OR kind >= 'a')", "tautology", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND (status <= 'a' OR status >= 'a')", "tautology", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND (auth.parameter('a') != 'x' OR auth.parameter('a') = 'x')", "tautology", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND auth.parameter('a') = 'x'", "fails-open", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND NOT (auth.parameter('a') = 'x')", "fails-open", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND auth.parameter('a') NOT IN ARRAY['x']", "fails-open", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND auth.parameter('a') IS NULL", "fails-open", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND ifnull(auth.parameter('a'), 'x') != 'x'", "fails-open", False),
        ("SELECT * FROM lists WHERE id IN (SELECT room FROM members WHERE user_id = auth.user_id())", "bucket-per-row", True),
        ("SELECT * FROM messages WHERE room IN (SELECT room FROM members WHERE user_id = auth.user_id())", "bucket-per-row", False),
        ("SELECT * FROM messages WHERE id IN auth.parameter('messages')", "bucket-per-row", False),
        ("SELECT * FROM messages WHERE lang = auth.parameter('lang_id') AND room IN (SELECT room FROM members WHERE user_id = auth.user_id())", "late-tenant-filter", False),
        ("SELECT * FROM messages WHERE org = auth.parameter('o') AND room IN (SELECT room FROM members WHERE user_id = auth.user_id() AND org = auth.parameter('o'))", "late-tenant-filter", False),
        ("SELECT * FROM messages WHERE room IN (SELECT room FROM members WHERE user_id = auth.user_id())", "table-scan", False),
        ("SELECT messages.* FROM messages, members WHERE messages.owner_id = auth.user_id()", "table-scan", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind = 'A'", "upper-case-name", False),
        ('SELECT * FROM notes WHERE "owner_id" = auth.USER_ID()', "upper-case-name", False),
        ("SELECT * FROM NOTES WHERE owner_id = auth.user_id()", "upper-case-name", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind = 'админ'", "mixed-scripts", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind = 'Ωmega'", "mixed-scripts", True),
        ("SELECT * FROM invites WHERE email = auth.parameter('email')", "case-folding", True),
        ("SELECT * FROM invites WHERE lower(email) = lower(auth.parameter('email'))", "case-folding", False),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND lower(kind) = 'Abc'", "case-folding", True),
        ("SELECT * FROM notes WHERE owner_id = auth.user_id() AND upper(kind) = 'ABC'", "case-folding", False),
        ("SELECT * FROM notes WHERE org = auth.parameter('org_id')", "missing-claim", False),
        ("SELECT * FROM notes WHERE org = auth.parameters() ->> '$.app_metadata.id'", "missing-claim", False),
    ],
)  # fmt: skip
def test_a_rule_tells_what_it_means_from_what_only_looks_alike(query: str, code: str, fires: bool) -> None:
    import json

    assert (code in codes(STREAM.format(json.dumps(query)))) is fires


def test_a_member_of_a_list_makes_a_bucket_of_a_list_and_not_of_a_row() -> None:
    streams = [
        "SELECT * FROM lists WHERE id IN (SELECT room FROM members WHERE user_id = auth.user_id())",
        "SELECT * FROM messages WHERE room IN (SELECT room FROM members WHERE user_id = auth.user_id())",
    ]
    both = "".join(f"  s{i}:\n    query: {query}\n" for i, query in enumerate(streams))
    assert codes(f"config: {{edition: 3}}\nstreams:\n{both}") == []


def test_a_name_that_edition_1_splits_is_found() -> None:
    text = """bucket_definitions:
  a:
    parameters: SELECT request.jwt() ->> 'https://x.example/org' AS org
    data: [SELECT * FROM notes WHERE org = bucket.org]
"""
    assert codes(text) == ["missing-claim"]
    assert codes("config: {edition: 2}\n" + text) == []


@pytest.mark.parametrize("rule", RULES)
def test_what_an_example_says_of_a_row_or_a_token_was_evaluated(rule: Rule) -> None:
    text = (BAD / f"{rule.code}.yaml").read_text("utf-8")
    for found in lint(Source("r.yaml", text), SCHEMA):
        if found.example and "pass" in found.example:
            assert re.fullmatch(r"(?:the row|a token with) \{.*\} (?:passes|does not pass)", found.example)


def test_sqlites_own_semantics_need_no_warning_of_null_rows() -> None:
    query = "SELECT * FROM notes WHERE owner_id = auth.user_id() AND NOT archived"
    text = STREAM.format(query).replace("{edition: 3}", "{edition: 3, unstable_sqlite_expression_engine: true}")
    assert codes(text) == []
