"""How operators bind: the tighter of two is the inner one, and equal ones are read from left to right."""

import re
from itertools import product
from typing import Final

import pytest

from syncrules.document import MappedText
from syncrules.syntax import nodes as n
from syncrules.syntax import parse_query

LOOSEST_FIRST: Final = (
    ("OR",),
    ("AND",),
    ("=", "!="),
    ("IS",),
    ("<", "<=", ">", ">=", "<<", ">>"),
    ("BETWEEN 1 AND", "NOT BETWEEN 1 AND"),
    ("&", "&&", "|"),
    ("IN", "NOT IN"),
    ("+", "-", "||"),
    ("*", "/", "%"),
    ("^",),
    ("->", "->>"),
)
LEVEL: Final = {operator: level for level, operators in enumerate(LOOSEST_FIRST) for operator in operators}
BINARY: Final = [operator for operator in LEVEL if operator != "IS"]
TESTS: Final = ("IS NULL", "IS NOT NULL", "IS TRUE", "IS NOT FALSE", "ISNULL", "NOTNULL")


def condition(text: str) -> n.Expression:
    query, diagnostics = parse_query("sync_streams", MappedText.verbatim(f"SELECT * FROM t WHERE {text}", 0))
    assert query is not None, diagnostics
    assert query.select.where is not None
    return query.select.where


def meaning(text: str) -> str:
    """The tree of an expression, without where its nodes stand in the text."""
    return re.sub(r"Span\(.*?\)", "", repr(condition(text)))


def operand(after: str, name: str) -> str:
    return "'k'" if after.startswith("->") else name


@pytest.mark.parametrize(("first", "second"), [*product(BINARY, BINARY)])
def test_the_tighter_of_two_operators_is_the_inner_one(first: str, second: str) -> None:
    middle, last = operand(first, "b"), operand(second, "c")
    text = f"a {first} {middle} {second} {last}"
    if first == second in {"AND", "OR"}:
        expected = re.compile(r"Logical\(.*operands=\(Ref.*Ref.*Ref")
        assert expected.search(meaning(text))
    elif LEVEL[second] > LEVEL[first]:
        assert meaning(f"a {first} ({middle} {second} {last})") == meaning(text)
    else:
        assert meaning(f"(a {first} {middle}) {second} {last}") == meaning(text)


@pytest.mark.parametrize(("operator", "test"), [*product(BINARY, TESTS)])
def test_a_test_is_of_all_that_binds_more_tightly(operator: str, test: str) -> None:
    right = operand(operator, "b")
    text = f"a {operator} {right} {test}"
    if LEVEL[operator] > LEVEL["IS"]:
        assert meaning(f"(a {operator} {right}) {test}") == meaning(text)
    else:
        assert meaning(f"a {operator} ({right} {test})") == meaning(text)


@pytest.mark.parametrize(("test", "operator"), [*product(TESTS, BINARY)])
def test_after_a_test_stands_what_binds_no_more_tightly_or_an_error(test: str, operator: str) -> None:
    right = operand(operator, "b")
    text = f"a {test} {operator} {right}"
    if LEVEL[operator] < LEVEL["IS"]:
        assert meaning(f"(a {test}) {operator} {right}") == meaning(text)
    else:
        query, diagnostics = parse_query("sync_streams", MappedText.verbatim(f"SELECT * FROM t WHERE {text}", 0))
        assert query is None
        assert len(diagnostics) == 1


@pytest.mark.parametrize("operator", [*BINARY, "IS"])
def test_a_negation_is_of_all_that_binds_more_tightly_than_and(operator: str) -> None:
    rest = "IS NULL" if operator == "IS" else f"{operator} {operand(operator, 'b')}"
    if LEVEL[operator] > LEVEL["AND"]:
        assert meaning(f"NOT (a {rest})") == meaning(f"NOT a {rest}")
    else:
        assert meaning(f"(NOT a) {rest}") == meaning(f"NOT a {rest}")


@pytest.mark.parametrize("operator", ["AND", "OR"])
def test_a_negation_may_follow_and_or(operator: str) -> None:
    assert meaning(f"a {operator} (NOT (b = c))") == meaning(f"a {operator} NOT b = c")


@pytest.mark.parametrize("operator", [each for each in BINARY if LEVEL[each] > LEVEL["AND"]])
def test_a_negation_is_no_operand_of_what_binds_more_tightly(operator: str) -> None:
    query, diagnostics = parse_query(
        "sync_streams", MappedText.verbatim(f"SELECT * FROM t WHERE a {operator} NOT b", 0)
    )
    assert query is None
    assert len(diagnostics) == 1


@pytest.mark.parametrize("test", TESTS)
def test_several_tests_follow_each_other(test: str) -> None:
    assert meaning(f"((a IS NULL) {test}) {test}") == meaning(f"a IS NULL {test} {test}")


def test_the_ends_of_a_range_are_all_that_binds_more_tightly() -> None:
    assert meaning("a BETWEEN (b + (c * d)) AND (e | f)") == meaning("a BETWEEN b + c * d AND e | f")
    assert meaning("(a BETWEEN b AND c) AND d") == meaning("a BETWEEN b AND c AND d")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" OR ".join(["a"] * 5_000), None),
        (" AND ".join(["a"] * 5_000), None),
        ("NOT " * 5_000 + "a", "query-too-deep"),
        (" + ".join(["a"] * 5_000), "query-too-deep"),
        ("a" + " IS NULL" * 5_000, "query-too-deep"),
    ],
)
def test_an_expression_of_any_length_is_read_or_refused(text: str, code: str | None) -> None:
    query, diagnostics = parse_query("sync_streams", MappedText.verbatim(f"SELECT * FROM t WHERE {text}", 0))
    assert [code] * (code is not None) == [each.code for each in diagnostics]
    assert (query is None) == (code is not None)
