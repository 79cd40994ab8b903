"""The client's schema holds every row that the rules can sync."""

import json
import re
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules import Rules, load
from syncrules.explain.client_languages import WRITERS, write_sql
from syncrules.explain.client_schema import ClientTable, UnknownColumnsError, client_tables
from syncrules.schema import Schema
from syncrules.schema.load import load_schema
from tests.end_to_end.test_command import run

FIXTURES = Path(__file__).parents[2] / "fixtures"
APPS = sorted(FIXTURES.glob("*/sync-*.yaml"))
STREAM = "config: {{edition: 3}}\nstreams:\n  s:\n    query: {}\n"


def tables(query: str, **columns: dict[str, str]) -> dict[str, dict[str, str]]:
    found = client_tables(Rules.from_text(STREAM.format(query)).plan, Schema.from_mapping(columns))
    return {table.name: dict(table.columns) for table in found}


@pytest.mark.parametrize("rules", APPS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_row_that_an_app_syncs_fits_the_table_of_its_schema(rules: Path) -> None:
    schema = load_schema(str(rules.parent / "schema.sql")).schema
    loaded = load(rules)
    client = sqlite3.connect(":memory:")
    client.executescript(write_sql(client_tables(loaded.plan, schema)))
    for rule in loaded.plan.row_rules:
        names = (
            [rule.output_table] if rule.output_table else [n for _, n in schema.tables if rule.table.name.matches(n)]
        )
        for name in names:
            columns = {row[1] for row in client.execute(f'PRAGMA table_info("{name}")')}
            assert {column.name for column in rule.columns if hasattr(column, "name")} <= columns


def test_types_are_those_of_what_is_stored() -> None:
    found = tables(
        "SELECT id, a, b, c, d, e, a + 1 AS f, upper(a) AS g, data FROM t",
        t={
            "id": "uuid",
            "a": "int8",
            "b": "float8",
            "c": "numeric",
            "d": "boolean",
            "e": "timestamptz",
            "data": "bytea",
        },
    )
    assert found == {
        "t": {"a": "integer", "b": "real", "c": "text", "d": "integer", "e": "text", "f": "real", "g": "text"}
    }


def test_a_star_is_every_column_and_an_alias_the_tables_name() -> None:
    assert tables("SELECT * FROM t AS mine", t={"id": "uuid", "n": "int4"}) == {"mine": {"n": "integer"}}


def test_tables_of_a_wildcard_have_the_columns_of_all() -> None:
    found = tables('SELECT * FROM "log_%"', log_a={"id": "uuid", "x": "int4"}, log_b={"id": "uuid", "x": "text"})
    assert found == {"log_a": {"x": "text"}, "log_b": {"x": "text"}}


def test_columns_that_nothing_names_are_refused() -> None:
    plan = Rules.from_text(STREAM.format("SELECT * FROM t")).plan
    for schema in (None, Schema.from_mapping({"u": {"id": "uuid"}})):
        with pytest.raises(UnknownColumnsError, match=r"public\.t"):
            client_tables(plan, schema)


NAMES = st.text("ab1_$ \"'\\\n{}é🐝", min_size=1, max_size=6)
TABLES = st.lists(
    st.builds(ClientTable, NAMES, st.dictionaries(NAMES, st.sampled_from(["text", "integer", "real"]), max_size=3).map(lambda d: tuple(d.items()))),
    max_size=3,
    unique_by=lambda table: table.name.lower(),
)  # fmt: skip


@given(TABLES)
def test_sql_makes_the_tables_whatever_they_are_called(made: list[ClientTable]) -> None:
    client = sqlite3.connect(":memory:")
    distinct = [t for t in made if len({n.lower() for n, _ in t.columns} | {"id"}) == len(t.columns) + 1]
    client.executescript(write_sql(distinct))
    for table in distinct:
        quoted = table.name.replace('"', '""')
        rows = client.execute(f'PRAGMA table_info("{quoted}")').fetchall()
        assert [(row[1], row[2].lower()) for row in rows] == [("id", "text"), *table.columns]


NAME = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_$][\w$]*)"""
LINES = {
    "ts": rf"  {NAME}: new Table\(\{{|    {NAME}: column\.(?:text|integer|real),",
    "dart": rf"  Table\({NAME}, \[|    Column\.(?:text|integer|real)\({NAME}\),",
    "kotlin": rf" +name = {NAME},| +Column\.(?:text|integer|real)\({NAME}\),",
    "swift": rf" +name: {NAME},| +\.(?:text|integer|real)\({NAME}\),",
    "dotnet": rf" +\[{NAME}\] = (?:new Table\(new Dictionary<string, ColumnType>|ColumnType\.(?:TEXT|INTEGER|REAL),)",
}


@pytest.mark.parametrize("lang", sorted(LINES))
@given(made=TABLES)
def test_names_never_leave_their_quotes(lang: str, made: list[ClientTable]) -> None:
    fixed = set(WRITERS[lang]([ClientTable("t", ())]).splitlines())
    lines = [line for line in WRITERS[lang](made).splitlines() if line not in fixed]
    assert all(re.fullmatch(LINES[lang], line) for line in lines)
    if lang in {"dart", "kotlin"}:
        assert not any(re.search(r"(?<!\\)(?:\\\\)*\$", line) for line in lines)


def test_the_command_writes_every_language_and_json() -> None:
    app = FIXTURES / "todo"
    arguments = ("schema", str(app / "sync-streams.yaml"), "--schema", str(app / "schema.sql"))
    for lang in WRITERS:
        done = run(*arguments, "--lang", lang)
        assert (done.returncode, done.stderr) == (0, "")
        assert "todos" in done.stdout
    assert {"name", "columns"} == set(json.loads(run(*arguments, "--json").stdout)["tables"][0])


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(STREAM.format("SELECT * FROM t"), "utf-8")
    done = run("schema", str(tmp_path / "r.yaml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "--schema" in done.stderr
