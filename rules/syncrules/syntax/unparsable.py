"""Text that is not a query, and where a parser of it had to stop."""

from syncrules.diagnostics import Span


class Unparsable(Exception):
    """The text is not a query: `token` is where the parser stopped, None at the end of the text.

    `expected` are the types of the tokens that it would have taken, where they are known.
    """

    def __init__(self, span: Span, token: str | None, expected: frozenset[str] = frozenset()) -> None:
        super().__init__(token)
        self.span = span
        self.token = token
        self.expected = expected
