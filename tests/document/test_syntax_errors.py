"""Every syntax error is found at its place and named."""

import pytest

from syncrules.diagnostics import Severity
from tests.document.reading import diagnostics, errors, value


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a:\n\tb: 1", "tab-as-indentation", "\t"),
        ("a:\n \tb: 1", "tab-as-indentation", "\t"),
        ("a: >\n  \tb: 1\n\tc", "tab-as-indentation", "\t"),
        ("# |\n  \tb: 1", "tab-as-indentation", "\t"),
        ("a: |\n\tb", "tab-as-indentation", "\t"),
        ("a: b\n\tc", "tab-as-indentation", "\t"),
        ("-\tb", "tab-as-indentation", "\t"),
        ("a: 'b\nc: d", "unclosed-quote", "'"),
        ('a: "b\nc: d', "unclosed-quote", '"'),
        ("a: 'b\n--- c'", "unclosed-quote", "'"),
        (r'a: "b\q"', "bad-escape", r"\q"),
        (r'a: "b\x4"', "bad-escape", r"\x4"),
        (r'a: "b\ud83d"', "bad-escape", r"\ud83d"),
        (r'a: "b\udc1d\ud83d"', "bad-escape", r"\udc1d"),
        (r'a: "b\U00110000"', "bad-escape", r"\U00110000"),
        ("a: [b\nc: d", "unclosed-flow-collection", ":"),
        ("a: [b, {c", "unclosed-flow-collection", "{"),
        ("a: [b}", "unclosed-flow-collection", "}"),
        ("a: b: c", "unexpected-colon", ":"),
        ("a: SELECT 1 AS b: c", "unexpected-colon", ":"),
        ("a: 'b': c", "unexpected-colon", ":"),
        ("a: b\n  c: d", "unexpected-colon", ":"),
        ("a: b\nselect c  \n", "missing-colon", "select c"),
        ("a:\n  b: c\n d: e", "misplaced-line", "d"),
        ("a: b\n- c", "misplaced-line", "-"),
        ("a:\n - b\n- c", "misplaced-line", "-"),
        ("a: - b", "list-on-line-of-key", "-"),
        ('a: "b".c = 1', "text-after-value", "."),
        ("a: [b] AND c", "text-after-value", "A"),
        ("a: 'b'#c", "text-after-value", "#"),
        ("a: @b", "reserved-character", "@"),
        ("a: `b`", "reserved-character", "`"),
        ("a: %b", "reserved-character", "%"),
        ("a: ]", "missing-value", "]"),
        ("[a,,b]", "missing-value", ","),
        ("[a,#b\n]", "comment-without-space", "#"),
        ("a: |x\n", "bad-block-header", "x"),
        ("a: |0\n b", "bad-block-header", "0"),
        ("a: &b.c d", "bad-anchor", "."),
        ("%FOO\n---\na", "bad-directive", "%FOO"),
        ("# b\n%YAML 1.3\n---\na", "bad-directive", "%YAML 1.3"),
        ("a\n---\nb", "several-documents", "---"),
        ("a\n...\n---\nb", "several-documents", "---"),
        ("---\n---\n", "several-documents", "---"),
        ("a: \0", "forbidden-character", "\0"),
        ("a: '\x7f'", "forbidden-character", "\x7f"),
        ("a: \ud800", "forbidden-character", "\ud800"),
        ("a: \uffff", "forbidden-character", "\uffff"),
    ],
)
def test_a_mistake_is_one_error_at_its_place(text: str, code: str, place: str) -> None:
    assert errors(text) == [(code, place)]


@pytest.mark.parametrize("before", ["", "\ufeff", "# 🐝\r\n", "x: '🐝'\n", "x: \u2028\n"])
def test_the_place_counts_characters(before: str) -> None:
    found = diagnostics(before + 'a: "\\q"')
    assert [(each.span.start, each.severity) for each in found] == [(len(before) + 4, Severity.ERROR)]


def test_errors_that_do_not_stop_the_parser_are_all_found() -> None:
    file = "a: *x\nb: !y z\na: 1\nc: !!int d\n? [e]\n: f\ng: 'h\n"
    assert errors(file) == [
        ("undefined-alias", "*x"),
        ("unknown-tag", "!y"),
        ("value-not-of-its-tag", "d"),
        ("unclosed-quote", "'"),
    ]
    assert [code for code, _ in errors(file.replace("'h", "h"))] == [
        "undefined-alias",
        "unknown-tag",
        "duplicate-key",
        "value-not-of-its-tag",
        "key-not-scalar",
    ]


def test_every_forbidden_character_is_found() -> None:
    assert [place for _, place in errors("a: \0\n\x01b: \x9f")] == ["\0", "\x01", "\x9f"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b\x85c", {"a": "b\x85c"}),
        ("# b\u2028a: c", None),
        ("a: |\n  x\u2028  y\n", {"a": "x\u2028  y\n"}),
        ("a: 'b\u2029 c'", {"a": "b\u2029 c"}),
        ("[?a, b?c, ?: d]", ["?a", "b?c", {"?": "d"}]),
        ("{?a: b}", {"?a": "b"}),
        ("[a #b\n]", ["a"]),
        ("a: b#c", {"a": "b#c"}),
        ("'#': '#a,#b'", {"#": "#a,#b"}),
        (r'a: "\ud83d\udc1d\/"', {"a": "🐝/"}),
        (r"a: '\ud83d\udc1d'", {"a": r"\ud83d\udc1d"}),
        (r'a: "\\ud83d\\udc1d"', {"a": r"\ud83d\udc1d"}),
        ("a:\tb\t\n\t\nc: d", {"a": "b", "c": "d"}),
        ("a:\n  b: c\n \t \n  d: e", {"a": {"b": "c", "d": "e"}}),
        ("a: |\n\n  \tx\n  y\n", {"a": "\n\tx\ny\n"}),
        ("a: |\n  x\n  \t\n  y\n", {"a": "x\n\t\ny\n"}),
        ("a: b > c\n  \td", {"a": "b > c d"}),
        ("a: '>\n  \td'", {"a": "> d"}),
        ("a: b\ufeffc", {"a": "b\ufeffc"}),
        ("%YAML 1.1\n---\na: yes", {"a": "yes"}),
    ],
)
def test_what_yaml_1_2_allows_is_read_as_it_says(text: str, expected: object) -> None:
    assert value(text) == expected
