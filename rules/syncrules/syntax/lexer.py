"""The tokens of a query: Lark's own basic lexer in a third of its time, by the terminals of the grammar.

It takes one match for a token and the blanks and comments before it, looks keywords up where it finds a name, and counts no lines.
"""

import re
from collections.abc import Iterator

from lark import Token
from lark.common import LexerConf
from lark.lexer import Lexer, TerminalDef

from syncrules.diagnostics import Span
from syncrules.syntax.keywords import TOKEN_TYPES
from syncrules.syntax.unparsable import Unparsable


class QueryLexer(Lexer):
    """What Lark makes of a grammar's terminals, to be given to it as its `lexer`."""

    def __init__(self, conf: LexerConf) -> None:
        terminals = sorted(conf.terminals, key=_rank)
        ignored = [each.pattern.to_regexp() for each in terminals if each.name in conf.ignore]
        others = [f"(?P<{each.name}>{each.pattern.to_regexp()})" for each in terminals if each.name not in conf.ignore]
        self._ignored = re.compile(f"(?:{'|'.join(ignored)})*+")
        self._token = re.compile(f"{self._ignored.pattern}(?:{'|'.join(others)}|\\Z)")

    def lex(self, text: str) -> Iterator[Token]:  # type: ignore[override]
        """The tokens of a text. Raises Unparsable where none begins."""
        place, match = 0, self._token.match
        while found := match(text, place):
            kind = found.lastgroup
            if kind is None:
                return
            word, place = found[kind], found.end()
            if kind == "NAME":
                kind = TOKEN_TYPES.get(word.upper(), "NAME")
            yield Token(kind, word, place - len(word), None, None, None, None, place)
        blanks = self._ignored.match(text, place)
        assert blanks is not None
        start = blanks.end()
        raise Unparsable(Span(start, start + 1), text[start])


def _rank(terminal: TerminalDef) -> tuple[int, int, int, str]:
    """The order in which Lark tries terminals: by priority, then those that can be longest."""
    return -terminal.priority, -terminal.pattern.max_width, -len(terminal.pattern.value), terminal.name
