"""What every store promises, whether it is awaited or not."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, given, settings

from syncrules import Change
from syncrules.engine.found import Found, LookupKey
from syncrules.stores.protocol import AsyncStore, CheckpointError, State
from tests.stores.model import BATCH, HISTORY, OTHER, REQUESTS, RULES, Model
from tests.stores.opened import Opener

KEPT = 3
ROW = {"a": "x", "b": "y", "u": "ada", "x": 0}


@pytest.fixture(scope="module")
def store(opened: Opener, runner: asyncio.Runner) -> Iterator[AsyncStore]:
    """A store that keeps few checkpoints. A test that needs an empty one empties it."""
    stack = AsyncExitStack()
    yield runner.run(stack.enter_async_context(opened(RULES, history=KEPT)))
    runner.run(stack.aclose())


async def emptied(store: AsyncStore) -> Model:
    return Model(RULES, (await store.fill(())).checkpoint)


async def answers(
    store: AsyncStore, keys: Sequence[LookupKey], checkpoint: int | None = None
) -> dict[LookupKey, Found]:
    """What is under some keys, where there is anything."""
    view = store.at(checkpoint)
    found = await view.lookup(keys)
    assert view.checkpoint == ((await store.state()).checkpoint if checkpoint is None else checkpoint)
    return {key: outputs for key, outputs in found.items() if outputs}


FEW = settings(max_examples=60, suppress_health_check=list(HealthCheck))


async def go_through(store: AsyncStore, history: list[list[Change]]) -> None:
    """Applies a history, and after each batch asks everything that can be asked, as of every checkpoint that is kept."""
    model = await emptied(store)
    first = (await store.state()).checkpoint
    for batch in history:
        before = await store.state()
        applied = await store.apply(batch, f"after {before.checkpoint}")
        model.apply(batch, applied.checkpoint)
        state = await store.state()
        assert (state.checkpoint, state.position) == (before.checkpoint + 1, f"after {before.checkpoint}")
        assert state.horizon == max(first, state.checkpoint - KEPT)
        assert applied.checkpoint == state.checkpoint
        assert applied.changed == model.changed(before.checkpoint, state.checkpoint)
        since: set[LookupKey] = set()
        keys = model.keys()
        for checkpoint in range(state.checkpoint, state.horizon - 1, -1):
            assert await answers(store, keys, checkpoint) == model.versions[checkpoint]
            assert await store.changes_since(checkpoint) == since
            since |= model.changed(checkpoint - 1, checkpoint) if checkpoint > first else set()


@FEW
@given(history=HISTORY)
def test_after_any_history_a_store_answers_as_if_it_were_made_anew_at_every_checkpoint(
    store: AsyncStore, runner: asyncio.Runner, history: list[list[Change]]
) -> None:
    runner.run(go_through(store, history))


@pytest.mark.long
@settings(suppress_health_check=list(HealthCheck))
@given(history=HISTORY)
def test_after_any_history_a_store_answers_as_if_it_were_made_anew_at_length(
    store: AsyncStore, runner: asyncio.Runner, history: list[list[Change]]
) -> None:
    runner.run(go_through(store, history))


@FEW
@given(before=BATCH, rows=HISTORY, after=BATCH)
def test_a_store_that_is_filled_holds_these_rows_and_nothing_else(
    store: AsyncStore, runner: asyncio.Runner, before: list[Change], rows: list[list[Change]], after: list[Change]
) -> None:
    async def check() -> None:
        await emptied(store)
        earlier = (await store.apply(before)).checkpoint
        filled = await store.fill([change for batch in rows for change in batch], "here")
        model = Model(RULES, earlier)
        model.apply([change for batch in rows for change in batch], filled.checkpoint)
        assert filled.changed is None
        assert await store.state() == State(filled.checkpoint, filled.checkpoint, "here")
        assert await answers(store, model.keys()) == model.versions[filled.checkpoint]
        with pytest.raises(CheckpointError):
            await store.at(earlier).lookup([(0, ("ada",))])
        applied = await store.apply(after)
        model.apply(after, applied.checkpoint)
        assert applied.changed == model.changed(filled.checkpoint, applied.checkpoint)

    runner.run(check())


@FEW
@given(history=HISTORY)
def test_errors_of_rows_are_those_of_the_rows_that_a_batch_leaves(
    store: AsyncStore, runner: asyncio.Runner, history: list[list[Change]]
) -> None:
    async def check() -> None:
        await emptied(store)
        for batch in history:
            applied = await store.apply(batch)
            model = Model(RULES, 0)
            model.apply(batch, 1)
            expected = {
                row: errors
                for row, change in model.rows.items()
                if (errors := RULES.program.lookups(change.table, change.row).errors)
            }
            assert applied.errors == expected

    runner.run(check())


def test_a_view_stays_at_the_checkpoint_of_its_first_read(store: AsyncStore, runner: asyncio.Runner) -> None:
    async def check() -> None:
        await emptied(store)
        await store.apply([Change.put("m", ROW, key=1)])
        view, asked = store.at(), [(rule, ("ada",)) for rule in range(len(RULES.plan.lookup_rules))]
        first = await view.lookup(asked)
        await store.apply([Change.delete("m", 1)])
        assert {key: dict(found) for key, found in (await view.lookup(asked)).items()} == first
        assert not any((await store.at().lookup(asked)).values())

    runner.run(check())


def test_a_resolution_that_began_before_a_change_is_true_of_one_moment(
    store: AsyncStore, runner: asyncio.Runner
) -> None:
    class Interrupted:
        """A store that is written to between two reads of one resolution."""

        def at(self, checkpoint: int | None = None) -> "Interrupted":
            self.view = store.at(checkpoint)
            return self

        @property
        def checkpoint(self) -> int | None:
            return self.view.checkpoint

        async def lookup(self, keys: list[LookupKey]) -> object:
            found = await self.view.lookup(keys)
            await store.apply(
                [Change.put("m", {**ROW, "b": "later"}, key=1), Change.put("m", {**ROW, "b": "other"}, key=2)]
            )
            return found

    async def check() -> None:
        await emptied(store)
        await store.apply([Change.put("m", ROW, key=1)])
        expected = await RULES.resolve_async(REQUESTS[0], store)
        assert any(bucket.parameters == ("y",) for bucket in expected.buckets)
        found = await RULES.resolve_async(REQUESTS[0], Interrupted())  # type: ignore[arg-type]
        assert (found, found.checkpoint) == (expected, expected.checkpoint)
        assert await RULES.resolve_async(REQUESTS[0], store, checkpoint=expected.checkpoint) == expected
        assert await RULES.resolve_async(REQUESTS[0], store) != expected

    runner.run(check())


@FEW
@given(history=HISTORY)
def test_a_connection_that_is_not_affected_keeps_its_answer_and_others_are_told_the_difference(
    store: AsyncStore, runner: asyncio.Runner, history: list[list[Change]]
) -> None:
    async def check() -> None:
        await emptied(store)
        answers = [await RULES.resolve_async(asked, store) for asked in REQUESTS]
        for batch in history:
            changed = (await store.apply(batch)).changed
            for place, asked in enumerate(REQUESTS):
                before, after = answers[place], await RULES.resolve_async(asked, store)
                difference = before.changes_to(after)
                if not before.is_affected(changed):
                    assert (before.by_id(), before.errors) == (after.by_id(), after.errors), "in whatever order"
                kept = {name: bucket for name, bucket in before.by_id().items() if name not in difference.removed}
                assert {*kept, *(bucket.id for bucket in difference.added)} == set(after.by_id())
                answers[place] = after

    runner.run(check())


def test_a_row_that_changes_nothing_affects_nobody(store: AsyncStore, runner: asyncio.Runner) -> None:
    async def check() -> None:
        await emptied(store)
        assert (await store.apply([Change.put("m", ROW, key=1)])).changed
        assert not (await store.apply([Change.put("m", {**ROW, "note": "new"}, key=1)])).changed
        assert not (await store.apply([Change.put("m", ROW, key=2)])).changed, "another row gives the same entry"
        assert not (await store.apply([Change.delete("m", 1)])).changed
        assert not (await store.apply([Change.put("m", ROW, key=3, old=2)])).changed, "a row with another primary key"
        assert (await store.apply([Change.delete("m", 3)])).changed
        assert not (await store.apply([Change.delete("m", 7)])).changed

    runner.run(check())


def test_changes_that_fail_half_way_change_nothing(store: AsyncStore, runner: asyncio.Runner) -> None:
    def broken() -> Iterator[Change]:
        yield Change.delete("m", 1)
        raise OSError("the source broke off")

    async def check() -> None:
        await emptied(store)
        await store.apply([Change.put("m", ROW, key=1)])
        before, state = await RULES.resolve_async(REQUESTS[0], store), await store.state()
        with pytest.raises(OSError):
            await store.apply(broken())
        assert (await RULES.resolve_async(REQUESTS[0], store), await store.state()) == (before, state)

    runner.run(check())


def test_many_keys_are_read_at_once_and_many_rows_written(store: AsyncStore, runner: asyncio.Runner) -> None:
    many = 12_000

    async def check() -> None:
        await store.fill(Change.put("m", {"a": f"a{i}", "u": f"u{i}", "x": 0}, key=i) for i in range(many))
        keys = [(rule, (f"u{i}",)) for i in range(many) for rule in range(len(RULES.plan.lookup_rules))]
        found = await answers(store, keys)
        assert {outputs for each in found.values() for outputs in each} == {(f"a{i}",) for i in range(many)}
        await store.apply([Change.delete("m", i) for i in range(many)])
        assert await answers(store, keys) == {}
        assert await answers(store, keys, (await store.state()).checkpoint - 1) == found

    runner.run(check())


def test_a_checkpoint_that_is_not_there_yet_is_refused(store: AsyncStore, runner: asyncio.Runner) -> None:
    async def check() -> None:
        later = (await store.state()).checkpoint + 1
        for never in (later, 2**63 - 1, 2**63, 10**30, -1, -(10**30)):
            with pytest.raises(CheckpointError, match=f"checkpoint {never} cannot be read"):
                await store.at(never).lookup([(0, ("ada",))])
            with pytest.raises(CheckpointError):
                await store.changes_since(never)

    runner.run(check())


def test_rules_with_other_lookups_have_other_entries(opened: Opener, runner: asyncio.Runner) -> None:
    async def check() -> None:
        async with opened(OTHER) as other, opened(RULES) as store:
            for each in (other, store):
                await each.apply([Change.put("m", ROW, key=1)])
            assert [b.id for b in (await OTHER.resolve_async(REQUESTS[0], other)).buckets] == []
            assert len((await RULES.resolve_async(REQUESTS[0], store)).buckets) == 2

    runner.run(check())
