"""SQL text to typed nodes, and advice where it is not the language."""

from syncrules.syntax.parse import Grammar, parse_query

__all__ = ["Grammar", "parse_query"]
