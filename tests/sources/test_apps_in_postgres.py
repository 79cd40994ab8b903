"""The example apps give everybody the same from a live database, from a store filled from it, and from their files."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from syncrules import Request, Rules
from syncrules.casefile.read import read_case_file
from syncrules.casefile.scene import Scene
from syncrules.cli.found_rows import Found, from_database, from_files, from_store
from syncrules.cli.store_option import new_or_known
from syncrules.engine.bucket import ResolvedBucket
from syncrules.sources.postgres import snapshot
from tests.postgres import database
from tests.sources.apps import APPS, load_app
from tests.sources.reading import asked, read, rules_about


@pytest.fixture(scope="module", params=APPS, ids=lambda app: app.name)
def loaded(server: str, request: pytest.FixtureRequest) -> Iterator[tuple[Path, str]]:
    """An app, and the URL of its database."""
    with database(server, request.param.name) as url:
        load_app(url, request.param)
        yield request.param, url


def connections(app: Path) -> Iterator[tuple[Rules, list[Request]]]:
    """Each rules file of an app, with the connections of its cases."""
    for file in sorted(app.glob("*.syncrules.yaml")):
        placed = read_case_file(file)
        scene = Scene.read(placed)
        yield scene.rules, [scene.request_of(case) for case in placed.file.cases]


def by_id(found: Found) -> dict[str, ResolvedBucket]:
    return {bucket.id: bucket for bucket in found.resolution.buckets}


def test_everybody_gets_the_same_buckets_and_rows_from_a_live_database(loaded: tuple[Path, str]) -> None:
    app, url = loaded
    buckets = rows = 0
    for rules, requests in connections(app):
        for request in requests:
            files = from_files(rules, request, app / "data")
            live = from_database(rules, request, url, timeout=60, maximum=10_000)
            assert by_id(live) == by_id(files)
            assert (live.rows, live.row_errors) == (files.rows, ())
            buckets += len(live.resolution.buckets)
            rows += sum(count.total() for count in (live.rows or {}).values())
    assert buckets > 0
    assert rows > 0


def test_everybody_gets_the_same_buckets_from_a_store_that_was_filled(loaded: tuple[Path, str], tmp_path: Path) -> None:
    app, url = loaded
    for number, (rules, requests) in enumerate(connections(app)):
        place = str(tmp_path / f"{number}.sqlite")
        with snapshot(url, rules.plan) as taken, new_or_known(place, rules) as store:
            store.fill(taken.changes(), taken.position)
        for request in requests:
            stored = from_store(rules, request, place)
            assert by_id(stored) == by_id(from_files(rules, request, app / "data"))
            assert stored.rows is None


def test_values_are_those_of_the_files_read_with_the_apps_schema(loaded: tuple[Path, str]) -> None:
    """Moments may be written in another form, and JSON documents with other spaces; all else is the same."""
    app, url = loaded
    columns = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
    types = {(table, column): kind for table, column, kind in asked(url, columns)}
    live = {
        (change.table, change.row["id"]): change.row
        for change in read(url, rules_about(*{table for table, _ in types}))
    }
    files = {
        (change.table, change.row["id"]): change.row for change in Scene.load(app / "streams.syncrules.yaml").changes
    }
    assert live.keys() == files.keys() != set()
    for (table, key), row in files.items():
        for name, value in row.items():
            kind = types[table.name, name]
            assert meaning(live[table, key][name], kind) == meaning(value, kind)


def meaning(value: object, kind: str) -> object:
    """What a value says, whatever its form; its storage class counts."""
    match kind, value:
        case "timestamp with time zone", str():
            return datetime.fromisoformat(value)
        case "jsonb", str():
            return json.loads(value)
        case _:
            return type(value), value
