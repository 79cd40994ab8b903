"""Our lexer finds the tokens that Lark's own finds in the same grammar, and stops where it stops."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters

from syncrules.syntax.grammar import LANGUAGES, grammar_text
from syncrules.syntax.keywords import TOKEN_TYPES
from syncrules.syntax.lexer import QueryLexer
from syncrules.syntax.unparsable import Unparsable

Found = list[tuple[str, str, int | None, int | None]]


def keyword(token: Token) -> Token:
    token.type = TOKEN_TYPES.get(token.upper(), "NAME")
    return token


BASIC = {
    language: Lark(grammar_text(language), parser="lalr", lexer="basic", lexer_callbacks={"NAME": keyword})
    for language in LANGUAGES
}
OURS = {language: QueryLexer(parser.lexer_conf) for language, parser in BASIC.items()}

PIECES = st.sampled_from(
    """SELECT select By row NOT BETWEEN not/**/between filter( FILTER ( over( overt ( e'a\\'b' E'x 'it''s' 'x "a b" "a""b" " é
    1 -1 1. .5 1.5.2 1a - -- -> ->> :: : := < <= << <> != ! = == || | && & + * / /* */ /*a/*b*/c*/ % ^ ( ) [ ] [\t] , ; . a_1 $1 ?
    user USER null is isnull e""".split(" ")
)


def outcome(tokens: Iterable[Token]) -> tuple[Found, int | None]:
    """The tokens, and where no other one begins, if it is so."""
    found: Found = []
    try:
        for token in tokens:
            found.append((token.type, str(token), token.start_pos, token.end_pos))
    except UnexpectedCharacters as error:
        return found, error.pos_in_stream
    except Unparsable as error:
        return found, error.span.start
    return found, None


@pytest.mark.parametrize("language", LANGUAGES)
@given(st.lists(PIECES | st.text(max_size=3), max_size=12), st.sampled_from(["", " ", "\n", "\t ", " --x\n"]))
def test_the_tokens_are_those_of_the_basic_lexer(language: str, pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    assert outcome(BASIC[language].lex(text)) == outcome(OURS[language].lex(text))


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "--", "-- a", "/* */", "a --", "a/**/", "a\n\n", "/*", "a /*", "'", '"', "é"]
)
def test_what_is_between_tokens_is_left_out(text: str) -> None:
    assert outcome(BASIC["sync_streams"].lex(text)) == outcome(OURS["sync_streams"].lex(text))
