"""Tokens in, verified claims or a refusal out."""

import asyncio
import logging
import math
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.auth import ErrorCode, KeySetClient, SourceKind, TokenError, Verifier
from tests.auth.key_server import document, key_server, silent
from tests.auth.signing import (
    CONFIG,
    NOW,
    SECRET,
    USER,
    eddsa,
    es256,
    hs256,
    hs256_of,
    payload,
    rs256,
    without,
)

VERIFIER = Verifier.from_config(CONFIG, now=lambda: NOW)
ASYMMETRIC = Verifier.from_config(
    {"jwks": {"keys": [es256().jwk, rs256().jwk, eddsa().jwk]}, "audience": ["sync"]}, now=lambda: NOW
)
TOKENS = {
    "HS256": hs256(payload()),
    "ES256": es256().token(payload()),
    "RS256": rs256().token(payload()),
    "EdDSA": eddsa().token(payload()),
}


def refusal(token: object, verifier: Verifier = VERIFIER) -> TokenError:
    with pytest.raises(TokenError) as caught:
        verifier.verify(token)
    return caught.value


def by(algorithm: str) -> Verifier:
    return VERIFIER if algorithm == "HS256" else ASYMMETRIC


@pytest.mark.parametrize("algorithm", TOKENS)
def test_a_signed_token_gives_its_user_and_its_claims(algorithm):
    claims = by(algorithm).verify(TOKENS[algorithm])
    assert (claims.user_id, claims.claims["sub"], claims.algorithm) == (USER, USER, algorithm)
    assert claims.source is SourceKind.STATIC
    assert claims.expires_at == NOW + 3600


def test_the_clock_can_be_given_per_call():
    assert VERIFIER.verify(TOKENS["HS256"], now=NOW + 3600 + 59).user_id == USER
    with pytest.raises(TokenError) as caught:
        VERIFIER.verify(TOKENS["HS256"], now=NOW + 3600 + 60)
    assert caught.value.code is ErrorCode.EXPIRED


@pytest.mark.parametrize("now", [math.nan, math.inf])
def test_a_broken_clock_accepts_nothing(now):
    with pytest.raises(TokenError):
        VERIFIER.verify(TOKENS["HS256"], now=now)


def test_integers_and_fractions_stay_apart():
    claims = VERIFIER.verify(hs256_of(b'{"sub":"a","aud":"sync","iat":1790000000,"exp":1790000001,"x":[1,1.0,1e2]}'))
    assert [type(number) for number in claims.claims["x"]] == [int, float, float]


@pytest.mark.parametrize("header", ["Bearer {}", "bearer   {}", "Token {}", "TOKEN {}"])
def test_a_header_with_a_known_scheme_carries_a_token(header):
    assert VERIFIER.verify_header(header.format(TOKENS["HS256"])).user_id == USER


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer {}\n", " Bearer {}", "Bearer {} x"]
)
def test_a_header_without_a_token_is_no_authentication(header):
    with pytest.raises(TokenError) as caught:
        VERIFIER.verify_header(header and header.format(TOKENS["HS256"]))
    assert (caught.value.code, caught.value.status) == (ErrorCode.NO_TOKEN, 401)


@given(data=st.data())
@settings(deadline=None, max_examples=300)
def test_a_changed_token_is_never_accepted(data):
    algorithm = data.draw(st.sampled_from(sorted(TOKENS)))
    token = TOKENS[algorithm]
    at = data.draw(st.integers(0, len(token)))
    cut = data.draw(st.integers(0, 3))
    changed = token[:at] + data.draw(st.text(max_size=3)) + token[at + cut :]
    if changed != token:
        assert isinstance(refusal(changed, by(algorithm)), TokenError)


@given(data=st.data())
@settings(deadline=None, max_examples=300)
def test_a_token_with_another_alphabet_letter_is_never_accepted(data):
    algorithm = data.draw(st.sampled_from(sorted(TOKENS)))
    token = TOKENS[algorithm]
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("AQgwBZaz09-_."))
    if token[at] != letter:
        assert isinstance(refusal(token[:at] + letter + token[at + 1 :], by(algorithm)), TokenError)


@given(st.one_of(st.text(), st.binary(), st.none(), st.integers(), st.text("ey.J_-0", max_size=60)))
@settings(deadline=None)
def test_what_is_no_token_is_refused_and_raises_nothing_else(value):
    assert refusal(value).code is ErrorCode.INVALID_TOKEN


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
CLAIMS = ("sub", "iat", "exp", "nbf", "aud", "parameters", "iss", "role", "sid", "client_id", "token_use")


@given(
    st.dictionaries(st.sampled_from(CLAIMS), JSON),
    st.dictionaries(st.sampled_from(("kid", "typ", "b64", "crit")), JSON),
)
@settings(deadline=None, max_examples=300)
def test_any_claims_and_headers_that_are_signed_are_accepted_or_refused(changes, header):
    token = hs256(payload(**changes), header)
    try:
        claims = VERIFIER.verify(token)
    except TokenError:
        return
    assert claims.user_id == changes.get("sub", USER)
    assert claims.expires_at > NOW - 60


