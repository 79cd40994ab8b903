"""What streams do not have is refused by its name, at its place, once, and with what to write instead."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules import Rules, RulesError
from syncrules.diagnostics import Diagnostic, Source


def errors(query: str) -> tuple[Source, list[Diagnostic]]:
    text = f"config: {{edition: 3}}\nstreams:\n  s:\n    query: {json.dumps(query)}\n"
    with pytest.raises(RulesError) as refused:
        Rules.from_text(text)
    return refused.value.source, [d for d in refused.value.diagnostics if d.severity == "error"]


REFUSED = [
    ("SELECT a.* FROM a LEFT JOIN b ON a.x = b.y", "LEFT JOIN b ON a.x = b.y", "`LEFT JOIN`", "write JOIN"),
    ("SELECT a.* FROM a CROSS JOIN b", "CROSS JOIN b", "`CROSS JOIN`", "comma"),
    ("SELECT a.* FROM a JOIN b USING (id)", "USING (id)", "`USING`", "ON"),
    ("SELECT * FROM a GROUP BY x", "GROUP BY x", "`GROUP BY`", "aggregate"),
    ("SELECT * FROM a ORDER BY x", "ORDER BY x", "`ORDER BY`", "order"),
    ("SELECT * FROM a LIMIT 5", "LIMIT 5", "`LIMIT`", "how many"),
    ("SELECT * FROM a UNION SELECT * FROM b", "UNION SELECT * FROM b", "`UNION`", "queries"),
    ("SELECT id, count(*) AS n FROM a", "count(*)", "`count`", "aggregate"),
    ("SELECT * FROM a WHERE EXISTS (SELECT 1 FROM b)", "EXISTS (SELECT 1 FROM b)", "`exists`", "IN (SELECT"),
    ("SELECT * FROM a WHERE x = (SELECT y FROM b)", "SELECT y FROM b", "subquery", "IN"),
    ("SELECT * FROM a WHERE x = ANY(tags)", "ANY", "`ANY`", "IN array"),
    ("SELECT * FROM a WHERE x IN ('a', 'b')", "'a', 'b'", "list in parentheses", "ARRAY["),
    ("SELECT id, coalesce(x, y) AS z FROM a", "coalesce(x, y)", "`coalesce`", "ifnull"),
    ("SELECT * FROM a WHERE t > now()", "now()", "`now`", "clock"),
    ("SELECT * FROM a WHERE t > CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP", "`CURRENT_TIMESTAMP`", "clock"),
    ("SELECT * FROM a WHERE x LIKE 'b%'", "x LIKE 'b%'", "`LIKE`", "instr"),
    ("SELECT * FROM a WHERE x ~ 'b'", "~", "`~`", "instr"),
    ("SELECT * FROM a WHERE tags @> '[1]'", "@>", "`@>`", "IN array"),
    ("SELECT * FROM a WHERE x IS DISTINCT FROM y", "IS DISTINCT", "`IS DISTINCT FROM`", "IS NULL"),
    ("SELECT * FROM a WHERE x COLLATE nocase = 'b'", "COLLATE", "`COLLATE`", "lower"),
    ("SELECT * FROM a, LATERAL (SELECT 1) l", "LATERAL", "`LATERAL`", "json_each"),
    ("SELECT id, row_number() OVER (PARTITION BY x) AS n FROM a", "OVER (PARTITION", "`OVER`", "client"),
    ("SELECT * FROM a WHERE x = auth.uid()", "auth.uid()", "`auth.uid`", "auth.user_id()"),
    ("SELECT * FROM a WHERE x = auth.user_id", "auth.user_id", "`auth`", "parentheses"),
    ("SELECT * FROM a WHERE x = bucket.y", "bucket.y", "`bucket`", "bucket parameters"),
    ("SELECT * FROM a WHERE x = request.user_id()", "request.user_id()", "`request.user_id`", "auth.user_id()"),
    ("SELECT * FORM a", "FORM", "`FORM`", "FROM"),
    ("SELECT id, FROM a", ", FROM", "missing", "comma"),
    ("SELECT * FROM a WHERE x = ?", "?", "parameters", "auth.user_id()"),
    ("SELECT * FROM a WHERE x IN ARRAY[auth.user_id(), 'b']", "auth.user_id()", "both a row and the request", "OR"),
    (
        "SELECT * FROM a WHERE x = auth.user_id() AND auth.user_id() IN connection.parameter('ids')",
        "auth.user_id() IN connection.parameter('ids')",
        "sought in an array of the request",
        "column of the row",
    ),
    ("SELECT * FROM a WHERE tags && tags", "tags && tags", "`&&`", ""),
    (
        "SELECT a.* FROM a, json_each(a.x) j, json_each(j.value) k WHERE k.value = auth.user_id()",
        "j.value",
        "another one",
        "column of a table",
    ),
    (
        "SELECT a.* FROM a, b, json_each(auth.parameter('x')) j WHERE j.value = a.x AND j.value = b.x",
        "json_each(auth.parameter('x')) j",
        "second table",
        "one table",
    ),
    (
        "SELECT a.* FROM a, json_each(auth.parameter('x')) j WHERE j.value = a.x AND j.key = auth.user_id()",
        "json_each(auth.parameter('x')) j",
        "another value of the request",
        "one table",
    ),
]


@pytest.mark.parametrize(("query", "place", "message", "help_"), REFUSED)
def test_a_construct_is_refused_by_name_where_it_stands(query: str, place: str, message: str, help_: str) -> None:
    source, found = errors(query)
    first = found[0]
    assert source.slice(first.span) == place
    assert message in first.message
    assert help_ in (first.help or "")


@pytest.mark.parametrize("source", ["json_each()", "unnest(x)", "generate_series(1, 2)", "b.c.d()"])
def test_a_source_that_is_refused_causes_no_second_error(source: str) -> None:
    _, found = errors(f"SELECT * FROM {source} AS f")
    assert len(found) == 1


def test_a_table_expression_that_nothing_uses_is_still_checked() -> None:
    text = """
