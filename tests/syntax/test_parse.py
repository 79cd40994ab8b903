"""What the grammar takes, how it reads it, and what is said about the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.document import MappedText
from syncrules.syntax import nodes as n
from syncrules.syntax import parse_query


def parsed(sql: str) -> n.Select:
    query, diagnostics = parse_query("sync_streams", MappedText.verbatim(sql, 0))
    assert query is not None, diagnostics
    return query.select


def shown(node: object) -> str:
    """A tree as fully parenthesised text."""
    match node:
        case n.Literal():
            return "NULL" if node.value is None else str(node.value)
        case n.Reference():
            return ".".join(part.text for part in node.parts)
        case n.Binary():
            return f"({shown(node.left)} {node.operator} {shown(node.right)})"
        case n.Unary():
            return f"({node.operator} {shown(node.operand)})"
        case n.Logical():
            return f"({f' {node.operator} '.join(map(shown, node.operands))})"
        case n.IsTest():
            return f"({shown(node.operand)} {node.test})"
        case n.Between():
            return f"({shown(node.operand)} between {shown(node.low)} and {shown(node.high)})"
        case n.In():
            return f"({shown(node.operand)} in {shown(node.right)})"
        case n.Array():
            return f"[{', '.join(map(shown, node.items))}]"
        case n.Cast():
            return f"({shown(node.operand)} :: {node.type})"
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a + b * c", "(a + (b * c))"),
        ("a || b + c", "((a || b) + c)"),
        ("a = b IS NULL", "(a = (b is null))"),
        ("a < b IS NULL", "((a < b) is null)"),
        ("a | b IN ARRAY[c]", "(a | (b in [c]))"),
        ("a << b IN ARRAY[c]", "(a << (b in [c]))"),
        ("a || b IN ARRAY[c]", "((a || b) in [c])"),
        ("a BETWEEN b AND c & d", "(a between b and (c & d))"),
        ("a > b << c", "((a > b) << c)"),
        ("a ->> 'k' :: integer", "((a ->> k) :: integer)"),
        ("NOT a = b AND c OR d", "(((not (a = b)) and c) or d)"),
        ("a - -1", "(a - -1)"),
        ("a <> b", "(a != b)"),
    ],
)
def test_precedence_is_that_of_deployed_services(sql: str, expected: str) -> None:
    assert expected == shown(parsed(f"SELECT {sql} FROM t").columns[0].expression)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["by", "row", "rows", "ROW", "first", '"select"', '"a ""b"""'])
def test_a_word_that_only_some_clauses_use_is_a_name(name: str) -> None:
    select = parsed(f"SELECT {name}, t.{name} AS {name} FROM {name} {name} WHERE {name} = 1")
    text = name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
    first, second = select.columns
    assert isinstance(first, n.Column)
    assert isinstance(second, n.Column)
    assert text == shown(first.expression)
    assert f"t.{text}" == shown(second.expression)
    assert second.alias is not None
    assert text == second.alias.text
    assert name.startswith('"') == second.alias.quoted


@pytest.mark.parametrize(
    ("clauses", "keywords"),
    [
        ("GROUP BY a, b HAVING a > 1", ["GROUP BY", "HAVING"]),
        ("ORDER BY a DESC NULLS LAST, b LIMIT ALL OFFSET 3 ROWS", ["ORDER BY", "LIMIT", "LIMIT"]),
        ("OFFSET 1 ROW FETCH FIRST ROW ONLY", ["LIMIT", "LIMIT"]),
        ("FETCH NEXT 5 ROWS ONLY FOR UPDATE", ["LIMIT", "FOR"]),
        ("UNION ALL SELECT b FROM u", ["UNION"]),
    ],
)
def test_clauses_that_are_refused_are_read_with_their_names(clauses: str, keywords: list[str]) -> None:
    assert keywords == [clause.keyword for clause in parsed(f"SELECT a FROM t {clauses}").clauses]


@pytest.mark.parametrize(
    ("sql", "code", "place"),
    [
        ("", "empty-query", ""),
        ("DELETE FROM t", "not-a-select", "DELETE FROM t"),
        ("SELECT id FROM", "unexpected-end", "SELECT id FROM"),
        ("SELECT a -1 FROM t", "ambiguous-minus", "-1"),
        ("SELECT 1e3 FROM t", "unsupported-number", "1e3"),
        ("SELECT a FROM t WHERE a == 1", "unsupported-syntax", "="),
        ("SELECT a FROM t WHERE a = ?", "unsupported-syntax", "?"),
        ("SELECT `a` FROM t", "unsupported-syntax", "`"),
        ("SELECT a FROM t WHERE a = 'x", "unsupported-syntax", "'"),
        ("SELECT é FROM t", "unexpected-character", "é"),
        ("SELECT default FROM t", "unexpected-keyword", "default"),
        ("SELECT a FROM t; SELECT b FROM t", "several-statements", "SELECT b FROM t"),
        (f"SELECT {'(' * 5000}a{')' * 5000} + {'- ' * 5000}1 FROM t", "query-too-deep", None),
    ],
)
def test_what_is_no_query_is_named_where_it_stands(sql: str, code: str, place: str | None) -> None:
    query, (diagnostic,) = parse_query("sync_streams", MappedText.verbatim(sql, 0))
    assert query is None
    assert code == diagnostic.code
    if place is not None:
        assert place == sql[diagnostic.span.start : diagnostic.span.end]


@pytest.mark.parametrize(("written", "named"), [("DATE '2026'", "date '…'"), ("\"Q\" 'x'", "\"Q\" '…'")])
def test_a_typed_literal_is_refused_by_its_name(written: str, named: str) -> None:
    (column,) = parsed(f"SELECT {written} AS a FROM t").columns
    assert isinstance(column, n.Column)
    assert column.expression == n.Unsupported(named, column.expression.span)


@given(st.text(alphabet="SELECT FROM WHERE abc'\"`()[]=<>|&-+*/,.;:%$?0123456789\n", max_size=80))
def test_any_text_is_a_query_or_gets_a_diagnostic(sql: str) -> None:
    query, diagnostics = parse_query("sync_rules", MappedText.verbatim(sql, 0))
    assert (query is None) == bool(diagnostics)