@given(st.binary(max_size=80))
@settings(deadline=None)
def test_any_bytes_that_are_signed_are_refused(body):
    assert refusal(hs256_of(body)).code is ErrorCode.INVALID_TOKEN


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "PS256", "ES256K", "ES521", "Ed25519", "HS1"])
def test_only_listed_algorithms_verify(algorithm):
    assert refusal(hs256(payload(), {"alg": algorithm})).code is ErrorCode.INVALID_TOKEN


def test_a_public_key_is_never_a_shared_secret():
    key = es256()
    for secret in (str(key.jwk["x"]).encode(), repr(key.jwk).encode()):
        error = refusal(hs256(payload(), {"kid": key.kid}, secret), ASYMMETRIC)
        assert error.code is ErrorCode.INVALID_TOKEN


def test_a_wrong_signature_by_a_known_kid_has_a_code_of_its_own():
    forged = es256("es-2").token(payload(), kid="es-1")
    assert refusal(forged, ASYMMETRIC).code is ErrorCode.BAD_SIGNATURE


def test_neither_error_nor_log_holds_the_token_or_a_claim_that_is_personal(caplog):
    caplog.set_level(logging.DEBUG)
    private = {"email": "ada@example.org", "user_metadata": {"pet": "rosebud"}}
    for token in (hs256(payload(**private, aud="other")), "sb_secret_abcdefgh", "hunter2.hunter2"):
        error = refusal(token, Verifier.from_config(CONFIG, now=lambda: NOW))
        written = f"{error}{error!r}{error.hint}{caplog.text}"
        assert not any(word in written for word in ("ada@", "rosebud", "sb_secret_abc", "hunter2", token))
    assert caplog.text.count("token refused") == 3


def test_why_a_key_set_cannot_be_had_is_in_the_log(caplog):
    with key_server() as server:
        server.reply = document({}, 418)
        verifier = Verifier.from_config({"jwks_uri": server.uri, "audience": ["sync"]}, now=lambda: NOW)
        assert refusal(es256().token(payload()), verifier).code is ErrorCode.KEY_SET_UNAVAILABLE
    assert "cannot be fetched: the server answered with status 418" in caplog.text


def test_an_error_that_nobody_foresaw_is_the_servers_fault_too():
    def broken():
        raise ZeroDivisionError

    client = KeySetClient(make_transport=broken)
    verifier = Verifier.from_config({"jwks_uri": "https://k.example/", "audience": ["sync"]}, client=client)
    error = refusal(es256().token(payload()), verifier)
    assert (error.code, error.status) == (ErrorCode.UNUSABLE_KEY, 503)


def test_a_shared_secret_waits_for_no_key_set(caplog):
    with key_server() as server:
        server.reply = silent(server)
        secret = "a-shared-secret-for-tests-only-never-deploy-it"
        base = server.uri.removesuffix("/keys")
        config = {"supabase": True, "supabase_jwt_secret": secret, "supabase_url": base}
        verifier = Verifier.from_config(config, now=lambda: NOW)
        token = hs256(payload(aud="authenticated"), secret=secret.encode())
        assert verifier.verify(token).user_id == USER
        assert server.requests == []


def test_a_wrong_signature_by_a_known_key_is_not_explained_as_a_missing_key():
    forged = es256("es-2").token(payload(iss="https://login.example.com/"), kid="es-1")
    assert refusal(forged, ASYMMETRIC).hint is None
    missing = es256("es-2").token(payload(iss="https://login.example.com/"))
    assert refusal(missing, ASYMMETRIC).hint.code == "third-party-issuer"


def test_repeated_refusals_are_written_once_a_minute(caplog):
    verifier = Verifier.from_config(CONFIG, now=lambda: NOW)
    for number in range(50):
        refusal(hs256(payload(), {"alg": f"x{number}"}), verifier)
    assert caplog.text.count("token refused") == 1


def test_hints_are_not_in_the_text_for_the_client():
    error = refusal(hs256(without("aud")))
    assert error.hint.code == "missing-aud"
    assert "sync" not in str(error)


def test_a_key_set_that_cannot_be_had_is_the_servers_fault():
    with key_server() as server:
        server.reply = document({}, 500)
        verifier = Verifier.from_config({"jwks_uri": server.uri, "audience": ["sync"]}, now=lambda: NOW)
        error = refusal(es256().token(payload()), verifier)
    assert (error.code, error.status) == (ErrorCode.KEY_SET_UNAVAILABLE, 503)


def test_many_async_requests_share_one_fetch_and_block_nobody():
    async def all_at_once(verifier, token):
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.005)
                ticks += 1

        ticking = asyncio.create_task(tick())
        claims = await asyncio.gather(*(verifier.verify_header_async(f"Bearer {token}") for _ in range(20)))
        ticking.cancel()
        return claims, ticks

    with key_server(es256().jwk) as server:
        verifier = Verifier.from_config({"jwks_uri": [server.uri], "audience": ["sync"]}, now=lambda: NOW)
        claims, ticks = asyncio.run(all_at_once(verifier, es256().token(payload())))
        assert [one.user_id for one in claims] == [USER] * 20
        assert len(server.requests) == 1
        assert ticks > 0


