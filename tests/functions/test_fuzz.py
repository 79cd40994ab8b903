"""Random expressions over random values: `sqlite` semantics is what SQLite computes."""

import math
import re

import apsw
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from syncrules import Semantics
from tests.functions.evaluate import Dropped, Failed, value_of

INTEGERS = st.one_of(st.integers(-3, 3), st.sampled_from([2**31, 2**53 + 1, 2**63 - 1, -(2**63)]))
REALS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 0.5, 1.0, -2.5, 1e15, 1e17, 1e-5, 123456.789, 1e300]),
)
TEXTS = st.one_of(
    st.sampled_from(["", "a", "B", "12", " 7 ", "1.5", "1e3", "-0", ".5", "5.", "12abc", "é", "🐝x", "0x10", "null"]),
    st.text(alphabet="aB1 .-é🐝'", max_size=5),
)
JSON = st.sampled_from(
    ['{"a":1,"b":[1,2.0,"x",null]}', "[1,[2],{}]", '"t"', "1", "[]", '{"a":{"b":true}}', "{bad", "{a:1}"]
)
BLOBS = st.sampled_from([b"", b"1", b"ab", b"\x00", b"\xc3\xa9"])
VALUES = st.one_of(st.none(), INTEGERS, REALS, TEXTS, JSON, BLOBS)
ROWS = st.fixed_dictionaries({name: VALUES for name in "abc"})


def literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return str(value)


LITERALS = st.one_of(
    st.none(), st.integers(0, 9), st.integers(2**63 - 2, 2**63 + 2), st.sampled_from([0.5, 2.0, 10.25]), TEXTS
).map(literal)
LEAVES = st.one_of(st.sampled_from("abc"), LITERALS)
BINARY = ["+", "-", "*", "/", "%", "||", "&", "|", "<<", ">>", "=", "!=", "<", "<=", ">", ">=", "AND", "OR"]
TYPES = ["text", "integer", "real", "numeric", "blob"]


def parenthesised(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Larger expressions, fully parenthesised, because precedence is not SQLite's."""
    return st.one_of(
        st.tuples(inner, st.sampled_from(BINARY), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(st.sampled_from(["NOT ", "+"]), inner).map(lambda p: f"({p[0]}{p[1]})"),
        st.tuples(inner, st.sampled_from(["IS NULL", "IS NOT NULL", "IS TRUE", "IS NOT FALSE"])).map(
            lambda p: f"({p[0]} {p[1]})"
        ),
        st.tuples(inner, st.sampled_from(TYPES)).map(lambda p: f"CAST({p[0]} AS {p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} BETWEEN {p[1]} AND {p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"(CASE {p[0]} WHEN {p[1]} THEN {p[2]} ELSE {p[0]} END)"),
        st.tuples(inner, inner, inner).map(lambda p: f"(CASE WHEN {p[0]} THEN {p[1]} ELSE {p[2]} END)"),
        st.tuples(st.sampled_from(["lower", "upper", "length", "hex", "typeof"]), inner).map(
            lambda p: f"{p[0]}({p[1]})"
        ),
        st.tuples(inner, inner).map(lambda p: f"ifnull({p[0]}, {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"instr({p[0]}, {p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"iif({p[0]}, {p[1]}, {p[2]})"),
        st.tuples(inner, st.integers(-4, 4), st.integers(-2, 4)).map(lambda p: f"substring({p[0]}, {p[1]}, {p[2]})"),
        st.tuples(
            inner, st.sampled_from(["->", "->>"]), st.sampled_from(["'a'", "0", "1", "-1", "'$.b[1]'", "'$'", "'b'"])
        ).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(inner, st.sampled_from(["'$.a'", "'$[0]'", "'$.b[#-1]'"])).map(
            lambda p: f"json_extract({p[0]}, {p[1]})"
        ),
        inner.map(lambda e: f"json_array_length({e})"),
        # Which items of a list are evaluated once one matches is up to SQLite's plan, so none here can fail.
        st.tuples(inner, LEAVES, LEAVES).map(lambda p: f"({p[0]} IN ARRAY[{p[1]}, {p[2]}])"),
    )


SMALL = parenthesised(LEAVES)
EXPRESSIONS = st.one_of(SMALL, parenthesised(SMALL), st.recursive(LEAVES, parenthesised, max_leaves=8))
DATABASE = apsw.Connection(":memory:")


def in_sqlite(expression: str, row: dict[str, object]) -> object:
    """SQLite's value, or the exception. Columns stand in a table without types, read through `+`."""
    columns = ", ".join(f":{name} AS {name}" for name in row)
    query = (
        f"SELECT {expression} FROM (SELECT {', '.join(f'+{name} AS {name}' for name in row)} FROM (SELECT {columns}))"
    )
    query = query.replace("IN ARRAY[", "IN (").replace("])", "))")
    used = {name: value for name, value in row.items()}
    try:
        return next(iter(DATABASE.execute(query, used)))[0]
    except apsw.Error as error:
        return error
    except UnicodeDecodeError:
        return Exception("bytes that are no text")


CONSTANT = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


def fails_in_sqlite_without_constants(expression: str, row: dict[str, object]) -> bool:
    """Whether SQLite fails, too, once its planner cannot leave out what a constant beside it decides."""
    constants: dict[str, object] = {}

    def bound(found: re.Match[str]) -> str:
        name = f"p{len(constants)}"
        constants[name] = DATABASE.execute(f"SELECT {found[0]}").fetchall()[0][0]
        return name

    hidden = CONSTANT.sub(bound, expression)
    return isinstance(in_sqlite(hidden, row | constants), Exception)


def same(found: object, wanted: object) -> bool:
    if isinstance(wanted, Exception):
        return isinstance(found, Failed) or "too complex" in str(wanted)
    if isinstance(wanted, bytes):
        return found is Dropped
    if isinstance(wanted, float):
        return isinstance(found, float) and (found == wanted or math.isclose(found, wanted, rel_tol=0, abs_tol=0))
    return type(found) is type(wanted) and found == wanted


def check(expression: str, row: dict[str, object]) -> None:
    wanted = in_sqlite(expression, row)
    assume(str(wanted) != "bytes that are no text")
    found = value_of(expression, row, Semantics.SQLITE)
    if isinstance(found, Failed) and found.at == "row" and fails_in_sqlite_without_constants(expression, row):
        return
    assume(not (isinstance(found, Failed) and found.at == "compile" and "negative" in found.message))
    assert same(found, wanted), (expression, row, wanted, found)


@settings(max_examples=1000, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS, ROWS)
def test_an_expression_has_sqlites_value(expression: str, row: dict[str, object]) -> None:
    check(expression, row)


@pytest.mark.long
@settings(max_examples=300_000, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS, ROWS, st.just(None))
def test_an_expression_has_sqlites_value_at_length(expression: str, row: dict[str, object], _: None) -> None:
    check(expression, row)


def test_what_a_constant_decides_is_not_what_sqlites_planner_makes_of_it() -> None:
    """Found at length: SQLite folds `0 IS NULL`, and then never reads the text that is no JSON."""
    row = {"a": None, "b": "", "c": None}
    expression = "(json_array_length(b) AND (0 IS NULL))"
    assert in_sqlite(expression, row) == 0
    assert fails_in_sqlite_without_constants(expression, row)
    assert isinstance(value_of(expression, row, Semantics.SQLITE), Failed)
