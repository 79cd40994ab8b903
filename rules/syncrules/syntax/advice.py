"""What to say about text that is not a query: the construct by its name, and what works instead.

A parser knows only that it stopped at a token; the table below knows what people meant. Each entry
pairs a recogniser of the text around that token with a message; the first that fits is given.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from syncrules.diagnostics import Span
from syncrules.syntax.keywords import TOKEN_TYPES
from syncrules.syntax.second_reading import read_again
from syncrules.syntax.unparsable import Unparsable


@dataclass(frozen=True, slots=True)
class Advice:
    """A message about a syntax error. `span` None means the whole query."""

    code: str
    message: str
    span: Span | None
    help: str | None = None


_STATEMENTS: Final = frozenset(
    """ALTER ANALYZE BEGIN CALL COMMIT COPY CREATE DELETE DO DROP EXPLAIN GRANT INSERT MERGE REPLACE REVOKE
    ROLLBACK SET SHOW TRUNCATE UPDATE VACUUM VALUES WITH""".split()
)

_KEYWORDS: Final = ("SELECT", "FROM", "WHERE", "JOIN", "INNER", "AND", "BETWEEN", "CASE")
"""What is worth guessing from a misspelling."""

_OTHER_DIALECTS: Final = {
    "==": ("`==` is not an operator here", "write `=`"),
    "?": ("SQL parameters like `?` are not allowed", "use request functions such as `auth.user_id()`"),
    "$": ("SQL parameters like `$1` are not allowed", "use request functions such as `auth.user_id()`"),
    ":": ("SQL parameters like `:name` are not allowed", "use request functions such as `auth.user_id()`"),
    "`": ("names are not quoted with backticks", 'write "name"'),
    "'": ("a text is not closed", "add the missing `'`; inside a text, write `''` for one quote"),
    '"': ("a quoted name is not closed", 'add the missing `"`'),
    "/*": ("a comment is not closed", "add the missing `*/`"),
    "~": ("regular expressions are not supported", "compare with `=`, `IN` or `instr`"),
    "#": ("the operators `#>` and `#>>` are not supported", "write `->` or `->>` with a path like `'$.a.b'`"),
    "@": ("the operator `@>` is not supported", "write `value IN array_column`"),
    "%": ("`%` in a name must be quoted", 'write "name_%" for a wildcard table'),
}

_NUMBER: Final = re.compile(r"-?(?:\d[\d.]*|\.\d+)[eE][+-]?\d+|0[xX][0-9a-fA-F]+")


def advise(sql: str, problem: Unparsable) -> Advice:
    """What to say about text that the grammar does not take."""
    return next(advice for recogniser in _RECOGNISERS if (advice := recogniser(sql, problem)))


def _no_text(sql: str, _: Unparsable) -> Advice | None:
    if sql.strip(" \t\r\n;"):
        return None
    return Advice("empty-query", "the query is empty", None, "write a SELECT")


def _other_statement(sql: str, _: Unparsable) -> Advice | None:
    word = re.match(r"[\s;(]*([A-Za-z]+)", re.sub(r"--[^\n]*", "", sql))
    if word is None or word[1].upper() not in _STATEMENTS:
        return None
    instead = "put common table expressions under `with:`" if word[1].upper() == "WITH" else None
    return Advice("not-a-select", "only SELECT statements are supported", None, instead)


def _end_of_text(_: str, problem: Unparsable) -> Advice | None:
    if problem.token is not None:
        return None
    closing = "RPAR" in problem.expected and "a `)` may be missing"
    return Advice("unexpected-end", "the query ends too early", None, closing or None)


def _exponent(sql: str, problem: Unparsable) -> Advice | None:
    number = _NUMBER.match(sql, problem.span.start)
    if number is None:
        return None
    message = f"the number `{number[0]}` is not in a supported form"
    span = Span(number.start(), number.end())
    return Advice("unsupported-number", message, span, "write it in decimal digits, such as 1000 or 0.001")


def _signed_number(_: str, problem: Unparsable) -> Advice | None:
    token = problem.token or ""
    if not re.fullmatch(r"-[\d.]+", token):
        return None
    message = f"`{token}` is read as a negative number, not as a subtraction"
    return Advice("ambiguous-minus", message, problem.span, f"write `- {token[1:]}` with a blank")


def _other_dialect(sql: str, problem: Unparsable) -> Advice | None:
    start = problem.span.start
    doubled = sql[max(0, start - 1) : start + 1]
    for key in (doubled, sql[start : start + 2], sql[start : start + 1]):
        if key in _OTHER_DIALECTS:
            message, instead = _OTHER_DIALECTS[key]
            return Advice("unsupported-syntax", message, problem.span, instead)
    return None


def _other_construct(sql: str, problem: Unparsable) -> Advice | None:
    found = read_again(sql, problem.span)
    if found is None:
        return None
    return Advice("unsupported-syntax", f"`{found.name}` is not supported", found.span, found.help)


def _reserved_word(_: str, problem: Unparsable) -> Advice | None:
    token = problem.token or ""
    if TOKEN_TYPES.get(token.upper()) is None:
        return None
    message = f"the keyword `{token}` cannot stand here"
    return Advice("unexpected-keyword", message, problem.span, f'as a name it must be quoted: "{token.lower()}"')


def _trailing_comma(sql: str, problem: Unparsable) -> Advice | None:
    comma = re.search(r",\s*$", sql[: problem.span.start])
    if comma is None:
        return None
    span = Span(comma.start(), problem.span.end)
    return Advice("syntax-error", f"something is missing between `,` and `{problem.token}`", span, "remove the comma")


def _misspelling(sql: str, problem: Unparsable) -> Advice | None:
    """A word that is nearly a keyword, where the parser stopped or just before."""
    before = re.search(r"([A-Za-z]+)\s+$", sql[: problem.span.start])
    here = (problem.token or "", problem.span)
    for word, span in [here, (before[1], Span(before.start(1), problem.span.end))] if before else [here]:
        close = get_close_matches(word.upper(), _KEYWORDS, n=1, cutoff=0.75)
        if close and word.upper() not in _KEYWORDS:
            return Advice("syntax-error", f"`{word}` cannot stand here", span, f"did you mean `{close[0]}`?")
    return None


def _foreign_letter(_: str, problem: Unparsable) -> Advice | None:
    token = problem.token or ""
    if token.isascii() or not token:
        return None
    message = f"the character `{token}` cannot stand outside quotes"
    return Advice("unexpected-character", message, problem.span, 'quote names with other letters: "straße"')


def _anything(_: str, problem: Unparsable) -> Advice:
    return Advice("syntax-error", f"`{problem.token}` cannot stand here", problem.span)


_RECOGNISERS: Final[tuple[Callable[[str, Unparsable], Advice | None], ...]] = (
    _no_text,
    _other_statement,
    _exponent,
    _end_of_text,
    _signed_number,
    _other_construct,
    _other_dialect,
    _trailing_comma,
    _misspelling,
    _reserved_word,
    _foreign_letter,
    _anything,
)
