"""Anchors, aliases and merge keys are resolved, and cannot be abused."""

import time

from hypothesis import given
from hypothesis import strategies as st

from syncrules.document.limits import DEPTH
from tests.document.reading import at, diagnostics, errors, node, value


def test_an_alias_is_the_node_of_its_anchor() -> None:
    file = "a: &x [1]\nb: *x"
    assert value(file) == {"a": [1], "b": [1]}
    found = node(file)
    assert at(file, "b").span == at(file, "a").span
    assert found.span.end == len(file)


def test_the_last_anchor_of_a_name_counts() -> None:
    assert value("[&x 1, *x, &x 2, *x]") == [1, 1, 2, 2]


def test_an_alias_of_a_scalar_can_be_a_key() -> None:
    assert value("a: &x b\n*x : c") == {"a": "b", "b": "c"}


def test_an_alias_without_anchor_is_an_error_at_the_alias() -> None:
    assert errors("a: *x\nb: &x 1\nc: *y") == [("undefined-alias", "*x"), ("undefined-alias", "*y")]


def test_a_node_cannot_contain_itself() -> None:
    assert errors("a: &x [*x]") == [("alias-inside-its-anchor", "*x")]
    assert errors("a: &x {<<: *x}") == [("alias-inside-its-anchor", "*x")]


def test_own_keys_win_over_merged_ones_wherever_they_stand() -> None:
    assert value("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3, c: 4}\nz: {b: 3, <<: *x}") == {
        "x": {"a": 1, "b": 2},
        "y": {"a": 1, "b": 3, "c": 4},
        "z": {"b": 3, "a": 1},
    }


def test_of_several_merged_mappings_the_first_wins() -> None:
    assert value("[&x {a: 1}, &y {a: 2, b: 2}, {<<: [*x, *y]}]") == [
        {"a": 1},
        {"a": 2, "b": 2},
        {"a": 1, "b": 2},
    ]


def test_a_merged_mapping_may_itself_be_merged() -> None:
    assert value("[&x {a: 1}, &y {<<: *x, b: 2}, {<<: *y, c: 3}]") == [
        {"a": 1},
        {"a": 1, "b": 2},
        {"a": 1, "b": 2, "c": 3},
    ]


def test_a_quoted_merge_key_is_a_key() -> None:
    assert value("'<<': {a: 1}") == {"<<": {"a": 1}}


def test_only_mappings_can_be_merged() -> None:
    assert errors("<<: 1") == [("merge-of-no-mapping", "1")]
    assert errors("<<: [{a: 1}, b]") == [("merge-of-no-mapping", "[{a: 1}, b]")]
    assert errors("a: {<<: *x}") == [("undefined-alias", "*x")]


def test_a_key_may_come_once() -> None:
    found = diagnostics("a: 1\nb: 2\n'a': 3\n")
    assert [each.code for each in found] == ["duplicate-key"]
    assert found[0].help is not None
    assert "line 1" in found[0].help
    assert errors("a: 1\nb: 2\n'a': 3\n") == [("duplicate-key", "'a'")]
    assert errors("{<<: {a: 1}, <<: {b: 1}}") == [("duplicate-key", "<<")]


def test_a_key_is_a_scalar() -> None:
    assert errors("[a]: b\n{c: d}: e\nf: g") == [("key-not-scalar", "[a]"), ("key-not-scalar", "{c: d}")]
    assert errors("a: &x [b]\n*x : c") == [("key-not-scalar", "*x")]


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a: &a [" + ", ".join("x" * 9) + "]"]
    for name, before in zip("bcdefghijklm", "abcdefghijkl", strict=True):
        lines.append(f"{name}: &{name} [" + ", ".join([f"*{before}"] * 9) + "]")
    began = time.monotonic()
    assert [code for code, _ in errors("\n".join(lines))] == ["aliases-expand-too-far"]
    assert time.monotonic() - began < 1


def test_aliases_cannot_nest_deeper_than_collections_may() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, DEPTH + 1)]
    assert errors("\n".join(lines[: DEPTH - 1])) == []
    assert errors("\n".join(lines)) == [("nested-too-deeply", f"*a{DEPTH - 2}")]


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9)), min_size=1, max_size=4), st.data())
def test_merging_is_the_union_from_the_last_to_the_first(merged: list[dict[str, int]], data: st.DataObject) -> None:
    own = data.draw(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9)))
    expected: dict[str, int] = {}
    for each in [*reversed(merged), own]:
        expected |= each
    pairs = ", ".join([f"<<: [{', '.join(map(str, merged))}]", *(f"'{k}': {v}" for k, v in own.items())])
    assert value(f"{{{pairs}}}") == expected
