"""A remembered token is accepted exactly when it would be accepted anew."""

import asyncio
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.auth import ErrorCode, TokenError, Verifier
from syncrules.auth.trust import load_trust
from tests.auth.key_server import KeyServer, document, key_server
from tests.auth.signing import CONFIG, NOW, STATIC_KEY, es256, hs256, payload, rs256


def answer(verifier: Verifier, token: str, now: float) -> object:
    try:
        return verifier.verify(token, now)
    except TokenError as error:
        return error.code


@given(
    st.lists(st.integers(-200, 4200).map(lambda seconds: NOW + seconds), min_size=1, max_size=6),
    st.sampled_from([None, NOW - 100, NOW + 30, NOW + 60, NOW + 3000]),
    st.integers(1, 3600),
)
@settings(deadline=None, max_examples=300)
def test_at_every_time_a_remembered_token_gets_the_answer_of_a_new_one(times, not_before, lifetime):
    changes = {} if not_before is None else {"nbf": not_before}
    token = hs256(payload(exp=NOW + lifetime, **changes))
    remembering = Verifier.from_config(CONFIG)
    for now in times:
        anew = answer(Verifier.from_config(CONFIG, remembered=0), token, now)
        again = answer(remembering, token, now)
        assert again == anew or (again.claims, again.expires_at) == (anew.claims, anew.expires_at)


def test_a_remembered_token_costs_no_signature_check(monkeypatch):
    verifier = Verifier.from_config(CONFIG, now=lambda: NOW)
    token = hs256(payload())
    first = verifier.verify(token)
    monkeypatch.setattr("syncrules.auth.verifier.select", None)
    assert verifier.verify(token) is first
    assert asyncio.run(verifier.verify_async(token)) is first
    assert answer(verifier, hs256(payload(sub="other")), NOW) is ErrorCode.INVALID_TOKEN


def watched(server: KeyServer, clock: list[float]) -> Verifier:
    trust = load_trust({"jwks_uri": server.uri, "jwks": {"keys": [STATIC_KEY]}, "audience": ["sync"]})
    return Verifier(trust, now=lambda: NOW, elapsed=lambda: clock[0])


def until(verifier: Verifier, token: str, expected: type) -> object:
    """What the verifier answers once the refresh that runs in the background has ended."""
    for _ in range(200):
        found = answer(verifier, token, NOW)
        if isinstance(found, expected):
            return found
        time.sleep(0.01)
    raise AssertionError(found)


def until_asked(server: KeyServer, times: int) -> None:
    for _ in range(200):
        if len(server.requests) >= times:
            time.sleep(0.05)
            return
        time.sleep(0.01)
    raise AssertionError(server.requests)


def test_a_token_is_forgotten_when_its_key_is_no_longer_served():
    with key_server(es256("a").jwk) as server:
        clock = [1000.0]
        verifier = watched(server, clock)
        token = es256("a").token(payload())
        assert verifier.verify(token) is verifier.verify(token)
        server.reply = document({"keys": [es256("b").jwk]})
        clock[0] += 301
        assert until(verifier, token, ErrorCode) is ErrorCode.INVALID_TOKEN


def test_a_key_that_is_added_does_not_keep_an_old_answer_alive():
    """A token that a nameless key signed is refused as soon as a key of its name is served."""
    nameless = {name: value for name, value in es256("a").jwk.items() if name != "kid"}
    with key_server(nameless) as server:
        clock = [1000.0]
        verifier = watched(server, clock)
        token = es256("a").token(payload(), kid="other")
        assert verifier.verify(token) is verifier.verify(token)
        server.reply = document({"keys": [nameless, {**rs256().jwk, "kid": "other"}]})
        clock[0] += 301
        assert until(verifier, token, ErrorCode) is ErrorCode.INVALID_TOKEN


def test_a_set_that_is_served_again_unchanged_forgets_nothing():
    with key_server(es256("a").jwk) as server:
        clock = [1000.0]
        verifier = watched(server, clock)
        token = es256("a").token(payload())
        first = verifier.verify(token)
        for refreshes in range(1, 4):
            clock[0] += 301
            assert verifier.verify(token) is first
            until_asked(server, 1 + refreshes)
            assert verifier.verify(token) is first


def test_after_an_idle_time_the_key_set_is_asked_before_a_remembered_token_counts():
    with key_server(es256("a").jwk) as server:
        clock = [1000.0]
        verifier = watched(server, clock)
        token = es256("a").token(payload())
        verifier.verify(token)
        server.reply = document({"keys": []})
        clock[0] += 16 * 60
        assert answer(verifier, token, NOW) is ErrorCode.INVALID_TOKEN


def test_keys_that_ran_out_take_remembered_tokens_with_them():
    with key_server(es256("a").jwk) as server:
        clock = [1000.0]
        verifier = watched(server, clock)
        token = es256("a").token(payload())
        verifier.verify(token)
        server.reply = document({}, 500)
        clock[0] += 61 * 60
        assert answer(verifier, token, NOW) is ErrorCode.KEY_SET_UNAVAILABLE


def test_a_token_of_a_static_key_needs_no_server_when_it_is_remembered():
    with key_server() as server:
        server.reply = document({}, 500)
        verifier = watched(server, [1000.0])
        token = hs256(payload(), {"kid": "k"})
        keyed = Verifier(
            load_trust({"jwks_uri": server.uri, "jwks": {"keys": [{**STATIC_KEY, "kid": "k"}]}, "audience": ["sync"]}),
            now=lambda: NOW,
        )
        assert keyed.verify(token) is keyed.verify(token)
        assert not server.requests
        assert answer(verifier, token, NOW + 10_000) is ErrorCode.EXPIRED


@pytest.mark.parametrize("remembered", [0, 100])
def test_a_small_memory_remembers_nothing_that_is_longer(remembered):
    verifier = Verifier.from_config(CONFIG, now=lambda: NOW, remembered=remembered)
    token = hs256(payload())
    assert verifier.verify(token) is not verifier.verify(token)


def test_the_memory_is_bounded_whatever_is_sent():
    verifier = Verifier.from_config(CONFIG, now=lambda: NOW, remembered=200_000)
    tokens = [hs256(payload(sub=f"user-{number}", x=["y"] * 2000)) for number in range(100)]
    verifier.verify(tokens[0])
    tracemalloc.start()
    try:
        for token in tokens:
            verifier.verify(token)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 200_000 * 20
    assert verifier.verify(tokens[-1]) is verifier.verify(tokens[-1])
    assert verifier.verify(tokens[-1], NOW + 1) is verifier.verify(tokens[-1])


def test_the_least_recently_used_token_is_forgotten_first():
    tokens = [hs256(payload(sub=f"user-{number}")) for number in range(3)]
    verifier = Verifier.from_config(CONFIG, now=lambda: NOW, remembered=2 * len(tokens[0]) + 10)
    first, second = verifier.verify(tokens[0]), verifier.verify(tokens[1])
    assert verifier.verify(tokens[0]) is first
    verifier.verify(tokens[2])
    assert verifier.verify(tokens[0]) is first
    assert verifier.verify(tokens[1]) is not second
