"""Text that is no query here, read a second time by a parser that knows other dialects of SQL.

It only names what people wrote, and where: the construct that their database has and rules have not.
"""

import logging
from dataclasses import dataclass
from typing import Final

from syncrules.diagnostics import Span

LENGTH_LIMIT: Final = 20_000
"""Longer texts are not read again."""

_DIALECTS: Final = ("postgres", "sqlite", "mysql", "tsql")


@dataclass(frozen=True, slots=True)
class Construct:
    """What was written: its name, the text from it to where the grammar stopped, and what to write instead."""

    name: str
    span: Span
    help: str | None


@dataclass(frozen=True, slots=True)
class _Entry:
    """A node of the other parser by its class, the words that show its place, and what to write instead.

    It is called by the word that was found, unless it has a `name`.
    """

    node: str
    words: tuple[str, ...]
    help: str | None = None
    name: str | None = None


_NO_CLOCK: Final = "rules have no clock: they must give the same answer until data changes"
_CONTAINS: Final = "write `value IN array` for one value, or `array && array` for any of several"
_REGULAR: Final = "compare with `=`, `IN` or `instr(text, part) > 0`"
_DISTINCT: Final = "write `a = b OR (a IS NULL AND b IS NULL)`"

_ENTRIES: Final = (
    _Entry("Any", ("ANY", "SOME"), "write `x IN array`, or `x IN (SELECT …)`"),
    _Entry("All", ("ALL",), "compare with each value by itself"),
    _Entry("CurrentTimestamp", ("CURRENT_TIMESTAMP",), _NO_CLOCK),
    _Entry("CurrentDate", ("CURRENT_DATE",), _NO_CLOCK),
    _Entry("CurrentTime", ("CURRENT_TIME",), _NO_CLOCK),
    _Entry("Localtimestamp", ("LOCALTIMESTAMP",), _NO_CLOCK),
    _Entry("Extract", ("EXTRACT",), "use `unixepoch(…)`, or `substring(text, …)`"),
    _Entry("AtTimeZone", ("AT",), "times are compared as their texts, in UTC", "AT TIME ZONE"),
    _Entry("NullSafeNEQ", ("IS",), f"{_DISTINCT}, under NOT", "IS DISTINCT FROM"),
    _Entry("NullSafeEQ", ("IS", "<=>"), _DISTINCT, "IS NOT DISTINCT FROM"),
    _Entry("SimilarTo", ("SIMILAR",), _REGULAR, "SIMILAR TO"),
    _Entry("RegexpLike", ("REGEXP", "RLIKE", "~"), _REGULAR),
    _Entry("RegexpILike", ("~*",), _REGULAR),
    _Entry("Glob", ("GLOB",), _REGULAR),
    _Entry("Match", ("MATCH",), _REGULAR),
    _Entry("Collate", ("COLLATE",), "compare `lower(text)`"),
    _Entry("ArrayContainsAll", ("@>",), _CONTAINS),
    _Entry("ArrayContainedBy", ("<@",), _CONTAINS),
    _Entry("ArrayOverlaps", ("&&",), _CONTAINS),
    _Entry("JSONBContains", ("?",), _CONTAINS),
    _Entry("JSONBContainsAnyTopKeys", ("?|",), _CONTAINS),
    _Entry("JSONBContainsAllTopKeys", ("?&",), _CONTAINS),
    _Entry("JSONBExtract", ("#>",), "write `->` with a path like `'$.a.b'`"),
    _Entry("JSONBExtractScalar", ("#>>",), "write `->>` with a path like `'$.a.b'`"),
    _Entry("Lateral", ("LATERAL",), "join tables by equal columns, or use `json_each` on a column"),
    _Entry("Unnest", ("UNNEST",), "use `json_each`"),
    _Entry("TableSample", ("TABLESAMPLE",)),
    _Entry("Qualify", ("QUALIFY",)),
    _Entry("Window", ("OVER", "WINDOW"), "only whole rows sync; compute it on the client"),
    _Entry("Lock", ("FOR",), "rules only read", "FOR UPDATE"),
    _Entry("Limit", ("TOP",), "which rows sync cannot depend on how many there are"),
    _Entry("IntDiv", ("DIV",), "write `/`, which gives an integer for integers"),
    _Entry("Xor", ("XOR",), "write `a != b`"),
    _Entry("Is", ("IS",), "IS takes NULL, TRUE and FALSE only; write `=`", "IS with a value"),
    _Entry("Overlaps", ("OVERLAPS",)),
)


def read_again(sql: str, stopped: Span) -> Construct | None:
    """The construct of another SQL dialect that made the grammar stop; None if nothing is found.

    Of several, it is the one that starts nearest to where the grammar stopped.

    >>> read_again("SELECT id FROM t WHERE x = ANY(tags)", Span(27, 30)).name
    'ANY'
    """
    if len(sql) > LENGTH_LIMIT:
        return None
    import sqlglot
    from sqlglot.errors import SqlglotError

    # It warns, in a log of its own, of what it does not know; here that says nothing.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    for dialect in _DIALECTS:
        try:
            tree = sqlglot.parse_one(sql, dialect=dialect)
            tokens = sqlglot.tokenize(sql, dialect=dialect)
        except (SqlglotError, RecursionError, ValueError):
            continue
        nodes = {type(node).__name__ for node in tree.walk()}
        places = {token.text.upper(): Span(token.start, token.end + 1) for token in reversed(tokens)}
        found = [
            Construct(entry.name or word, places[word].cover(stopped), entry.help)
            for entry in _ENTRIES
            for word in entry.words
            if entry.node in nodes and word in places
        ]
        if found:
            return min(found, key=lambda construct: construct.span.end - construct.span.start)
    return None
