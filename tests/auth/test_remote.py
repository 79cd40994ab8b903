"""The keys of a remote source over time, with a clock that the test moves and a real server."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.auth import remote
from syncrules.auth.fetch import KeySetClient
from syncrules.auth.remote import RemoteKeys, backoff
from syncrules.auth.source import KeySource, SourceKind, SubjectPolicy
from tests.auth.key_server import document, key_server, silent, text
from tests.auth.signing import es256


class Watched:
    """A source, its server and its clock."""

    def __init__(self, server, seconds: float = 5) -> None:
        self.server = server
        self.now = 10_000.0
        source = KeySource(SourceKind.JWKS, ("sync",), 86_400, SubjectPolicy.OFF, uri=server.uri)
        self.keys = RemoteKeys(source, KeySetClient(seconds=seconds), lambda: self.now)

    def kids(self) -> list[str]:
        """The keys that are used now."""
        return [one.key.kid for one in self.keys.held()]

    def fetches(self) -> int:
        """How often the server was asked."""
        return len(self.server.requests)

    def refresh(self, after: float = 0) -> list[str]:
        """Let time pass, let whatever fetch is due end, and say which keys are used."""
        self.now += after
        self.keys.due()
        self.settle()
        return self.kids()

    def settle(self) -> None:
        """Wait for the fetch that is under way, if there is one."""
        with self.keys._lock:
            flight = self.keys._flight
        if flight is not None:
            wait([flight], 5)


@pytest.fixture
def watched():
    with key_server(es256("a").jwk) as server:
        yield Watched(server)


def test_nothing_is_fetched_before_it_is_needed(watched):
    assert (watched.fetches(), watched.kids()) == (0, [])
    assert watched.keys.failure() is not None


def test_the_first_use_waits_and_the_next_does_not(watched):
    assert watched.keys.due() is not None
    watched.settle()
    assert watched.keys.due() is None
    assert (watched.kids(), watched.keys.failure(), watched.fetches()) == (["a"], None, 1)


def test_old_keys_are_used_while_they_are_refreshed(watched):
    watched.refresh()
    watched.now += remote.REFRESH_SECONDS + 1
    assert watched.keys.due() is None
    assert watched.kids() == ["a"]
    watched.settle()
    assert watched.fetches() == 2


@pytest.mark.parametrize(("asked", "given"), [("5", 60), ("120", 120), ("99999", 600)])
def test_the_servers_max_age_is_followed_within_limits(watched, asked, given):
    watched.server.reply = document({"keys": [es256("a").jwk]}, cache_control=f"max-age={asked}")
    watched.refresh()
    watched.refresh(given)
    assert watched.fetches() == 1
    watched.refresh(1)
    assert watched.fetches() == 2


def test_after_an_idle_time_a_refresh_comes_first_so_that_revoked_keys_are_gone(watched):
    watched.refresh()
    watched.server.reply = document({"keys": [es256("b").jwk]})
    watched.now += remote.IDLE_SECONDS + 1
    assert watched.keys.due() is not None
    watched.settle()
    assert watched.kids() == ["b"]


def test_an_empty_set_takes_all_keys_away(watched):
    watched.refresh()
    watched.server.reply = document({"keys": []})
    assert watched.refresh(remote.REFRESH_SECONDS + 1) == []
    assert watched.keys.failure() is None


@pytest.mark.parametrize("broken", [document({}), document([1]), text("oops"), document({"keys": []}, 500)])
def test_a_failing_server_leaves_the_old_keys_for_an_hour(watched, broken):
    watched.refresh()
    watched.server.reply = broken
    for _ in range(6):
        assert watched.refresh(590) == ["a"]
    assert watched.keys.failure() is not None
    assert watched.refresh(120) == []
    watched.server.reply = document({"keys": [es256("a").jwk]})
    assert watched.refresh(60) == ["a"]
    assert watched.keys.failure() is None


def test_a_failing_server_is_asked_ever_less_often(watched):
    watched.server.reply = text("oops", 500)
    for _ in range(600):
        watched.refresh(1)
    assert 10 <= watched.fetches() <= 20


def test_a_thousand_threads_make_one_fetch(watched):
    watched.server.reply = silent(watched.server)
    with ThreadPoolExecutor(16) as pool:
        flights = set(pool.map(lambda _: watched.keys.due(), range(1000)))
    assert len(flights) == 1
    watched.server.released.set()
    watched.settle()
    assert watched.fetches() == 1


def test_nobody_who_stops_waiting_cancels_the_fetch_of_others(watched):
    flight = watched.keys.due()
    assert flight is not None
    assert not flight.cancel()
    watched.settle()
    assert watched.kids() == ["a"]


def test_an_unknown_kid_starts_one_fetch_and_is_remembered(watched):
    watched.refresh()
    assert watched.keys.demand("b") is None
    watched.now += remote.DEMAND_SPACING_SECONDS
    assert watched.keys.demand("b") is not None
    watched.settle()
    watched.keys.remember_unknown("b")
    watched.now += remote.DEMAND_SPACING_SECONDS
    assert watched.keys.demand("b") is None
    assert watched.keys.demand("c") is not None
    watched.settle()
    watched.now += remote.UNKNOWN_KID_SECONDS
    assert watched.keys.demand("b") is not None
    watched.settle()
    assert watched.fetches() == 4


def test_the_memory_of_unknown_kids_is_bounded(watched):
    watched.refresh()
    for number in range(3 * remote.MAXIMUM_UNKNOWN_KIDS):
        watched.keys.remember_unknown(f"k{number}")
    assert len(watched.keys._unknown) == remote.MAXIMUM_UNKNOWN_KIDS


def test_a_server_that_never_answers_is_given_up_and_asked_again():
    with key_server() as server:
        server.reply = silent(server)
        watched = Watched(server, seconds=0.2)
        watched.refresh()
        reason = str(watched.keys.failure())
        assert "within" in reason or "in time" in reason
        server.reply = document({"keys": [es256("a").jwk]})
        assert watched.refresh(2) == ["a"]


def test_what_is_wrong_with_a_served_set_is_reported(watched):
    watched.server.reply = document({"keys": [None, es256("a").jwk]})
    assert watched.refresh() == ["a"]
    assert [notice.code for notice in watched.keys.notices()] == ["unusable-key"]


@given(st.integers(1, 10**6))
def test_backoff_doubles_up_to_a_minute(failures):
    assert 0.75 <= backoff(failures) <= remote.MAXIMUM_BACKOFF_SECONDS
    assert backoff(failures) >= 0.75 * min(2 ** (failures - 1 if failures < 8 else 7), 60)
