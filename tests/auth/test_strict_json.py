"""Strict JSON is a part of what the standard library reads, and means the same there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.auth import base64url
from syncrules.auth.strict_json import MAXIMUM_DEPTH, StrictJsonError, last_or_nothing, read, read_object

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, JSON), st.booleans())
def test_every_json_object_is_read_as_it_was_written(document, ascii_only):
    data = json.dumps(document, ensure_ascii=ascii_only).encode()
    assert repr(read_object(data)) == repr(document)


@given(st.binary(max_size=40) | st.text('{}[]",:\\ud800eE+-.019Nany', max_size=30).map(str.encode))
def test_what_is_read_is_what_the_standard_library_reads(data):
    try:
        value = read_object(data)
    except StrictJsonError:
        return
    assert repr(value) == repr(json.loads(data.decode()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"x"',
        "{} x",
        '{"a": 1, "a": 1}',
        '{"a": {"b": 1, "\\u0062": 2}}',
        '[{"a": 1, "a": 1}]',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e400}',
        '{"a": -1e999}',
        '{"a": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"a": "\\ud83d\\u0041"}',
        "\ufeff{}",
        "{'a': 1}",
        '{"a": 1,}',
        '{"a": "\n"}',
        '{"a": ' + "9" * 5000 + "}",
    ],
)
def test_every_freedom_is_refused(text):
    with pytest.raises(StrictJsonError):
        read_object(text.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_only_utf8_is_read(encoding):
    with pytest.raises(StrictJsonError):
        read_object('{"é": 1}'.encode(encoding))


def test_depth_is_counted_before_the_parser_goes_down():
    nested = "[" * (MAXIMUM_DEPTH - 1) + "]" * (MAXIMUM_DEPTH - 1)
    assert read_object(f'{{"a": {nested}}}'.encode())
    for deep in (f'{{"a": [{nested}]}}', "[" * 10**6, '{"a":' * 10**5):
        with pytest.raises(StrictJsonError):
            read_object(deep.encode())
    brackets_in_text = json.dumps({"a": "[{" * 1000, 'q"[': "\\"})
    assert read_object(brackets_in_text.encode())


def test_a_doubtful_object_inside_a_key_set_costs_only_itself():
    assert read(b'[{"a": 1, "a": 2}, {"a": 1}]', last_or_nothing) == [None, {"a": 1}]


@given(st.binary())
def test_base64url_has_one_text_for_each_byte_string(data):
    assert base64url.decode(base64url.encode(data)) == data


@given(st.text("ABab09-_+/=. \n", max_size=9) | st.text(max_size=5))
def test_no_other_base64_text_is_read(text):
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text
