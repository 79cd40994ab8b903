"""One expression over one row, through the real compiler and the generated code."""

import json
from collections.abc import Mapping
from functools import lru_cache

from syncrules import Rules, RulesError, Semantics, SourceTable
from syncrules.values.row import checked_row

TABLE = SourceTable("t")


class Dropped:
    """A BLOB: the row has no such column when it syncs."""


class Failed:
    """The expression is refused, or the row cannot be evaluated; `at` says which."""

    def __init__(self, at: str, message: str) -> None:
        self.at = at
        self.message = message

    def __repr__(self) -> str:
        return f"Failed({self.at}: {self.message})"


@lru_cache(maxsize=4096)
def compiled(query: str, semantics: Semantics) -> Rules | Failed:
    text = f"config: {{edition: 3}}\nstreams:\n  s:\n    auto_subscribe: true\n    query: {json.dumps(query)}\n"
    try:
        return Rules.from_text(text, semantics=semantics)
    except RulesError as error:
        return Failed("compile", str(error))


def value_of(expression: str, row: Mapping[str, object], semantics: Semantics) -> object:
    """The value of an expression, `Dropped` or `Failed`."""
    rules = compiled(f"SELECT id, {expression} AS x FROM t", semantics)
    if isinstance(rules, Failed):
        return rules
    evaluation = rules.program.evaluate(TABLE, checked_row({**row, "id": "r"}))
    if evaluation.errors:
        return Failed("row", evaluation.errors[0].message)
    return evaluation.rows[0].data.get("x", Dropped)
