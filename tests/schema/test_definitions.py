"""What SQL defines is what PostgreSQL makes of it."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.schema import Schema
from syncrules.schema.definitions import read_definitions
from syncrules.schema.load import SchemaError, load_schema
from syncrules.schema.sql_statements import statements
from tests.postgres import database, postgres

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


def in_postgres(server: str, files: list[str]) -> Schema:
    """The schema of a database in which the texts were run."""
    with database(server, f"t{uuid.uuid4().hex}") as url:
        for text in files:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(text.encode())
        return load_schema(url).schema


def kinds(schema: Schema) -> dict[tuple[str, str], dict[str, tuple[set[str], bool]]]:
    """What matters of a schema: the columns of each table, what they are stored as, and whether they can be NULL."""
    return {
        name: {column: (set(found.stored), found.nullable) for column, found in columns.items()}
        for name, columns in schema.tables.items()
    }


EVERYTHING = """
-- A comment; with a semicolon
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'ok; fine');
CREATE DOMAIN email AS text CHECK (VALUE ~ '@');
CREATE DOMAIN public.small AS app.mood;
CREATE DOMAIN counter AS bigint NOT NULL;
CREATE TYPE address AS (street text, town text);
/* a block /* in a block; */ */
CREATE TABLE public.lists (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  price numeric(10, 2) NOT NULL, tags text[], grid integer[][], n bigint GENERATED ALWAYS AS IDENTITY,
  doubled bigint GENERATED ALWAYS AS (7 * 2) STORED,
  mood app.mood DEFAULT 'ok; fine', moods app.mood[], contact email, small small, counted counter,
  home address, "Wëird; name" int, "UPPER" real, UpperToo boolean DEFAULT false,
  at timestamp(3) with time zone, day date, span interval, raw bytea, doc jsonb, ch character varying(20),
  c char(3), bits bit varying(3), dp double precision, s smallserial, CONSTRAINT positive CHECK (price > 1), UNIQUE (n)
);
CREATE TABLE IF NOT EXISTS public.lists (other int);
CREATE TABLE keyed (a int, b text, c boolean, PRIMARY KEY (a, b));
CREATE TABLE liked (LIKE lists INCLUDING ALL, extra int);
CREATE TABLE child (own int) INHERITS (keyed);
CREATE TABLE parted (id int NOT NULL, at date) PARTITION BY RANGE (id);
CREATE TABLE part_one PARTITION OF parted FOR VALUES FROM (1) TO (10);
CREATE UNLOGGED TABLE quick (id int);
CREATE VIEW seen AS SELECT id FROM lists;
CREATE MATERIALIZED VIEW stored AS SELECT 1 AS one;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN CREATE TABLE not_this (id int); RETURN NEW; END $body$;
DO $$ BEGIN PERFORM 1; END $$;
INSERT INTO keyed VALUES (1, 'CREATE TABLE nor_this (id int);', true);
ALTER TABLE ONLY lists ADD COLUMN IF NOT EXISTS done boolean NOT NULL DEFAULT false, DROP COLUMN home;
ALTER TABLE lists ADD note text, ALTER COLUMN counted TYPE real, ALTER day SET NOT NULL;
ALTER TABLE lists ALTER COLUMN price DROP NOT NULL;
ALTER TABLE lists RENAME COLUMN doc TO document;
ALTER TABLE lists RENAME dp TO precise;
ALTER TABLE quick RENAME TO quicker;
ALTER TABLE quicker SET SCHEMA app;
ALTER TABLE app.quicker ADD CONSTRAINT quicker_key PRIMARY KEY (id);
ALTER TABLE lists ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON lists FOR SELECT USING (true);
COMMENT ON TABLE lists IS 'not; a; statement';
CREATE TABLE gone (id int); CREATE TABLE app.gone_too (id int);
DROP TABLE IF EXISTS gone, app.gone_too, never_there CASCADE;
CREATE SCHEMA old; CREATE TABLE old.thing (id int); DROP SCHEMA old CASCADE;
SET search_path TO app, public;
CREATE TABLE here (id int); ALTER TABLE here ADD COLUMN more mood;
CREATE TEMP TABLE passing (id int)
"""


def test_what_the_sql_of_a_database_defines_is_what_postgres_has(server: str) -> None:
    found = read_definitions([("a.sql", EVERYTHING)])
    assert kinds(found.schema) == kinds(in_postgres(server, [EVERYTHING]))
    assert found.views == (("public", "seen"), ("public", "stored"))
    assert [EVERYTHING[note.start :].partition("\n")[0] for note in found.notes] == []


SUPABASE = """
DO $$ BEGIN CREATE ROLE authenticated; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE SCHEMA auth;
CREATE TABLE auth.users (id uuid PRIMARY KEY);
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
"""
"""What the schema of a Supabase project finds in its database."""


@pytest.mark.parametrize("app", sorted(FIXTURES.glob("*/schema.sql")), ids=lambda file: file.parent.name)
def test_the_schemas_of_the_example_apps_are_read_whole(app: Path, server: str) -> None:
    text = app.read_text("utf-8")
    found = load_schema(str(app))
    assert found.notes == ()
    made = kinds(in_postgres(server, [SUPABASE, text]))
    assert kinds(found.schema) == {name: columns for name, columns in made.items() if name[0] != "auth"}


NAMES = st.sampled_from(["a", "b", "C", '"D"', "e"])
TYPES = st.sampled_from(["int", "text", "numeric(4,1)", "bool", "real", "bytea", "text[]", "timestamptz", "uuid"])
COLUMN = st.tuples(NAMES, TYPES, st.sampled_from(["", " NOT NULL", " UNIQUE", " DEFAULT NULL"])).map(
    "{0[0]} {0[1]}{0[2]}".format
)
TABLES = st.sampled_from(["t", "u", "app.t", '"V"'])
STATEMENTS = st.one_of(
    st.tuples(TABLES, st.lists(COLUMN, min_size=1, max_size=4)).map(
        lambda p: f"CREATE TABLE {p[0]} ({', '.join(p[1])})"
    ),
    st.tuples(TABLES, COLUMN).map(lambda p: f"ALTER TABLE {p[0]} ADD COLUMN {p[1]}"),
    st.tuples(TABLES, NAMES).map(lambda p: f"ALTER TABLE {p[0]} DROP COLUMN {p[1]}"),
    st.tuples(TABLES, NAMES, NAMES).map(lambda p: f"ALTER TABLE {p[0]} RENAME {p[1]} TO {p[2]}"),
    st.tuples(TABLES, NAMES).map(lambda p: f"ALTER TABLE {p[0]} ALTER {p[1]} SET NOT NULL"),
    st.tuples(TABLES, NAMES).map(lambda p: f"ALTER TABLE {p[0]} ADD PRIMARY KEY ({p[1]})"),
    st.tuples(TABLES, NAMES, TYPES).map(lambda p: f"ALTER TABLE {p[0]} ALTER COLUMN {p[1]} TYPE {p[2]} USING NULL"),
    st.tuples(TABLES, st.sampled_from(["t", "u", "w"])).map(lambda p: f"ALTER TABLE {p[0]} RENAME TO {p[1]}"),
    TABLES.map(lambda t: f"DROP TABLE {t}"),
)


def run_one_by_one(url: str, script: list[str]) -> list[str]:
    """The statements that PostgreSQL accepted."""
    accepted = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(b"CREATE SCHEMA app")
        for statement in script:
            try:
                connection.execute(statement.encode())
                accepted.append(statement)
            except psycopg.Error:
                pass
    return accepted


@given(st.lists(STATEMENTS, min_size=1, max_size=12))
@settings(max_examples=40)
def test_random_migrations_end_where_postgres_ends(server: str, script: list[str]) -> None:
    with database(server, f"t{uuid.uuid4().hex}") as url:
        accepted = run_one_by_one(url, script)
        expected = kinds(load_schema(url).schema)
    assert kinds(read_definitions([("m.sql", ";\n".join(accepted))]).schema) == expected


@given(
    st.lists(
        st.sampled_from(["select 1", "select ';'", 'select ";"', "do $$ ; $$", "do $x$ $$;$$ $x$", "select e'\\';'"]),
        max_size=6,
    )
)
def test_statements_are_told_apart_whatever_they_quote(texts: list[str]) -> None:
    joined = "/* ; /* ; */ */;\n-- ;\n".join(f"{text};" for text in texts)
    assert [found.text for found in statements(joined) if found.text.split()[0] in {"select", "do"}] == texts


@given(st.text("ab;'\"$-/*\\\n", max_size=40))
def test_any_text_is_taken_apart_without_losing_where_it_stands(text: str) -> None:
    for found in statements(text):
        assert text[found.start : found.start + len(found.text)] == found.text
    read_definitions([("x.sql", text)])


DUMP = r"""
\connect app
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.a (id integer NOT NULL);
COPY public.a (id) FROM stdin;
1
CREATE TABLE public.not_this (id int);
\.
CREATE TABLE public.b (id integer);
"""


def test_the_data_of_a_dump_is_not_read_as_statements() -> None:
    assert sorted(read_definitions([("d.sql", DUMP)]).schema.tables) == [("public", "a"), ("public", "b")]


def test_a_statement_that_cannot_be_read_is_noted_and_costs_nothing_else() -> None:
    text = "CREATE TABLE a (id int);\nCREATE TABLE b (id int DEFAULT (1;\nCREATE TABLE c AS SELECT 1;\nCREATE TABLE d (id int)"
    found = read_definitions([("m.sql", text)])
    assert sorted(found.schema.tables) == [("public", "a"), ("public", "d")]
    assert [(note.file, text[note.start : note.start + 14]) for note in found.notes] == [
        ("m.sql", "CREATE TABLE b"),
        ("m.sql", "CREATE TABLE c"),
    ]


def test_migrations_of_a_folder_are_applied_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "20260102_b.sql").write_text("ALTER TABLE a ADD COLUMN later int;", "utf-8")
    (tmp_path / "20260101_a.sql").write_text("\ufeffCREATE TABLE a (id int);", "utf-8")
    (tmp_path / "notes.txt").write_text("DROP TABLE a;", "utf-8")
    assert list(load_schema(str(tmp_path)).schema.tables["public", "a"]) == ["id", "later"]


def test_a_schema_can_be_json(tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_text('{"lists": {"id": "uuid not null"}, "app.x": {"id": "int"}}', "utf-8")
    assert sorted(load_schema(str(file)).schema.tables) == [("app", "x"), ("public", "lists")]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a": 1}', '{"a": {"b": 1}}', "{", "[" * 100_000])
def test_what_is_no_schema_is_refused_with_a_reason(text: str, tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_text(text, "utf-8")
    with pytest.raises(SchemaError):
        load_schema(str(file))


def test_a_place_without_a_schema_is_refused_and_holds_no_password(tmp_path: Path) -> None:
    for place in (str(tmp_path), str(tmp_path / "no.sql"), "postgresql://u:hush-hush@127.0.0.1:1/x"):
        with pytest.raises(SchemaError) as refused:
            load_schema(place)
        assert "hush" not in str(refused.value)
