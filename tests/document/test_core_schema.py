"""Plain scalars mean what the core schema of YAML 1.2 says, and tags can say otherwise."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.document.limits import NUMBER_LENGTH
from tests.document.reading import Plain, errors, value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("tRUE", "tRUE"),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("y", "y"), ("~", None),
        ("null", None), ("NULL", None),
        ("nULL", "nULL"), ("0", 0), ("-0", 0), ("+12", 12), ("012", 12), ("0o17", 15), ("0x1F", 31),
        ("0b1", "0b1"),
        ("-0x1", "-0x1"), ("1_000", "1_000"), ("1:30", "1:30"), ("0o8", "0o8"),
        ("1.", 1.0), (".5", 0.5), ("-1.5e3", -1500.0), ("1e3", 1000.0), (".", "."), ("+", "+"), ("1e", "1e"),
        (".inf", math.inf), ("-.INF", -math.inf), (".Infinity", ".Infinity"), ("2024-01-01", "2024-01-01"),
        ("<<", "<<"), ("=", "="), ("'1'", "1"), ('"true"', "true"), ("'~'", "~"), ("'a'", "a"),
        ("\u0661", "\u0661"),
        ("!!str 1", "1"), ("!!str", ""), ("! 1", "1"), ("!!int '1'", 1), ("!!int 0x1f", 31),
        ("!!float 1", 1.0),
        ("!!float .inf", math.inf), ("!!bool 'true'", True), ("!!null ''", None), ("!!null ~", None),
        ("!<tag:yaml.org,2002:str> 1", "1"), ("!!map {}", {}), ("!!seq []", []),
    ],
)  # fmt: skip
def test_a_scalar_has_the_value_of_the_core_schema(written: str, expected: Plain) -> None:
    found = value(f"- {written}")
    assert isinstance(found, list)
    assert repr(found[0]) == repr(expected)


def test_not_a_number_is_a_float() -> None:
    found = value("[.nan]")
    assert isinstance(found, list)
    assert isinstance(found[0], float)
    assert math.isnan(found[0])


@given(st.integers())
def test_every_integer_is_read(number: int) -> None:
    assert value(f"- {number}") == [number]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_real_is_read(number: float) -> None:
    assert value(f"- {number!r}") == [number]


@pytest.mark.parametrize("number", ["9" * (NUMBER_LENGTH + 1), "0x" + "f" * NUMBER_LENGTH, "." + "1" * NUMBER_LENGTH])
def test_a_longer_number_is_refused(number: str) -> None:
    assert errors(f"- {number}") == [("number-too-long", number)]
    assert errors(f"- '{number}'") == []


def test_the_longest_number_is_read() -> None:
    assert value("- " + "9" * NUMBER_LENGTH) == [10**NUMBER_LENGTH - 1]
    assert errors("- !!float " + "9" * NUMBER_LENGTH) == []


@pytest.mark.parametrize(
    ("written", "code", "place"),
    [
        ("!!int x", "value-not-of-its-tag", "x"),
        ("!!int 1.5", "value-not-of-its-tag", "1.5"),
        ("!!bool yes", "value-not-of-its-tag", "yes"),
        ("!!null a", "value-not-of-its-tag", "a"),
        ("!!float a", "value-not-of-its-tag", "a"),
        ("!env X", "unknown-tag", "!env"),
        ("&a !env X", "unknown-tag", "!env"),
        ("!!binary aa", "unknown-tag", "!!binary"),
        ("!!map x", "unknown-tag", "!!map"),
        ("!!seq {a: b}", "unknown-tag", "!!seq"),
        ("!!str [a]", "unknown-tag", "!!str"),
        ("!e!x y", "bad-tag", "!"),
    ],
)
def test_a_tag_that_does_not_fit_is_an_error(written: str, code: str, place: str) -> None:
    assert errors(f"k: {written}") == [(code, place)]