def test_a_silent_server_costs_one_token_a_bounded_wait_and_other_tokens_nothing(monkeypatch):
    monkeypatch.setattr("syncrules.auth.verifier.WAIT_SECONDS", 0.2)
    with key_server() as server:
        server.reply = silent(server)
        config = {**CONFIG, "jwks": {"keys": [es256().jwk]}, "jwks_uri": server.uri}
        verifier = Verifier.from_config(config, now=lambda: NOW)
        error = refusal(es256("unknown").token(payload()), verifier)
        assert error.code is ErrorCode.KEY_SET_UNAVAILABLE
        assert verifier.verify(es256().token(payload())).user_id == USER
        with pytest.raises(TokenError):
            asyncio.run(verifier.verify_async(es256("unknown").token(payload())))


def test_a_silent_source_does_not_hold_up_tokens_of_another(monkeypatch):
    monkeypatch.setattr("syncrules.auth.verifier.WAIT_SECONDS", 3.0)
    with key_server(es256().jwk) as server, key_server() as down:
        down.reply = silent(down)
        config = {"jwks_uri": [server.uri, down.uri], "audience": ["sync"]}
        verifier = Verifier.from_config(config, now=lambda: NOW)
        token = es256().token(payload())
        verifier.verify(token)
        begin = time.monotonic()
        assert verifier.verify(token).user_id == USER
        assert time.monotonic() - begin < 2


def test_a_rotated_key_is_accepted_at_its_first_token():
    with key_server(es256("old").jwk) as server:
        clock = [1000.0]
        verifier = _watched(server.uri, clock)
        assert verifier.verify(es256("old").token(payload())).user_id == USER
        server.reply = document({"keys": [es256("old").jwk, es256("new").jwk]})
        clock[0] += 11
        assert verifier.verify(es256("new").token(payload())).user_id == USER
        assert len(server.requests) == 2


def test_unknown_kids_do_not_become_fetches():
    with key_server(es256().jwk) as server:
        clock = [1000.0]
        verifier = _watched(server.uri, clock)
        for number in range(30):
            clock[0] += 0.1
            assert refusal(es256().token(payload(), kid=f"k{number}"), verifier).code is ErrorCode.INVALID_TOKEN
        assert len(server.requests) == 1


def test_a_shared_secret_never_comes_from_a_key_set():
    with key_server({"kty": "oct", "alg": "HS256", "k": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}) as server:
        verifier = Verifier.from_config({"jwks_uri": server.uri, "audience": ["sync"]}, now=lambda: NOW)
        assert refusal(hs256(payload(), secret=SECRET), verifier).code is ErrorCode.INVALID_TOKEN


def test_the_rules_are_those_of_the_source_that_signed():
    with key_server(es256().jwk) as server:
        base = server.uri.removesuffix("/keys")
        config = {**CONFIG, "supabase": True, "supabase_url": base}
        verifier = Verifier.from_config(config, now=lambda: NOW)
        week = payload(aud="authenticated", exp=NOW + 600_000, sub=USER.upper())
        claims = verifier.verify(es256().token(week))
        assert (claims.user_id, claims.claims["sub"], claims.source) == (USER, USER, SourceKind.SUPABASE_JWKS)
        assert refusal(es256().token({**week, "aud": "sync"}), verifier).code is ErrorCode.AUDIENCE
        assert refusal(hs256(payload(exp=NOW + 600_000)), verifier).code is ErrorCode.LIFETIME
        assert refusal(es256().token({**week, "sub": "auth0|1"}), verifier).code is ErrorCode.INVALID_TOKEN
        assert verifier.verify(hs256(payload(sub="auth0|1"))).user_id == "auth0|1"


def test_a_kid_in_two_sources_is_warned_of_and_both_keys_work():
    with key_server(es256("twin").jwk) as server:
        twin = {**rs256().jwk, "kid": "twin"}
        config = {"jwks": {"keys": [twin]}, "jwks_uri": server.uri, "audience": ["sync"]}
        verifier = Verifier.from_config(config, now=lambda: NOW)
        assert verifier.verify(es256("twin").token(payload())).user_id == USER
        assert verifier.verify(rs256().token(payload(), kid="twin")).user_id == USER
        assert [notice.code for notice in verifier.warnings] == ["repeated-kid"]


def test_importing_the_package_brings_neither_models_nor_http():
    script = (
        "import sys, syncrules.auth\n"
        "print([name for name in ('pydantic', 'httpx', 'jwt', 'ruamel.yaml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _watched(uri: str, clock: list[float]) -> Verifier:
    from syncrules.auth.trust import load_trust

    trust = load_trust({"jwks_uri": uri, "audience": ["sync"]})
    return Verifier(trust, now=lambda: NOW, elapsed=lambda: clock[0])
