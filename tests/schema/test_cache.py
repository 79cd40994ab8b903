"""What was read before is the same as what would be read now."""

from pathlib import Path

import pytest

from syncrules.schema.cache import KEPT, cached_definitions
from syncrules.schema.definitions import read_definitions
from syncrules.schema.load import load_schema

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = [(str(path), path.read_text("utf-8")) for path in sorted(FIXTURES.glob("*/schema.sql"))]
NOTED = ("n.sql", "CREATE TABLE a (id uuid); CREATE TABLE b AS SELECT 1; CREATE VIEW v AS SELECT 1;")


@pytest.mark.parametrize("file", [*FILES, NOTED], ids=lambda file: Path(file[0]).parent.name)
def test_what_is_kept_is_what_was_read(file: tuple[str, str], tmp_path: Path) -> None:
    now = read_definitions([file])
    assert cached_definitions([file], "public", tmp_path) == now
    assert len([*tmp_path.iterdir()]) == 1
    assert cached_definitions([file], "public", tmp_path) == now


def test_another_text_name_or_schema_is_read_anew(tmp_path: Path) -> None:
    for file in (NOTED, ("m.sql", NOTED[1]), ("n.sql", NOTED[1] + " ")):
        for schema in ("public", "app"):
            assert cached_definitions([file], schema, tmp_path) == read_definitions([file], schema)
    assert len([*tmp_path.iterdir()]) == 6


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tables": [[1]], "notes": [], "views": []}', "null"])
def test_what_is_broken_is_read_anew(text: str, tmp_path: Path) -> None:
    cached_definitions([NOTED], "public", tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_text(text, "utf-8")
    assert cached_definitions([NOTED], "public", tmp_path) == read_definitions([NOTED])


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert cached_definitions([NOTED], "public", tmp_path / "file" / "x") == read_definitions([NOTED])


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        cached_definitions([("n.sql", f"CREATE TABLE t{number} (id uuid)")], "public", tmp_path)
    assert len([*tmp_path.iterdir()]) == KEPT


def test_a_schema_is_loaded_through_the_cache(tmp_path: Path) -> None:
    place = str(FIXTURES / "chat" / "schema.sql")
    assert load_schema(place, cache=tmp_path) == load_schema(place)
    assert [*tmp_path.iterdir()]
