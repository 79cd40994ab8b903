"""The examples of backfills, each run as its page says, against what the library gives row by row."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from syncrules import PostgresStore, Request, Rules, SqliteStore, VerifiedClaims
from tests.postgres import postgres

EXAMPLES = Path(__file__).parents[2] / "examples" / "bulk"
TEXT = """
config: {edition: 3}
streams:
  mine: {auto_subscribe: true, query: SELECT * FROM members WHERE person = auth.user_id()}
  lists: {auto_subscribe: true, query: "SELECT * FROM members AS peers WHERE list IN (SELECT list FROM members WHERE person = auth.user_id())"}
"""
RULES = Rules.from_text(TEXT)
ROWS = [{"id": n, "list": f"l{n % 7}", "person": f"p{n % 5}", "done": n % 2 == 0, "note": None} for n in range(1000)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(TEXT, "utf-8")
    (tmp_path / "in").mkdir()
    for part in range(2):
        pq.write_table(pa.Table.from_pylist(ROWS[part * 500 : part * 500 + 500]), tmp_path / "in" / f"{part}.parquet")
    return tmp_path


def run(folder: Path, example: str, *arguments: str) -> str:
    command = [sys.executable, str(EXAMPLES / example), "rules.yaml", "members", *arguments]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def expected() -> set[tuple[str, str, str]]:
    found = set()
    for row in ROWS:
        for synced in RULES.evaluate("members", row).rows:
            found.add((synced.bucket, synced.id, json.dumps(dict(synced.data), sort_keys=True)))
    return found


def written(path: Path) -> list[tuple[str, str, str]]:
    rows = pq.read_table(path).to_pylist()
    return [(row["bucket"], row["id"], json.dumps(json.loads(row["data"]), sort_keys=True)) for row in rows]


def check_store(store: SqliteStore | PostgresStore) -> None:
    for person in range(5):
        resolution = RULES.resolve(Request(VerifiedClaims.unverified_for_testing({"sub": f"p{person}"})), store)
        found = {bucket.parameters[0] for bucket in resolution.buckets if bucket.definition == "lists"}
        assert found == {row["list"] for row in ROWS if row["person"] == f"p{person}"}


def test_duckdb_evaluates_a_file_into_another(folder: Path) -> None:
    assert run(folder, "duckdb_backfill.py", "in/*.parquet", "out.parquet") == "2000 rows in 12 buckets\n"
    assert len(written(folder / "out.parquet")) == len(expected())
    assert set(written(folder / "out.parquet")) == expected()


def test_polars_fills_a_store_in_a_file(folder: Path) -> None:
    assert (
        run(folder, "polars_backfill.py", "in/*.parquet", "store.sqlite")
        == "checkpoint 1, 0 rows that could not be evaluated\n"
    )
    with SqliteStore(RULES, folder / "store.sqlite") as store:
        check_store(store)
        assert store.state().position == "in/*.parquet"


def test_polars_fills_the_shared_index(folder: Path) -> None:
    with postgres() as url:
        run(folder, "polars_backfill.py", "in/*.parquet", url)
        with PostgresStore(RULES, url) as store:
            check_store(store)


@pytest.mark.long
def test_ray_evaluates_a_folder_into_another_and_fills_the_shared_index(folder: Path) -> None:
    pytest.importorskip("ray", reason="pip install 'syncrules[examples]'")
    with postgres() as url:
        assert run(folder, "ray_backfill.py", "in", str(folder / "out"), url).splitlines()[-1] == "2000 rows"
        with PostgresStore(RULES, url) as store:
            check_store(store)
    rows = [row for part in sorted((folder / "out").glob("*.parquet")) for row in written(part)]
    assert len(rows) == len(expected())
    assert set(rows) == expected()
