"""Says in plain words what the parser could not read, and where."""

import re
from typing import Final, NamedTuple, NoReturn

import yaml

from syncrules.diagnostics import Span
from syncrules.document.findings import Findings
from syncrules.document.limits import DEPTH, quoted
from syncrules.document.marks import index


class _Explanation(NamedTuple):
    code: str
    message: str
    help: str


_TAB: Final = _Explanation("tab-as-indentation", "a tab cannot indent a line of YAML", "indent with spaces")
_RESERVED: Final = _Explanation(
    "reserved-character",
    "a value cannot begin with this character",
    "put the value between quotes",
)
_UNCLOSED_FLOW: Final = _Explanation(
    "unclosed-flow-collection",
    "this list or mapping in brackets is not closed, or lacks a comma",
    "close it, or put the text between quotes if the bracket belongs to it",
)
_UNCLOSED_QUOTE: Final = _Explanation("unclosed-quote", "this quote is not closed", "add the closing quote")
_BAD_ESCAPE: Final = _Explanation(
    "bad-escape",
    "there is no such escape between double quotes",
    r"write `\\` for a backslash, or use single quotes, where a backslash is a backslash",
)
_BAD_ANCHOR: Final = _Explanation(
    "bad-anchor",
    "the name of an anchor or alias consists of letters, digits, `_` and `-`",
    "rename it, or put the value between quotes if `&` or `*` belongs to it",
)
_BAD_TAG: Final = _Explanation(
    "bad-tag", "this tag is malformed", "remove it, or put the value between quotes if `!` belongs to it"
)
_BAD_DIRECTIVE: Final = _Explanation(
    "bad-directive",
    "this is not a directive of YAML 1.2",
    "remove the line, or put the value between quotes if `%` belongs to it",
)
_BAD_HEADER: Final = _Explanation(
    "bad-block-header",
    "after `|` or `>` only `+`, `-` and a digit from 1 to 9 may stand",
    "begin the text on the next line",
)
_UNEXPECTED_COLON: Final = _Explanation(
    "unexpected-colon",
    "a colon before a space makes a key, and there can be none here",
    "put the text between quotes, or check the indentation",
)
_MISPLACED: Final = _Explanation(
    "misplaced-line",
    "this does not belong to what stands above it",
    "check the indentation: keys of one mapping, and dashes of one list, start in the same column",
)
_NESTED_ON_ONE_LINE: Final = _Explanation(
    "list-on-line-of-key",
    "a list cannot begin on the line of its key",
    "begin it on the next line, or put the text between quotes if the dash belongs to it",
)
_TEXT_AFTER_VALUE: Final = _Explanation(
    "text-after-value",
    "the value ends before this, and nothing may follow it on its line",
    "put the whole text between one pair of quotes, or on the lines after `|`",
)
_MISSING_COLON: Final = _Explanation(
    "missing-colon", "this line is neither a key with its colon nor an item", "write `key: value`"
)
_MISSING_NODE: Final = _Explanation(
    "missing-value", "there is no value before this", "write the value, or remove the comma or bracket"
)
_TOO_DEEP: Final = _Explanation(
    "nested-too-deeply",
    f"more than {DEPTH} lists and mappings are nested in each other here",
    "a rules file needs fewer than ten",
)
_UNKNOWN: Final = _Explanation("invalid-yaml", "this is not valid YAML", "check the lines up to here")

_BY_PROBLEM: Final = (
    ("nesting depth", _TOO_DEEP),
    ("tab character", _TAB),
    ("cannot start any token", _RESERVED),
    ("',' or ", _UNCLOSED_FLOW),
    ("unexpected end of stream", _UNCLOSED_QUOTE),
    ("unexpected document indicator", _UNCLOSED_QUOTE),
    ("escape character", _BAD_ESCAPE),
    ("hexdecimal", _BAD_ESCAPE),
    ("escape code", _BAD_ESCAPE),
    ("alphabetic or numeric", _BAD_ANCHOR),
    ("comment or line break", _BAD_HEADER),
    ("indentation indicator", _BAD_HEADER),
    ("mapping values are not allowed", _UNEXPECTED_COLON),
    ("entries are not allowed", _NESTED_ON_ONE_LINE),
    ("keys are not allowed", _NESTED_ON_ONE_LINE),
    ("expected key", _MISPLACED),
    ("expected '-'", _MISPLACED),
    ("document start", _MISPLACED),
    ("expected ':'", _MISSING_COLON),
    ("node content", _MISSING_NODE),
)
_LINE: Final = re.compile(r"[^\r\n]*+")
_ESCAPE: Final = re.compile(r"\\(?:x[0-9a-fA-F]{0,2}|u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8}|.)?")


def report(error: yaml.YAMLError, offset: int, findings: Findings) -> NoReturn:
    """Report a syntax error of a text that begins at `offset` of the file. Raises GiveUpError."""
    text = findings.source.text
    if not isinstance(error, yaml.MarkedYAMLError):
        findings.give_up(_UNKNOWN.code, _UNKNOWN.message, Span(0, 0), _UNKNOWN.help)
    place = min(index(error.problem_mark) + offset, len(text))
    begin = min(index(error.context_mark or error.problem_mark) + offset, place)
    explanation = _explanation(error, text, place)
    message, advice = explanation.message, explanation.help
    span = Span(place, min(place + 1, len(text)))
    if explanation is _UNCLOSED_QUOTE:
        span = Span(begin, begin + 1)
    elif explanation in (_MISSING_COLON, _BAD_DIRECTIVE):
        span = _rest_of_line(text, begin)
    elif explanation is _BAD_ESCAPE:
        span = _escape(text, begin, place)
        message = f"there is no escape {quoted(findings.source.slice(span))}"
    elif explanation is _UNCLOSED_FLOW:
        bracket, line = quoted(text[begin : begin + 1]), findings.line(begin)
        advice = f"the {bracket} on line {line} is still open here: {advice}"
        if not text[place:].strip():
            span = Span(begin, begin + 1)
    findings.give_up(explanation.code, message, span, advice)


def _explanation(error: yaml.MarkedYAMLError, text: str, place: int) -> _Explanation:
    problem = error.problem or ""
    context = error.context or ""
    if "directive" in context or "directive" in problem or "incompatible" in problem:
        return _BAD_DIRECTIVE
    if "tag" in context.split() or "tag handle" in problem:
        return _BAD_TAG
    found = next((e for part, e in _BY_PROBLEM if part in problem), _UNKNOWN)
    if found is _RESERVED and text[place : place + 1] == "\t":
        return _TAB
    if found is _MISPLACED and not _begins_line(text, place):
        return _TEXT_AFTER_VALUE
    return found


def _begins_line(text: str, place: int) -> bool:
    """Whether only white space stands before a place in its line."""
    start = max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1
    return not text[start:place].strip()


def _rest_of_line(text: str, start: int) -> Span:
    line = _LINE.match(text, start)
    return Span(start, start + len(line[0].rstrip())) if line else Span(start, start)


def _escape(text: str, begin: int, place: int) -> Span:
    """The escape that the parser stumbled in, at `place` or a few characters before."""
    backslash = place if text[place : place + 1] == "\\" else text.rfind("\\", begin, place)
    match = _ESCAPE.match(text, max(backslash, begin))
    return Span(*match.span()) if match else Span(place, place + 1)
