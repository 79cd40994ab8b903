"""The expectations of the example apps, judged by SQLite alone.

Nothing here runs the library. Each app's rows go into a real database, the hand-written queries of
its `oracle.sql` say what each person may see, and its case files must say the same. So a run of the case
files compares the engine with SQL.
"""

import csv
import functools
import json
import runpy
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jwt
import pytest
import sqlglot
import yaml
from sqlglot import expressions as sql

FIXTURES = Path(__file__).parents[2] / "fixtures"
APPS = sorted(file.parent for file in FIXTURES.glob("*/rules.syncrules.yaml"))
ISSUED_AT = 1795608000
EXPIRES_AT = ISSUED_AT + 3600

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class OracleQuery:
    """One query of `oracle.sql`: whose rows it gives (`sync-rules`, or a stream), and of which table."""

    origin: str
    table: str
    text: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription of a case."""

    stream: str
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One case of both case files, its lists sorted."""

    name: str
    person: str
    parameters: Mapping[str, object]
    subscriptions: tuple[Subscription, ...]
    default_streams: bool
    buckets: list[str]
    rules: Mapping[str, list[str]]
    streams: Mapping[str, list[str]]


@functools.cache
def tables_of(app: Path) -> Mapping[str, sql.Schema]:
    """The tables that `schema.sql` creates, by name."""
    statements = sqlglot.parse((app / "schema.sql").read_text(encoding="utf-8"), read="postgres")
    creates = [s for s in statements if isinstance(s, sql.Create) and s.kind == "TABLE"]
    return {create.this.this.name: create.this for create in creates}


def columns_of(table: sql.Schema) -> list[sql.ColumnDef]:
    """The column definitions of a table."""
    return [column for column in table.expressions if isinstance(column, sql.ColumnDef)]


def postgres_type(column: sql.ColumnDef) -> str:
    """The name of a column's type."""
    assert column.kind is not None
    return str(column.kind.this.name)


def sqlite_column(column: sql.ColumnDef) -> str:
    """A column for SQLite: no type, because a type would convert values; the constraints that it knows."""
    kinds = [constraint.kind for constraint in column.args["constraints"]]
    text = f'"{column.name}"'
    text += " PRIMARY KEY" if any(isinstance(kind, sql.PrimaryKeyColumnConstraint) for kind in kinds) else ""
    text += " NOT NULL" if any(isinstance(kind, sql.NotNullColumnConstraint) for kind in kinds) else ""
    for reference in (kind for kind in kinds if isinstance(kind, sql.Reference)):
        table = reference.find(sql.Table)
        text += f' REFERENCES "{table.name}"' if table is not None and table.db == "public" else ""
    return text


def raw_rows(file: Path) -> list[dict[str, object]]:
    """The rows of one data file. An empty field of a CSV file is NULL."""
    text = file.read_text(encoding="utf-8")
    match file.suffix:
        case ".csv":
            return [
                {name: value or None for name, value in row.items()}
                for row in csv.DictReader(text.splitlines(), strict=True)
            ]
        case ".jsonl":
            return [json.loads(line) for line in text.splitlines()]
        case ".yaml":
            rows: list[dict[str, object]] = yaml.safe_load(text)
            return rows
        case suffix:
            pytest.fail(f"{file.name}: no reader for `{suffix}`")


def cell(value: object, type_name: str) -> Cell:
    """A value of a data file as the sync service stores a column of that type."""
    match type_name, value:
        case _, None:
            return None
        case "BOOLEAN", bool() | "true" | "false":
            return int(value in (True, "true"))
        case "INT", int() | str():
            return int(value)
        case "DOUBLE", float() | str():
            return float(value)
        case "JSONB", list() | dict():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case "UUID" | "TEXT" | "TIMESTAMPTZ" | "DATE", str():
            return value
        case _:
            pytest.fail(f"{value!r} is no {type_name}")


