"""A static type names every storage class that an expression's value has, and little else."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

from syncrules import Rules, Schema, Semantics
from syncrules.plan.expression import Column, Expression, Leaf
from syncrules.plan.nodes import Output
from syncrules.plan.static_type import static_type, type_of_leaf, type_of_row_leaf
from syncrules.values.kinds import Kind, Kinds, kind_of
from syncrules.values.value import SqlValue
from tests.functions.evaluate import Failed, compiled, value_of
from tests.functions.test_fuzz import EXPRESSIONS, ROWS


def expression_of(rules: Rules) -> Expression:
    last = rules.plan.row_rules[0].columns[-1]
    assert isinstance(last, Output)
    return last.expression


def types_of_row(row: dict[str, SqlValue]) -> Callable[[Leaf], Kinds]:
    def of_leaf(leaf: Leaf) -> Kinds:
        return frozenset({kind_of(row.get(leaf.name))}) if isinstance(leaf, Column) else type_of_leaf(leaf)

    return of_leaf


@pytest.mark.parametrize("semantics", Semantics)
@settings(max_examples=500, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS, ROWS)
def test_a_value_is_of_the_static_type(semantics: Semantics, expression: str, row: dict[str, SqlValue]) -> None:
    rules = compiled(f"SELECT id, {expression} AS x FROM t", semantics)
    value = value_of(expression, row, semantics)
    if isinstance(rules, Failed) or isinstance(value, Failed):
        return
    types = static_type(expression_of(rules), types_of_row(row))
    assert (Kind.BLOB if isinstance(value, type) else kind_of(value)) in types


SCHEMA = Schema.from_mapping(
    {"t": {"id": "uuid", "n": "int8", "r": "float8", "b": "bytea", "p": "numeric(10,2)", "ok": "bool"}}
)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("n + 1", {Kind.INTEGER, Kind.REAL, Kind.NULL}),
        ("r", {Kind.REAL, Kind.NULL}),
        ("p", {Kind.TEXT, Kind.NULL}),
        ("ok = 1", {Kind.INTEGER, Kind.NULL}),
        ("upper(b)", {Kind.TEXT, Kind.NULL}),
        ("typeof(n)", {Kind.TEXT}),
        ("CASE WHEN ok THEN 'yes' ELSE 0 END", {Kind.TEXT, Kind.INTEGER}),
        ("missing", {Kind.NULL}),
        ("length(missing)", {Kind.NULL}),
        ("CAST(p AS real)", {Kind.REAL, Kind.NULL}),
        ("ifnull(n, 0)", {Kind.INTEGER}),
        ("'[1]' ->> 0", {Kind.INTEGER, Kind.REAL, Kind.TEXT, Kind.NULL}),
    ],
)
def test_types_of_columns_come_from_the_schema(sql: str, expected: set[Kind]) -> None:
    rules = compiled(f"SELECT id, {sql} AS x FROM t", Semantics.SQLITE)
    assert isinstance(rules, Rules)
    table = rules.plan.row_rules[0].table
    assert static_type(expression_of(rules), type_of_row_leaf(table, SCHEMA)) == expected


def test_without_a_schema_a_column_can_be_anything() -> None:
    rules = compiled("SELECT id, n AS x FROM t", Semantics.SQLITE)
    assert isinstance(rules, Rules)
    assert static_type(expression_of(rules), type_of_row_leaf(rules.plan.row_rules[0].table, None)) == frozenset(Kind)
