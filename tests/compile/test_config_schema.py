"""Editors and the compiler agree on the shape of rules files."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from syncrules.compile.compiler import compile_rules
from syncrules.compile.config_schema import config_schema
from syncrules.diagnostics import Source
from syncrules.document import Mapping, Node, Scalar, read
from tests.conformance.corpus import lines
from tests.end_to_end.test_command import run

VALIDATOR = Draft7Validator(config_schema())
TEXTS = sorted({scenario["config"] for corpus in ("rules", "streams", "metadata") for scenario in lines(corpus)})
OF_THE_SHAPE = {
    "bucket-definitions-retired",
    "unknown-key",
    "wrong-kind",
    "invalid-priority",
    "no-rules",
    "invalid-edition",
    "invalid-storage-version",
}


def plain(node: Node | None) -> Any:
    match node:
        case Mapping():
            return {entry.key.text.text: plain(entry.value) for entry in node.entries}
        case Scalar():
            return node.value
        case None:
            return None
        case _:
            return [plain(item) for item in node.items]


def shape_errors(text: str) -> set[str]:
    return {found.code for found in compile_rules(Source("r.yaml", text)).diagnostics} & OF_THE_SHAPE


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(config_schema())
    assert json.loads(run("json-schema").stdout) == config_schema()


def test_what_compiles_has_the_shape_and_what_has_the_shape_only_errs_in_sql() -> None:
    for text in TEXTS:
        document, found = read(Source("r.yaml", text))
        if any(each.severity == "error" for each in found):
            continue
        if VALIDATOR.is_valid(plain(document)):
            # A priority can also be selected, which is a matter of SQL.
            assert not shape_errors(text) or "_priority" in text, text
        else:
            assert compile_rules(Source("r.yaml", text)).plan is None, text


STREAMS: dict[str, Any] = {
    "config": {"edition": 3, "fixed_json_extract": True, "timestamp_max_precision": "seconds", "storage_version": 2},
    "with": {"mine": "SELECT id FROM l WHERE o = auth.user_id()"},
    "streams": {
        "a": {"auto_subscribe": True, "priority": 1, "query": "SELECT * FROM t WHERE l IN mine"},
        "b": {"queries": ["SELECT * FROM t"], "with": {}, "accept_potentially_dangerous_queries": False},
    },
    "event_definitions": {"e": {"payloads": ["SELECT id FROM t"]}},
}
DEFINITIONS: dict[str, Any] = {
    "bucket_definitions": {
        "a": {
            "parameters": "SELECT request.user_id() AS u",
            "data": ["SELECT * FROM t WHERE o = bucket.u"],
            "priority": 0,
        }
    }
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, inner in items for found in places(inner, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize("whole", [STREAMS, DEFINITIONS], ids=["streams", "definitions"])
@given(st.data())
def test_one_wrong_value_anywhere_is_seen_by_both_or_by_neither(whole: dict[str, Any], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places(whole)))
    new = data.draw(st.sampled_from([True, 0, 3, 7, "text", ["SELECT id FROM t"], {}, {"x": 1}, 1.5]))
    changed = replaced(whole, path, new)
    if (
        isinstance(new, bool | int | float)
        and path[-1:]
        and (path[-1] in ("query", "parameters", "mine") or isinstance(path[-1], int))
    ):
        return  # YAML takes any scalar for a text; SQL refuses these
    text = json.dumps(changed)
    expected = not shape_errors(text)
    assert VALIDATOR.is_valid(changed) == expected, (path, new, shape_errors(text))
