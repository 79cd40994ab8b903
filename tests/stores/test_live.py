"""Open connections: after every batch, each one's answer is the one that it would get anew."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncrules import Change, MemoryStore, Resolution
from syncrules.resolve.live import OpenResolutions
from syncrules.resolve.resolution import BucketChanges
from syncrules.stores.protocol import Store
from syncrules.stores.sqlite import SqliteStore
from tests.stores.model import BATCH, HISTORY, REQUESTS, RULES, request


class Server:
    """Connections of people who come, are served late, and leave; what each of their devices has."""

    def __init__(self, store: Store, remembered: int) -> None:
        self.store = store
        self.open = OpenResolutions(remembered)
        self.devices: dict[int, set[str]] = {}
        self.resolved = 0

    def resolve(self, place: int) -> Resolution:
        self.resolved += 1
        return RULES.resolve(REQUESTS[place], self.store)

    def serve(self, place: int, resolution: Resolution) -> None:
        device = self.devices.setdefault(place, set())
        changes = self.open.hold(place, resolution)
        assert not device & {bucket.id for bucket in changes.added}
        device |= {bucket.id for bucket in changes.added}
        assert device >= set(changes.removed)
        device -= set(changes.removed)

    def catch_up(self) -> None:
        while self.open.stale:
            place = next(iter(self.open.stale))
            assert isinstance(place, int)
            self.serve(place, self.resolve(place))


def check(store: Store, history: list[list[Change]], steps: st.DataObject) -> None:
    server = Server(store, remembered=steps.draw(st.integers(0, 3)))
    for batch in history:
        coming = steps.draw(st.sets(st.integers(0, len(REQUESTS) - 1), max_size=2))
        late = {place: server.resolve(place) for place in coming}
        applied = store.fill(batch) if steps.draw(st.integers(0, 9)) == 0 else store.apply(batch)
        assert server.open.affected(applied) <= server.open.stale <= set(server.devices)
        for place, resolution in late.items():
            server.serve(place, resolution)
        if server.devices and steps.draw(st.integers(0, 9)) == 0:
            leaving = steps.draw(st.sampled_from(sorted(server.devices)))
            server.open.release(leaving)
            del server.devices[leaving]
        server.catch_up()
        for place, device in server.devices.items():
            fresh = RULES.resolve(REQUESTS[place], store)
            held = server.open.held()[place]
            assert (held.by_id(), held.errors) == (fresh.by_id(), fresh.errors), "in whatever order"
            assert device == set(fresh.by_id())


SETTINGS = settings(suppress_health_check=list(HealthCheck))
STORES = pytest.mark.parametrize(
    "make", [MemoryStore, lambda rules: SqliteStore(rules, ":memory:")], ids=["memory", "sqlite"]
)


@STORES
@SETTINGS
@given(HISTORY, st.data())
def test_what_a_device_has_after_each_batch_is_what_it_would_be_given_anew(
    make: Callable[..., Store], history: list[list[Change]], steps: st.DataObject
) -> None:
    store = make(RULES)
    check(store, history, steps)
    store.close()


@pytest.mark.long
@pytest.mark.parametrize("histories", [100_000])
def test_what_a_device_has_is_what_it_would_be_given_anew_over_very_many_histories(histories: int) -> None:
    @settings(SETTINGS, max_examples=histories, database=None)
    @given(HISTORY, st.data())
    def run(history: list[list[Change]], steps: st.DataObject) -> None:
        check(MemoryStore(RULES), history, steps)

    run()


def test_an_answer_whose_buckets_only_changed_their_order_is_the_same_answer() -> None:
    """Found by the run of 100,000 histories: the rows are the same, and were written in another order."""
    store = MemoryStore(RULES)
    rows = [Change.put("m", {"a": a, "u": "bea", "x": 0}, key=a) for a in (0, 1)]
    store.apply(rows)
    before = RULES.resolve(request("bea"), store)
    assert store.apply([Change.delete("m", 0), rows[0]]).changed == frozenset()
    assert RULES.resolve(request("bea"), store).by_id() == before.by_id()


@given(BATCH)
def test_a_batch_affects_only_connections_that_rest_on_what_it_changed(batch: list[Change]) -> None:
    store, connections = MemoryStore(RULES), OpenResolutions()
    store.apply([Change.put("m", {"a": "x", "b": "y", "u": "cleo", "x": 0}, key="cleo's")])
    connections.hold("cleo", RULES.resolve(request("cleo"), store))
    assert connections.affected(store.apply(batch)) <= {"cleo"}
    assert connections.affected(store.apply([Change.put("m", {"a": "z", "u": "ada"}, key="ada's")])) == frozenset()
    assert connections.affected(store.apply([Change.delete("m", "cleo's")])) == {"cleo"}


def test_a_resolution_that_arrives_after_a_batch_it_does_not_know_of_is_stale() -> None:
    store, connections = MemoryStore(RULES), OpenResolutions()
    late = RULES.resolve(request("ada"), store)
    applied = store.apply([Change.put("m", {"a": "x", "u": "ada", "x": 0}, key=1)])
    assert connections.affected(applied) == frozenset()
    assert connections.hold("ada", late) == BucketChanges((), ())
    assert connections.stale == {"ada"}
    changes = connections.hold("ada", RULES.resolve(request("ada"), store))
    assert [bucket.parameters for bucket in changes.added] == [("x",)]
    assert connections.stale == set()


def test_a_connection_that_was_released_is_affected_by_nothing_and_leaves_nothing_behind() -> None:
    store, connections = MemoryStore(RULES), OpenResolutions()
    connections.hold("ada", RULES.resolve(request("ada"), store))
    connections.release("ada")
    connections.release("never came")
    assert connections.affected(store.apply([Change.put("m", {"a": "x", "u": "ada", "x": 0}, key=1)])) == frozenset()
    assert connections == OpenResolutions(_batches=connections._batches)