def database(app: Path) -> sqlite3.Connection:
    """An app's rows in SQLite. Unknown columns, missing values and dangling references fail."""
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA defer_foreign_keys = ON")
    files = {file.stem: file for file in (app / "data").iterdir()}
    tables = tables_of(app)
    assert files.keys() == tables.keys()
    for name, schema in tables.items():
        columns = ", ".join(sqlite_column(column) for column in columns_of(schema))
        connection.execute(f'CREATE TABLE "{name}" ({columns})')
    for name, schema in tables.items():
        types = {column.name: postgres_type(column) for column in columns_of(schema)}
        for row in raw_rows(files[name]):
            cells = [cell(value, types[column]) for column, value in row.items()]
            names, marks = ", ".join(f'"{column}"' for column in row), ", ".join("?" for _ in row)
            connection.execute(f'INSERT INTO "{name}" ({names}) VALUES ({marks})', cells)  # noqa: S608
    connection.commit()
    return connection


def oracle_queries(app: Path) -> list[OracleQuery]:
    """The queries of `oracle.sql`. Each stands under `-- sync-rules: table` or `-- stream name: table`."""
    queries = []
    for section in ("\n" + (app / "oracle.sql").read_text(encoding="utf-8")).split("\n-- ")[1:]:
        heading, _, text = section.partition("\n")
        origin, _, table = heading.partition(": ")
        queries.append(OracleQuery(origin.removeprefix("stream "), table, text))
    return queries


def cases_of(app: Path) -> Iterator[Case]:
    """The cases of an app: the same connections in both files."""
    files = [yaml.safe_load((app / f"{name}.syncrules.yaml").read_text("utf-8")) for name in ("rules", "streams")]
    for case, same in zip(*(file["cases"] for file in files), strict=True):
        assert {**case, "expect": None} == {**same, "expect": None}
        yield Case(
            case["name"],
            case["person"],
            case.get("parameters", {}),
            tuple(Subscription(**subscription) for subscription in case.get("subscriptions", [])),
            case.get("default_streams", True),
            sorted(case["expect"]["buckets"]),
            {table: sorted(ids) for table, ids in case["expect"]["rows"].items()},
            {table: sorted(ids) for table, ids in same["expect"]["rows"].items()},
        )


@functools.cache
def people_of(app: Path) -> Mapping[str, Mapping[str, object]]:
    """Each person's claims."""
    people: dict[str, dict[str, object]] = yaml.safe_load((app / "people.yaml").read_text(encoding="utf-8"))
    return people


@functools.cache
def streams_of(app: Path) -> Mapping[str, Mapping[str, object]]:
    """The streams of `sync-streams.yaml` by name."""
    text = (app / "sync-streams.yaml").read_text(encoding="utf-8")
    streams: dict[str, dict[str, object]] = yaml.safe_load(text)["streams"]
    return streams


def answers(
    app: Path,
    query: OracleQuery,
    case: Case,
    subscription: Mapping[str, object],
    rows: sqlite3.Connection,
) -> set[str]:
    """What SQLite gives for one query of one request."""
    claims = people_of(app)[case.person]
    bound = {
        "user_id": claims["sub"],
        "claims": json.dumps(claims),
        "connection": json.dumps(case.parameters),
        "subscription": json.dumps(subscription),
    }
    return {answer for (answer,) in rows.execute(query.text, bound)}


def runs_of(app: Path, query: OracleQuery, case: Case) -> list[Mapping[str, object]]:
    """The subscription parameters under which a request runs a query.

    A stream runs once for each subscription to it, or once without parameters if it is
    auto-subscribed and nobody subscribed to it by name.
    """
    named = [s.parameters for s in case.subscriptions if s.stream == query.origin]
    unasked = query.origin == "sync-rules" or streams_of(app)[query.origin].get("auto_subscribe")
    return named or ([{}] if unasked and case.default_streams else [])