config: {edition: 3}
streams:
  s:
    with: {mine: SELECT id FROM b ORDER BY id}
    query: SELECT * FROM a
"""
    with pytest.raises(RulesError) as refused:
        Rules.from_text(text)
    assert "`ORDER BY`" in str(refused.value)


def test_every_query_of_a_file_is_checked_in_one_run() -> None:
    text = """
config: {edition: 3}
streams:
  one: {query: SELECT * FROM a LIMIT 1}
  two:
    queries:
      - SELECT * FROM a WHERE x = soundex(y)
      - SELECT * FROM a WHERE
"""
    with pytest.raises(RulesError) as refused:
        Rules.from_text(text)
    assert {d.code for d in refused.value.diagnostics} == {"clause-not-supported", "unknown-function", "unexpected-end"}


def test_a_text_that_is_no_array_after_in_is_warned_of() -> None:
    rules = Rules.from_text("config: {edition: 3}\nstreams:\n  s: {query: SELECT * FROM a WHERE x IN ('b')}\n")
    [warning] = [d for d in rules.diagnostics if d.code == "not-an-array"]
    assert rules.source.slice(warning.span) == "'b'"


@given(st.text(alphabet="SELECTFROMWHERE abc.*,()='\"1[]|&-><:?$~@\n", max_size=60))
def test_any_text_is_a_query_or_is_refused_within_its_bounds(noise: str) -> None:
    text = f"config: {{edition: 3}}\nstreams:\n  s:\n    query: {json.dumps('SELECT * FROM a ' + noise)}\n"
    try:
        Rules.from_text(text)
    except RulesError as refused:
        assert all(0 <= d.span.start <= d.span.end <= len(text) for d in refused.diagnostics)
