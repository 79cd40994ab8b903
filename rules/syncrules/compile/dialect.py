"""What one language of queries has: its operators, its functions, and its ways to read the request.

Where editions differ in meaning, they differ here in which operator a spelling stands for; nothing
after the front end knows of editions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from syncrules.functions import Language
from syncrules.functions.request import SYNC_RULES_REQUESTS, SYNC_STREAMS_REQUESTS, RequestFunction
from syncrules.syntax import Grammar
from syncrules.values.semantics import Semantics

_COMPARISONS: Final = {symbol: symbol for symbol in ("=", "<", "<=", ">", ">=")}
_ARITHMETIC: Final = {symbol: symbol for symbol in ("+", "-", "*", "/", "||")}
_NULL_TESTS: Final = {test: test for test in ("is null", "is not null")}
_LOGIC: Final = {"not": "not", "and": "and", "or": "or"}
_CASTS: Final = {f"cast {name}": f"cast {name}" for name in ("text", "integer", "real", "numeric", "blob")}

_ARRAYS: Final = {"in json": "in json", "in json, both of the request": "in json"}
_EVERYWHERE: Final = {**_COMPARISONS, **_ARITHMETIC, **_NULL_TESTS, **_LOGIC, **_CASTS}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One language of queries.

    `operators` maps each spelling the language has to a record of `syncrules.functions`; a spelling
    that is missing is refused. `elements` and `elements_of_request` are the table-valued functions
    behind `x IN array`, for an array in a row and one in the request; `json_each` is the one in FROM.
    `semantics` decides whether casts bring an affinity to comparisons.
    """

    title: str
    grammar: Grammar
    language: Language
    operators: Mapping[str, str]
    functions: Mapping[str, str]
    requests: Mapping[tuple[str, str], RequestFunction]
    elements: str
    elements_of_request: str
    semantics: Semantics = Semantics.POWERSYNC
    json_each: str = "json_each"


def sync_rules(json_operators: Mapping[str, str], json_functions: Mapping[str, str]) -> Dialect:
    """Queries of bucket definitions and of events."""
    json_each = "legacy json_each" if json_operators is LEGACY_JSON else "json_each"
    return Dialect(
        title="Sync Rules",
        grammar="sync_rules",
        language=Language.SYNC_RULES,
        operators={**_EVERYWHERE, "!=": "legacy !=", **json_operators, **_ARRAYS},
        functions=json_functions,
        requests=SYNC_RULES_REQUESTS,
        elements="array",
        elements_of_request="array or nothing",
        json_each=json_each,
    )


def without_requests(dialect: Dialect) -> Dialect:
    """The same for queries that run when a row changes, when there is no request to read."""
    return replace(dialect, requests={})


def early_streams(json_operators: Mapping[str, str], json_functions: Mapping[str, str]) -> Dialect:
    """Queries of streams in edition 2: the expressions of Sync Rules, other ways to read the request."""
    return Dialect(
        title="Sync Streams of edition 2",
        grammar="sync_rules",
        language=Language.SYNC_RULES,
        operators={
            **_EVERYWHERE,
            "!=": "legacy !=",
            **json_operators,
            **_ARRAYS,
            "&&": "&&",
            "&& in one place": "&&",
        },
        functions=json_functions,
        requests=SYNC_STREAMS_REQUESTS,
        elements="array",
        elements_of_request="array",
    )


def sync_streams(json_operators: Mapping[str, str], json_functions: Mapping[str, str]) -> Dialect:
    """Queries of streams from edition 3 on."""
    bitwise = {symbol: symbol for symbol in ("%", "&", "|", "<<", ">>")}
    truth = {f"is {negation}{word}": f"is {negation}{word}" for negation in ("", "not ") for word in ("true", "false")}
    others = {name: name for name in ("!=", "between", "in", "in json", "case", "&&", "json index")}
    return Dialect(
        title="Sync Streams",
        grammar="sync_streams",
        language=Language.SYNC_STREAMS,
        operators={**_EVERYWHERE, **bitwise, **truth, **others, **json_operators, "unary +": "positive"},
        functions=json_functions,
        requests=SYNC_STREAMS_REQUESTS,
        elements="json_each",
        elements_of_request="json_each",
    )


CURRENT_JSON: Final = {"->": "->", "->>": "->>"}
"""JSON members since `fixed_json_extract`: only a path that starts with `$` is split."""

LEGACY_JSON: Final = {"->": "legacy ->", "->>": "legacy ->>"}
"""JSON members before `fixed_json_extract`: every path is split on its dots."""

CURRENT_JSON_FUNCTIONS: Final[Mapping[str, str]] = {}
LEGACY_JSON_FUNCTIONS: Final[Mapping[str, str]] = {"json_extract": "legacy json_extract"}
