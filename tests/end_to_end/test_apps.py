"""The example apps, from a signed token to buckets. That each case file passes, pytest collects by itself."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from syncrules import Change, MemoryStore, Rules
from syncrules.casefile.read import read_case_file
from syncrules.casefile.scene import Scene
from syncrules.engine.found import Answers, LookupKey
from syncrules.stores.awaited import Awaited

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = sorted(FIXTURES.glob("*/*.syncrules.yaml"))


class Counting:
    """A view that answers only when it is awaited, and counts its reads; and the store that has it."""

    def __init__(self, store: MemoryStore) -> None:
        self.view = Awaited(store).at()
        self.reads = 0

    def at(self, checkpoint: int | None = None) -> "Counting":
        return self

    @property
    def checkpoint(self) -> int | None:
        return self.view.checkpoint

    async def lookup(self, keys: Sequence[LookupKey]) -> Answers:
        self.reads += 1
        await asyncio.sleep(0)
        return await self.view.lookup(keys)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_awaited_store_and_a_stored_plan_give_the_same_answer(path: Path) -> None:
    placed = read_case_file(path)
    scene = Scene.read(placed)
    for case in placed.file.cases:
        request = scene.request_of(case)
        expected = scene.resolve(request)
        awaited = Counting(scene.store)
        assert expected == asyncio.run(scene.rules.resolve_async(request, awaited))
        assert awaited.reads <= 2, "one read for each depth of lookups"
        assert expected == Rules.from_json(scene.rules.to_json()).resolve(request, scene.store)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_removing_every_row_leaves_a_store_empty(path: Path) -> None:
    scene = Scene.load(path)
    assert not scene.store.errors
    store = scene.store
    store.apply([Change.delete(table, key) for table, key in scene.contents.evaluations()])
    assert not any(list(store.entries(rule)) for rule in range(len(scene.rules.plan.lookup_rules)))


def test_the_apps_hold_data_in_every_format_that_a_table_can_have() -> None:
    assert {".csv", ".jsonl", ".yaml"} <= {file.suffix for file in FIXTURES.glob("*/data/*")}
