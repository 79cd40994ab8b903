"""Where in a query's text its tokens stand, and what is made of them."""

from typing import Any

from lark import Token

from syncrules.diagnostics import Span


def token_span(token: Token) -> Span:
    """Where a token stands."""
    return Span(start_of(token), end_of(token))


def start_of(part: Any) -> int:
    """Where a token or a node begins."""
    start: int | None = part.start_pos if isinstance(part, Token) else part.span.start
    assert start is not None
    return start


def end_of(part: Any) -> int:
    """Where a token or a node ends."""
    end: int | None = part.end_pos if isinstance(part, Token) else part.span.end
    assert end is not None
    return end


def between(first: Any, last: Any) -> Span:
    """From the start of one token or node to the end of another."""
    return Span(start_of(first), end_of(last))
