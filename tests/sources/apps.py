"""The example apps of `fixtures/`, in a real database as hosted PostgreSQL has it: their own schema, their own rows."""

import json
from pathlib import Path

import psycopg
from psycopg import sql

from syncrules.sources.files import CsvText, read_rows

FIXTURES = Path(__file__).parents[2] / "fixtures"
APPS = sorted(file.parent for file in FIXTURES.glob("*/rules.syncrules.yaml"))

HOSTED = """
CREATE SCHEMA auth;
CREATE TABLE auth.users (id uuid PRIMARY KEY);
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE RETURN NULL::uuid;
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE RETURN '{}'::jsonb;
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticated') THEN CREATE ROLE authenticated; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'anon') THEN CREATE ROLE anon; END IF;
END $$;
"""


def load_app(url: str, app: Path) -> None:
    """An app's schema and rows. Only the users whom rows refer to are not there, as if they lived elsewhere."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(HOSTED.encode())
        connection.execute((app / "schema.sql").read_bytes())
        connection.execute("SET session_replication_role = replica")
        for table, _, row in read_rows(app / "data"):
            written = {name: (value or None) if isinstance(value, CsvText) else value for name, value in row.items()}
            name, columns = sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, row))
            insert = "INSERT INTO {0} ({1}) SELECT {1} FROM json_populate_record(NULL::{0}, %s)"
            connection.execute(sql.SQL(insert).format(name, columns), (json.dumps(written),))
