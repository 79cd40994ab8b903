"""A changed file is compiled by way of what was compiled before, and nobody can tell from the outcome."""

from typing import Final

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from syncrules import Rules, RulesError
from syncrules.compile.basis import Basis
from syncrules.compile.compiler import Compilation, compile_rules
from syncrules.compile.recompile import recompile
from syncrules.diagnostics import Source
from syncrules.plan.json_form import plan_to_json

HEADS: Final = (
    "config: {edition: 3}\nstreams:\n",
    "# all of it\nconfig:\n  edition: 3\n\nwith:\n  mine: SELECT id, team FROM members WHERE person = auth.user_id()\nstreams:\n",
    "config: {edition: 3}\nwith: {mine: SELECT id, team FROM members}\nstreams: # here\n\n",
    "with:\n  mine: &text SELECT id, team FROM members\nconfig: {edition: 3}\nstreams:\n",
    "config: {edition: 2}\nstreams:\n",
    "config: {edition: 3}\nwith: {mine: SELECT id, team FROM members WHERE team = 'a'}\nstreams:\n",
)
STREAMS: Final = (
    "  {}:\n    query: SELECT * FROM lists WHERE owner = auth.user_id()\n",
    "  {}:\n    auto_subscribe: true\n    query: SELECT id, name FROM lists WHERE team IN (SELECT team FROM mine)\n",
    "  {}:\n    query: SELECT * FROM lists WHERE team IN (SELECT team FROM members WHERE person = auth.user_id())\n",
    "  # a comment\n  {}:\n    queries:\n      - SELECT * FROM a WHERE id IN (SELECT id FROM mine) AND x = 1\n      - SELECT * FROM b\n\n",
    "  {}:\n    query: |\n      SELECT id, a || b AS xy\n      FROM lists\n      WHERE owner = auth.user_id() AND tags = '\"'\n",
    "  {}:\n    with: {{own: SELECT id FROM a, unused: SELECT id FROM b}}\n    query: >-\n      SELECT *\n\n      FROM own\n\n",
    '  "{}":\n    query: "SELECT id\\\n      , a FROM lists" # all\n',
    "  {}: {{query: SELECT a FROM lists WHERE b = auth.parameter('é'), auto_subscribe: true}}\n",
    "  {}:\n    query: SELECT lists.count FROM lists,\n      todos WHERE lists.id = todos.list AND todos.list = auth.user_id()\n",
    "  {}:\n    query: *text\n",
    "  {}:\n    query: SELECT mine.id FROM mine WHERE mine.id = 'b'\n",
    "  {}:\n    query: SELECT * FROM lists WHERE team IN (SELECT team FROM mine WHERE id = 'x')\n",
    "  {}: &all\n    query: SELECT * FROM everything WHERE x = auth.user_id()\n",
    "  {}: *all\n",
    "  ? {}\n  : query: SELECT * FROM lists\n",
    "  {}: {{query: SELECT\n  }}\n",
)
TAILS: Final = ("", "\n# the end\n", "config: {edition: 3}\n", "with:\n  late: SELECT id FROM lists\n", "...\n", "    ")
SNIPPETS: Final = (
    *(stream.format("new") for stream in STREAMS),
    *(
        "a",
        " ",
        "\n",
        "\t",
        "\r",
        "\r\n",
        "#",
        "'",
        '"',
        "|",
        ">",
        "&",
        "*",
        ": ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "\\",
        "?",
        "!",
    ),
    *(
        "\n---\n",
        "\n...\n",
        "  ",
        "    ",
        "\n  ",
        "\n    ",
        "\n      ",
        "\n# c\n",
        " # c",
        "\ufeff",
        "%",
        "\x85",
        "\u2028",
    ),
    *("*all", "&all ", "<<: *all\n", "id", "auth.user_id()", " AND x = 1", "SELECT * FROM lists", "    priority: 0\n"),
    *("with:\n  mine: SELECT id FROM todos\n", "event_definitions:\n", "\nother:\n", "  s1:\n", "    - x\n"),
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file of streams, most of which can be compiled."""
    head = draw(st.sampled_from(HEADS[:2] + HEADS))
    chosen = draw(st.lists(st.sampled_from(STREAMS[:5] * 3 + STREAMS), min_size=1, max_size=5))
    return (
        head + "".join(stream.format(f"s{place}") for place, stream in enumerate(chosen)) + draw(st.sampled_from(TAILS))
    )


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """A text with some characters or lines replaced."""
    if draw(st.booleans()):
        lines = text.splitlines(keepends=True)
        start = draw(st.integers(0, len(lines)))
        end = min(len(lines), start + draw(st.integers(0, 3)))
        return "".join([*lines[:start], draw(st.sampled_from(("", *SNIPPETS))), *lines[end:]])
    start = draw(st.integers(0, len(text)))
    end = min(len(text), start + draw(st.integers(0, 3)))
    return text[:start] + draw(st.sampled_from(("", *SNIPPETS))) + text[end:]


def told(made: Compilation) -> object:
    """All that comes of a compile, with its places in the file, but for what is numbered anew."""
    basis = made.basis
    kept = basis and (
        basis.source,
        basis.block,
        basis.sizes,
        basis.others,
        basis.shared,
        sorted(basis.diagnostics, key=repr),
    )
    return made.plan and plan_to_json(made.plan), made.diagnostics, made.options, kept


def whole(text: str) -> Compilation:
    """A compile that knows of no other."""
    return compile_rules(Source("x", text))


@given(data=st.data(), text=files())
def test_what_was_compiled_before_changes_nothing_about_the_outcome(data: st.DataObject, text: str) -> None:
    basis = whole(text).basis
    for _ in range(4):
        if basis is None:
            event("cannot be gone on from")
            return
        text = data.draw(edited(basis.source.text))
        made = recompile(basis, Source("x", text))
        event("compiled as a whole" if made is None else "compiled in part")
        if made is not None:
            assert told(made) == told(whole(text))
            assert made.basis is not None
            basis = made.basis


FILE: Final = HEADS[1] + "".join(stream.format(f"s{place}") for place, stream in enumerate(STREAMS[:9]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SELECT id, name FROM lists", "SELECT id, name, color FROM lists"),
        ("owner = auth.user_id()\n  s1", "owner = auth.parameter('x')\n  s1"),
        ("AND tags = '\"'", ""),
        ("  s1:\n", "  renamed:\n"),
        ("  s3:\n", "  # a comment\n  s3:\n"),
        ("  s4:\n", "  new:\n    query: SELECT * FROM todos WHERE owner = auth.user_id()\n  s4:\n"),
        (STREAMS[1].format("s1"), ""),
        ("todos.list = auth.user_id()\n", "todos.list = auth.user_id() OR lists.open\n"),
        (" = todos.list AND", " = todos.list\n         AND"),
    ],
)
def test_an_edit_of_streams_compiles_only_those(before: str, after: str) -> None:
    assert FILE.count(before) == 1
    basis = whole(FILE).basis
    assert basis is not None
    changed = FILE.replace(before, after)
    made = recompile(basis, Source("x", changed))
    assert made is not None
    assert told(made) == told(whole(changed))
    assert len(made.queries) < len(whole(changed).queries) / 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("edition: 3", "edition: 2"),
        ("person = auth.user_id()", "boss = auth.user_id()"),
        ("FROM lists,\n", "FROM\n"),
        ("  s1:\n", "  s0:\n"),
        ("  s1:\n", "s1:\n"),
        ("      - SELECT * FROM b\n", "     - SELECT * FROM b\n"),
        ("      - SELECT * FROM b\n", "---\n"),
        ("query: |", "query: *one"),
        ("  s1:\n", "\n    s1:\n"),
    ],
)
def test_what_concerns_more_than_streams_or_is_wrong_is_compiled_as_a_whole(before: str, after: str) -> None:
    basis = whole(FILE).basis
    assert basis is not None
    assert recompile(basis, Source("x", FILE.replace(before, after, 1))) is None


def test_a_file_whose_edition_is_an_alias_into_a_stream_is_compiled_as_a_whole() -> None:
    text = "streams:\n  a:\n    priority: &edition 3\n    query: SELECT * FROM lists\nconfig:\n  edition: *edition\n"
    assert whole(text).plan is not None
    assert whole(text).basis is None


def test_rules_of_a_changed_text_are_those_of_the_text() -> None:
    rules = Rules.from_text(FILE, name="rules.yaml")
    for text in (FILE.replace("x = 1", "x = 2"), FILE.replace("edition: 3", "edition: 2"), FILE):
        expected: object
        try:
            expected = plan_to_json(Rules.from_text(text).plan)
        except RulesError as error:
            expected = error.diagnostics
        try:
            changed = rules.changed(text)
            assert plan_to_json(changed.plan) == expected
            assert changed.source == Source("rules.yaml", text)
            rules = changed
        except RulesError as error:
            assert error.diagnostics == expected


def test_going_on_and_on_does_not_pile_up_what_it_knows() -> None:
    basis: Basis | None = whole(FILE).basis
    compiled = 0
    for number in range(2000):
        assert basis is not None
        text = FILE.replace("x = 1", f"x = {number}")
        made = recompile(basis, Source("x", text))
        compiled += made is None
        basis = (made or whole(text)).basis
    assert 0 < compiled < 20
    assert basis is not None
    assert len(basis.identities) < 2000
