"""Texts of SQL taken apart into statements, whatever is in them: dumps hold data, migrations hold functions.

Only what ends a statement is understood: quotes, comments, dollar quotes, and the lines by which a dump talks to
its client. So one statement that nobody can read never costs the others.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_PIECE: Final = re.compile(
    r"""
    (?P<end>;)
    | (?P<quoted>[eE]'(?:[^'\\]|\\.|'')*+'? | '(?:[^']|'')*+'? | "(?:[^"]|"")*+"?)
    | (?P<dollar>\$(?:[^\W\d]\w*+)?\$)
    | (?P<comment>--[^\n]*+)
    | (?P<block>/\*)
    | (?P<client>^\\[^\n]*+)
    | (?P<other>\w[\w$]*+ | [^;'"$\-/\\\w\n]++ | .)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_BLOCK_EDGE: Final = re.compile(r"/\*|\*/")
_COPY_DATA: Final = re.compile(r"copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
_END_OF_DATA: Final = re.compile(r"^\\\.[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SqlStatement:
    """One statement without comments before it, and the offset at which it begins."""

    text: str
    start: int


def statements(sql: str) -> Iterator[SqlStatement]:
    r"""The statements of a text, without the data of `COPY … FROM stdin` and lines for the client.

    >>> [found.text for found in statements("select ';' -- a;\n; create function f() as $$ begin; end $$")]
    ["select ';' -- a;", 'create function f() as $$ begin; end $$']
    """
    at, begin = 0, 0
    while at < len(sql):
        found = _PIECE.match(sql, at)
        assert found is not None
        at = _end(sql, found)
        match found.lastgroup:
            case "end":
                yield from _statement(sql, begin, found.start())
                begin = at = _after_data(sql, begin, at)
            case "client" | "comment" | "block" if not sql[begin : found.start()].strip():
                begin = at
            case _:
                pass
    yield from _statement(sql, begin, len(sql))


def _statement(sql: str, begin: int, end: int) -> Iterator[SqlStatement]:
    text = sql[begin:end].strip()
    if text:
        yield SqlStatement(text, sql.index(text, begin))


def _after_data(sql: str, begin: int, at: int) -> int:
    """The end of a statement with the lines of data that follow it, if it copies any."""
    if not _COPY_DATA.match(sql[begin:at].lstrip()):
        return at
    data = _END_OF_DATA.search(sql, at)
    return data.end() if data else len(sql)


def _end(sql: str, piece: re.Match[str]) -> int:
    """Where a piece ends: comments in blocks nest, and a dollar quote ends with its own tag."""
    match piece.lastgroup:
        case "dollar":
            close = sql.find(piece[0], piece.end())
            return len(sql) if close < 0 else close + len(piece[0])
        case "block":
            deep = 0
            for edge in _BLOCK_EDGE.finditer(sql, piece.start()):
                deep += 1 if edge[0] == "/*" else -1
                if deep == 0:
                    return edge.end()
            return len(sql)
        case _:
            return piece.end()
