"""`--fix` mends what is sure, and what syncs stays the same."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.compile.compiler import compile_rules
from syncrules.diagnostics import Source
from syncrules.lint.file import RulesFile, rules_files
from syncrules.lint.fix import fix
from syncrules.schema import Schema
from syncrules.syntax.build import lex
from tests.conformance.corpus import lines
from tests.end_to_end.test_command import run

SCHEMA = Schema.from_mapping({"lists": {"id": "uuid", "owner_id": "uuid", "kind": "text"}})
TEXTS = sorted({scenario["config"] for corpus in ("rules", "streams", "metadata") for scenario in lines(corpus)})


def fixed(text: str, schema: Schema | None = SCHEMA) -> str:
    return fix(RulesFile(Path("r.yaml"), Source("r.yaml", text)), schema).source.text


def stream(query: str, key: str = "auto_subscribe") -> str:
    return f"config: {{edition: 3}}\nstreams:\n  s:\n    {key}: true\n    query: {query}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (stream("SELECT * FROM lists WHERE owner_id = auth.uid()"), stream("SELECT * FROM lists WHERE owner_id = auth.user_id()")),
        (stream("SELECT * FROM lists WHERE owner_id = auth.jwt() ->> 'x'"), stream("SELECT * FROM lists WHERE owner_id = auth.parameters() ->> 'x'")),
        (stream("SELECT * FROM lists WHERE kind IN ( 'a' , 'b' ) AND owner_id = auth.user_id()"), stream("SELECT * FROM lists WHERE kind IN ARRAY[ 'a' , 'b' ] AND owner_id = auth.user_id()")),
        (stream("SELECT * FROM lists", "autoSubscribe"), stream("SELECT * FROM lists")),
        (stream("SELECT * FROM Lists WHERE Owner_ID = auth.user_id()"), stream("SELECT * FROM lists WHERE owner_id = auth.user_id()")),
        (stream("SELECT * FROM lists WHERE owner_id = auth.user_id()") + "# syncrules: ignore[null-rows] none\n", stream("SELECT * FROM lists WHERE owner_id = auth.user_id()")),
    ],
    ids=["uid", "jwt", "list", "key", "capitals", "suppression"],
)  # fmt: skip
def test_what_is_sure_is_mended(before: str, after: str) -> None:
    assert fixed(before) == after
    assert fixed(after) == after


@pytest.mark.parametrize(
    "text",
    [
        stream('SELECT * FROM lists WHERE "Owner_ID" = auth.user_id()'),
        stream("SELECT * FROM lists WHERE ownerId = auth.user_id()"),
        stream("SELECT * FROM lists", "auto_subscribed"),
        stream("SELECT * FROM lists WHERE kind = 'autoSubscribe: auth.uid()'"),
        stream("SELECT * FROM lists WHERE (kind, owner_id) = ('a', 'b')"),
    ],
    ids=["quoted", "unknown", "guess", "text", "tuples"],
)
def test_what_could_be_meant_otherwise_is_left_to_people(text: str) -> None:
    assert fixed(text) == text


def test_a_comment_is_not_unused_because_the_file_does_not_compile_or_no_schema_is_known() -> None:
    text = stream("SELECT * FROM lists WHERE owner_id = auth.uid(  # syncrules: ignore[unfiltered-table] public")
    assert fixed(text) == text
    text = stream("SELECT * FROM lists  # syncrules: ignore[unknown-table] a view")
    assert fixed(text, None) == text


@pytest.mark.parametrize("place", range(4))
def test_a_file_of_the_corpora_that_compiles_keeps_its_plan(place: int) -> None:
    for text in TEXTS[place::4]:
        before = compile_rules(Source("r.yaml", text))
        if before.plan is not None:
            assert compile_rules(Source("r.yaml", fixed(text))).plan == before.plan


QUERY = "SELECT lists.id, kind FROM lists WHERE owner_id = auth.user_id() AND kind IN ARRAY['a', 'b']"


@given(st.data())
def test_capitals_in_any_name_are_mended(data: st.DataObject) -> None:
    text = QUERY
    for word in reversed(lex(QUERY)):
        if word.kind == "NAME" and word.text in {"lists", "id", "kind", "owner_id"} and data.draw(st.booleans()):
            text = (
                text[: word.span.start]
                + data.draw(st.sampled_from([word.text.upper(), word.text.title()]))
                + text[word.span.end :]
            )
    assert fixed(stream(text)).replace("Lists.", "lists.").replace("LISTS.", "lists.") == stream(QUERY)


def test_rules_inside_a_service_configuration_are_mended_in_place(tmp_path: Path) -> None:
    inner = stream("SELECT * FROM lists WHERE owner_id = auth.uid()")
    text = "a: 1 # x\nsync_rules:\n  content: |\n" + "".join(f"    {line}\n" for line in inner.splitlines()) + "b: 2\n"
    (tmp_path / "service.yaml").write_text(text, "utf-8")
    (file,) = rules_files([tmp_path])
    assert fix(file, SCHEMA).source.text == text.replace("auth.uid", "auth.user_id")


def test_the_command_mends_or_shows(tmp_path: Path) -> None:
    rules = tmp_path / "r.yaml"
    before = stream("SELECT * FROM lists WHERE owner_id = auth.uid()")
    rules.write_bytes(before.replace("\n", "\r\n").encode())
    shown = run("lint", "--diff", str(rules))
    assert shown.returncode == 1
    assert "+    query: SELECT * FROM lists WHERE owner_id = auth.user_id()" in shown.stdout
    assert rules.read_bytes() == before.replace("\n", "\r\n").encode()
    mended = run("lint", "--fix", str(rules))
    assert (mended.returncode, mended.stdout, mended.stderr) == (0, "nothing found\n", f"mended {rules}\n")
    assert rules.read_bytes() == before.replace("auth.uid", "auth.user_id").replace("\n", "\r\n").encode()
    assert run("lint", "--diff", str(rules)).stdout == ""
