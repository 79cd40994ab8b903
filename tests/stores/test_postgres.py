"""A store in PostgreSQL: many processes, a server that restarts, connections that break, readers and writers that wait."""

import asyncio
import threading
import time
from dataclasses import replace

import psycopg
import pytest

from syncrules import Change
from syncrules.stores.async_postgres import AsyncPostgresStore
from syncrules.stores.postgres import PostgresStore
from syncrules.stores.postgres_options import PostgresOptions
from syncrules.stores.protocol import StoreError, StoreMismatchError
from tests.postgres import Server
from tests.stores.model import OTHER, RULES, request
from tests.stores.opened import options

ROW = {"a": "x", "b": "y", "u": "ada", "x": 0}


def buckets(store: PostgresStore) -> set[str]:
    return {bucket.id for bucket in RULES.resolve(request("ada"), store).buckets}


def test_a_schema_keeps_its_entries_and_refuses_other_lookups(postgres_url: str) -> None:
    chosen = options(1000)
    with PostgresStore(RULES, postgres_url, chosen) as store:
        store.apply([Change.put("m", ROW, key=1)], "here")
        expected, state = buckets(store), store.state()
    with PostgresStore(RULES, postgres_url, chosen) as store:
        assert buckets(store) == expected != set()
        assert store.state() == state
    with pytest.raises(StoreMismatchError, match="other lookups"):
        PostgresStore(OTHER, postgres_url, chosen)
    with PostgresStore(OTHER, postgres_url, options(1000)) as beside:
        assert beside.state().checkpoint == 0


def test_many_processes_open_a_new_store_at_once(postgres_url: str) -> None:
    chosen, failures = options(1000), []

    def work(number: int) -> None:
        try:
            with PostgresStore(RULES, postgres_url, chosen) as store:
                store.apply([Change.put("m", ROW, key=number)])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with PostgresStore(RULES, postgres_url, chosen) as store:
        assert store.state().checkpoint == 6


def test_a_name_of_a_schema_is_only_a_name(postgres_url: str) -> None:
    chosen = PostgresOptions(schema='x"; DROP SCHEMA public CASCADE; --')
    with PostgresStore(RULES, postgres_url, chosen) as store:
        store.apply([Change.put("m", ROW, key=1)])
        assert buckets(store) != set()


def test_a_read_finds_another_connection_when_its_own_is_broken(postgres_url: str) -> None:
    with (
        PostgresStore(RULES, postgres_url, options(1000)) as store,
        psycopg.connect(postgres_url, autocommit=True) as admin,
    ):
        store.apply([Change.put("m", ROW, key=1)])
        expected = buckets(store)
        for _ in range(3):
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            assert buckets(store) == expected != set()


def test_a_read_that_takes_too_long_is_given_up_with_an_error(postgres_url: str) -> None:
    chosen = replace(options(1000), timeout=0.3)
    with PostgresStore(RULES, postgres_url, chosen) as store, psycopg.connect(postgres_url) as other:
        store.apply([Change.put("m", ROW, key=1)])
        other.execute(f'LOCK TABLE "{chosen.schema}".entries IN ACCESS EXCLUSIVE MODE')
        began = time.monotonic()
        with pytest.raises(StoreError, match="statement timeout"):
            buckets(store)
        assert time.monotonic() - began < 5
        other.rollback()
        assert buckets(store) != set()


def test_a_server_that_is_not_there_is_an_error_and_not_a_wait() -> None:
    with pytest.raises(StoreError):
        PostgresStore(RULES, "postgresql://127.0.0.1:9/none", replace(options(1000), timeout=0.5))
    with pytest.raises(StoreError):
        PostgresStore(RULES, "this is no URL", replace(options(1000), timeout=0.5))


def test_an_awaited_read_can_be_cancelled_and_the_store_goes_on(postgres_url: str) -> None:
    async def check() -> None:
        chosen = options(1000)
        async with await AsyncPostgresStore.open(RULES, postgres_url, chosen) as store:
            await store.apply([Change.put("m", ROW, key=1)])
            async with await psycopg.AsyncConnection.connect(postgres_url) as other:
                await other.execute(f'LOCK TABLE "{chosen.schema}".entries IN ACCESS EXCLUSIVE MODE')
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(RULES.resolve_async(request("ada"), store), 0.2)
            assert (await RULES.resolve_async(request("ada"), store)).buckets

    asyncio.run(check())


def test_another_machine_is_told_of_a_checkpoint_and_asks_what_changed(postgres_url: str) -> None:
    async def check() -> None:
        chosen = options(1000)
        async with (
            await AsyncPostgresStore.open(RULES, postgres_url, chosen) as writer,
            await AsyncPostgresStore.open(RULES, postgres_url, chosen) as reader,
        ):
            told = reader.checkpoints()
            assert await anext(told) == 0
            waiting = asyncio.ensure_future(anext(told))
            await asyncio.sleep(0.2)
            assert not waiting.done()
            applied = await writer.apply([Change.put("m", ROW, key=1)])
            assert await asyncio.wait_for(waiting, 5) == applied.checkpoint
            assert await reader.changes_since(0) == applied.changed
            await told.aclose()

    asyncio.run(check())


def test_a_server_that_restarts_under_load_loses_nothing_that_was_said_to_be_written() -> None:
    """Readers and a writer go on through two restarts: they fail with StoreError at worst, and never answer wrongly."""
    with Server() as server:
        chosen = replace(options(1000), timeout=2.0)
        with PostgresStore(RULES, server.url, chosen) as store:
            store.apply([Change.put("m", ROW, key="first")])
            stop, wrong, failed, written = threading.Event(), [], [], [1]
            answers = {frozenset(buckets(store))}

            def read() -> None:
                while not stop.is_set():
                    try:
                        found = RULES.resolve(request("ada"), store)
                        if not {b.parameters for b in found.buckets if b.definition == "own"} == {("x",)}:
                            wrong.append(found)
                    except StoreError as error:
                        failed.append(error)

            def write() -> None:
                number = 0
                while not stop.is_set():
                    try:
                        number += 1
                        written.append(
                            store.apply([Change.put("m", {**ROW, "u": "bea"}, key=number)], str(number)).checkpoint
                        )
                    except StoreError as error:
                        failed.append(error)

            threads = [threading.Thread(target=work) for work in (read, read, write)]
            for thread in threads:
                thread.start()
            for _ in range(2):
                time.sleep(0.5)
                server.restart()
            reached = len(written)
            deadline = time.monotonic() + 60
            while len(written) < reached + 5 and time.monotonic() < deadline:
                time.sleep(0.1)
            stop.set()
            for thread in threads:
                thread.join()
            assert wrong == []
            assert len(written) >= reached + 5, "the store goes on by itself when its server is back"
            assert written == sorted(set(written)), "each batch is a checkpoint of its own"
            assert store.state().checkpoint >= written[-1]
            assert frozenset(buckets(store)) in answers
