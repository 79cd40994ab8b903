"""Examples in findings: a row or a token, and what the file's own semantics really makes of it."""

import json
from collections.abc import Mapping

from syncrules.engine.expression_value import LeafValue, condition_holds
from syncrules.plan.expression import Column, Expression, Leaf, RequestValue
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError, SqlValue

_SOMEBODY = "9f1b2c3d-0000-4000-8000-00000000000a"


def row_example(condition: Expression, semantics: Semantics, row: Mapping[str, SqlValue]) -> str | None:
    """What becomes of a row under a condition, columns that are not given being NULL.

    >>> from syncrules.plan.expression import Call
    >>> row_example(Call("not", (Column(0, "archived"),)), Semantics.POWERSYNC, {"archived": None})
    'the row {"archived": null} passes'
    """
    passes = _passes(condition, semantics, lambda leaf: row.get(leaf.name) if isinstance(leaf, Column) else None)
    return None if passes is None else f"the row {_json(row)} {_word(passes)}"


def token_example(condition: Expression, semantics: Semantics, claims: Mapping[str, object]) -> str | None:
    """What becomes of a request with these claims, and nothing sent by the client."""
    passes = token_passes(condition, semantics, claims)
    return None if passes is None else f"a token with {_json(claims)} {_word(passes)}"


def token_passes(condition: Expression, semantics: Semantics, claims: Mapping[str, object]) -> bool | None:
    """Whether a request with these claims passes a condition; None if that fails."""
    token = _json(claims)

    def of_leaf(leaf: Leaf) -> SqlValue:
        match leaf:
            case RequestValue(part="token"):
                return token
            case RequestValue(part="user_id"):
                return _SOMEBODY
            case RequestValue():
                return "{}"
            case _:
                return None

    return _passes(condition, semantics, of_leaf)


def _passes(condition: Expression, semantics: Semantics, of_leaf: LeafValue) -> bool | None:
    try:
        return condition_holds(condition, semantics, of_leaf)
    except EvaluationError:
        return None


def _word(passes: bool) -> str:  # noqa: FBT001 (what is put into words)
    return "passes" if passes else "does not pass"


def _json(values: Mapping[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False)