def visible(app: Path, case: Case) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What a person sees, as sorted ids by table: through the rules file, and through the streams file."""
    rows = database(app)
    rules_ids: dict[str, set[str]] = {}
    stream_ids: dict[str, set[str]] = {}
    for query in oracle_queries(app):
        seen = (rules_ids if query.origin == "sync-rules" else stream_ids).setdefault(query.table, set())
        for parameters in runs_of(app, query, case):
            seen |= answers(app, query, case, parameters, rows)
    return in_order(rules_ids), in_order(stream_ids)


def in_order(tables: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """Sorted ids by table; a table without any is left out."""
    return {table: sorted(ids) for table, ids in tables.items() if ids}


def case_id(value: object) -> str | None:
    """How a test run names an app or a case."""
    match value:
        case Path():
            return value.name
        case Case():
            return value.name
        case _:
            return None


ALL_CASES = [(app, case) for app in APPS for case in cases_of(app)]


@pytest.mark.parametrize(("app", "case"), ALL_CASES, ids=case_id)
def test_sqlite_gives_the_expected_buckets_and_rows_of_the_sync_rules(app: Path, case: Case) -> None:
    """Bucket names exactly, and the ids of each output table."""
    rules, _ = visible(app, case)
    assert (rules.pop("buckets", []), rules) == (case.buckets, case.rules)


@pytest.mark.parametrize(("app", "case"), ALL_CASES, ids=case_id)
def test_sqlite_gives_the_expected_rows_of_the_streams(app: Path, case: Case) -> None:
    """The ids of each output table."""
    _, streams = visible(app, case)
    assert streams == case.streams


@pytest.mark.parametrize("app", APPS, ids=case_id)
def test_every_stream_has_its_oracle_query_and_is_asked_for_rows_in_some_case(app: Path) -> None:
    """An expectation that never holds a row of a stream would not notice its loss."""
    queries, rows = oracle_queries(app), database(app)
    assert {query.origin for query in queries} == {"sync-rules", *streams_of(app)}
    for query in queries:
        runs = [(case, parameters) for case in cases_of(app) for parameters in runs_of(app, query, case)]
        assert any(answers(app, query, *run, rows) for run in runs), query


@pytest.mark.parametrize("app", APPS, ids=case_id)
def test_every_person_has_claims_as_supabase_issues_them_a_case_and_a_token(app: Path) -> None:
    """The names agree everywhere, and all tokens hold for the same hour."""
    people = people_of(app)
    assert {case.person for case in cases_of(app)} == people.keys()
    assert {file.stem for file in (app / "tokens").iterdir()} == people.keys()
    for claims in people.values():
        assert (claims["iat"], claims["exp"]) == (ISSUED_AT, EXPIRES_AT)
        assert (claims["aud"], claims["role"]) == ("authenticated", "authenticated")
        assert isinstance(claims["is_anonymous"], bool)


@pytest.mark.parametrize("app", APPS, ids=case_id)
def test_the_public_half_in_auth_yaml_verifies_every_token(app: Path) -> None:
    """Signature and audience. The hour of a token is for those who can choose the time."""
    config = yaml.safe_load((app / "auth.yaml").read_text(encoding="utf-8"))["client_auth"]
    for person, claims in people_of(app).items():
        token = (app / "tokens" / f"{person}.jwt").read_text(encoding="utf-8").strip()
        match config:
            case {"jwks": {"keys": [key]}, "audience": audience}:
                assert "d" not in key
                assert jwt.get_unverified_header(token)["kid"] == key["kid"]
                verifying: jwt.PyJWK | str = jwt.PyJWK(key)
                algorithm = key["alg"]
            case {"supabase": True, "supabase_jwt_secret": str(verifying)}:
                audience, algorithm = ["authenticated"], "HS256"
            case _:
                pytest.fail(f"{app.name}: no key in `auth.yaml`")
        judged = jwt.decode(
            token,
            verifying,
            algorithms=[algorithm],
            audience=audience,
            options={"verify_exp": False, "verify_iat": False},
        )
        assert judged == claims


def test_every_token_says_what_its_person_claims() -> None:
    """Minting again would change nothing."""
    stale_tokens = runpy.run_path(str(FIXTURES / "mint.py"))["stale_tokens"]
    assert stale_tokens() == {}
