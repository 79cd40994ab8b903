"""The grammars, and the parsers that Lark makes of them.

Making a parser's tables takes longer than linting a file, so they are made when the package is installed
(hatch_build.py). Lark uses them only if the grammar, the options, its version and Python's are still the same.
"""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from lark import Lark

from syncrules.syntax.lexer import QueryLexer

TABLES: Final = Path(__file__).parents[1] / "_tables"
LANGUAGES: Final = ("sync_rules", "sync_streams")


def make_parser(language: str, **options: Any) -> Lark:
    """The parser of one of the `LANGUAGES`, with more of Lark's options."""
    tables = TABLES / language
    return Lark(
        grammar_text(language),
        parser="lalr",
        lexer=QueryLexer,
        maybe_placeholders=True,
        cache=str(tables) if tables.exists() else False,
        **options,
    )


def make_tables() -> None:
    """Makes the tables of all languages anew."""
    TABLES.mkdir(exist_ok=True)
    for language in LANGUAGES:
        (TABLES / language).write_bytes(b"")
        make_parser(language)


def grammar_text(language: str) -> str:
    """A whole grammar: what both languages share, and the language's own part."""
    return "\n".join((grammar_directory() / f"{name}.lark").read_text("utf-8") for name in ("expression", language))


def grammar_directory() -> Traversable:
    """Where the grammar files are: inside the installed package, or beside `rules/` in a checkout."""
    packaged = resources.files("syncrules") / "_grammar"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "grammar"
