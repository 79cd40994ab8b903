"""What an attacker can send: changed tokens, tricks with headers and JSON, keys of their own. None is accepted.

The attacker has valid tokens of others (but not their keys), the public keys, and a key pair of their own.
Whatever they make of that is refused with a code, or is one of those valid tokens to the letter.
"""

import hashlib
import hmac
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.auth import ErrorCode, TokenError, Verifier, base64url
from syncrules.auth.claims import LEEWAY
from syncrules.auth.token import MAXIMUM_TOKEN
from tests.auth.signing import NOW, SECRET, STATIC_KEY, USER, eddsa, es256, hs256, hs256_of, payload, rs256

TRUSTED = [es256(), rs256(), eddsa()]
ANONYMOUS_KEYS = [{name: value for name, value in es256("nameless").jwk.items() if name != "kid"}]
VERIFIER = Verifier.from_config(
    {"jwks": {"keys": [STATIC_KEY, *(key.jwk for key in TRUSTED), *ANONYMOUS_KEYS]}, "audience": ["sync"]},
    now=lambda: NOW,
)
VALID = [
    hs256(payload()),
    es256("nameless").token(payload(), kid=""),
    *(key.token(payload(sub=f"user of {key.kid}", parameters={"a": 1})) for key in TRUSTED),
]
MINE = [es256("mine"), rs256("mine"), eddsa("mine")]

HEADER_WORDS = st.sampled_from(
    ["alg", "kid", "typ", "crit", "b64", "jwk", "jku", "x5u", "x5c", "x5t", "cty", "zip", "enc"]
)
HEADER_VALUES = st.one_of(
    st.sampled_from(["none", "None", "", "HS256", "ES256", "RS256", "EdDSA", "PS256", "ES256K", "JWT", "logout+jwt"]),
    st.sampled_from([key.kid for key in TRUSTED]),
    st.sampled_from([key.jwk for key in (*TRUSTED, *MINE)]),
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    st.lists(st.text(max_size=3), max_size=2),
)


def parts(token: str) -> list[bytes]:
    return [base64url.decode(part) for part in token.split(".")]


def joined(head: bytes, body: bytes, signature: bytes) -> str:
    return ".".join(base64url.encode(part) for part in (head, body, signature))


def flipped(data: bytes, at: int) -> bytes:
    """One bit changed."""
    at %= max(8 * len(data), 1)
    return data[: at // 8] + bytes([data[at // 8] ^ (1 << at % 8)]) + data[at // 8 + 1 :] if data else b"\x01"


def public_texts() -> list[bytes]:
    """The public keys, in the forms that a careless library might take for a shared secret."""
    keys = [key.private.public_key() for key in TRUSTED]
    forms = [(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)]
    return [key.public_bytes(*form) for key in keys for form in forms] + [
        json.dumps(key.jwk).encode() for key in TRUSTED
    ]


PUBLIC_TEXTS = [*public_texts(), b"", b"\x00" * 32]


@st.composite
def bit_flips(draw: st.DrawFn) -> str:
    """A valid token with some bits of its decoded parts changed."""
    decoded = parts(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, 2))
        decoded[place] = flipped(decoded[place], draw(st.integers(0, 4000)))
    return joined(*decoded)


@st.composite
def mixed_parts(draw: st.DrawFn) -> str:
    """Parts of several valid tokens, left out, doubled, or in another order."""
    pieces = [piece for token in VALID for piece in token.split(".")]
    return ".".join(draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=5)))


@st.composite
def edited_texts(draw: st.DrawFn) -> str:
    """A valid token with characters put in, taken out or replaced."""
    token = draw(st.sampled_from(VALID))
    at, cut = draw(st.integers(0, len(token))), draw(st.integers(0, 2))
    middle = draw(
        st.one_of(st.text(max_size=2), st.sampled_from(["=", "==", ".", "..", "\n", " ", "+", "/", "\x00", "é"]))
    )
    return token[:at] + middle + token[at + cut :]


def _json_tricks(document: dict[str, Any], words: dict[str, Any], doubled: bool) -> bytes:
    """An object with other members; doubled, it has both the old and the new ones, by the same names."""
    if not doubled:
        return json.dumps({**document, **words}).encode()
    return (
        json.dumps(document)[:-1] + "".join(f",{json.dumps(k)}:{json.dumps(v)}" for k, v in words.items()) + "}"
    ).encode()


@st.composite
def header_games(draw: st.DrawFn) -> str:
    """A valid token's payload and signature under another header, signed again with what the attacker has, or not."""
    head, body, signature = parts(draw(st.sampled_from(VALID)))
    words = draw(st.dictionaries(HEADER_WORDS, HEADER_VALUES, min_size=1, max_size=3))
    changed = _json_tricks(json.loads(head), words, draw(st.booleans()))
    return joined(changed, body, draw(signatures(changed, body, signature)))


@st.composite
def payload_games(draw: st.DrawFn) -> str:
    """Another user's name in a valid token, by every trick of JSON, signed with what the attacker has, or not."""
    head, body, signature = parts(draw(st.sampled_from(VALID)))
    words = draw(
        st.dictionaries(
            st.sampled_from(["sub", "exp", "iat", "aud", "role"]),
            st.one_of(st.just("admin"), st.none(), st.integers(), st.text(max_size=4)),
            min_size=1,
        )
    )
    changed = _json_tricks(json.loads(body), words, draw(st.booleans()))
    return joined(head, changed, draw(signatures(head, changed, signature)))


def signatures(head: bytes, body: bytes, old: bytes) -> st.SearchStrategy[bytes]:
    """The old signature, none, zeros, an HMAC with a public key as its secret, one of the attacker's own key."""
    signed = f"{base64url.encode(head)}.{base64url.encode(body)}".encode()
    return st.one_of(
        st.just(old),
        st.just(b""),
        st.integers(1, 132).map(bytes),
        st.sampled_from(PUBLIC_TEXTS).map(lambda secret: hmac.digest(secret, signed, hashlib.sha256)),
        st.sampled_from(MINE).map(lambda key: key._sign(signed)),
        st.binary(max_size=140),
    )


ATTACKS = st.one_of(bit_flips(), mixed_parts(), edited_texts(), header_games(), payload_games(), st.text())

CLAIM_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.integers(-200, 200).map(lambda seconds: NOW + seconds),
    st.sampled_from([NOW + 86_400, NOW + 86_401, 1e400, -1e400, 2**63, "1790000000", "", " ", "sync", "SYNC", "\x00"]),
    st.text(max_size=600),
    st.lists(st.sampled_from(["sync", "", "other", 1, None]), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
CLAIM_NAMES = ("sub", "iat", "exp", "nbf", "aud", "parameters", "iss", "client_id", "role")
BODIES = st.dictionaries(st.sampled_from(CLAIM_NAMES), CLAIM_VALUES, max_size=5).map(
    lambda changes: json.dumps({**payload(), **changes}).encode()
)


def refused(token: object, verifier: Verifier = VERIFIER) -> bool:
    """Whether a token is refused with a code; anything that is raised but a TokenError fails the test."""
    try:
        verifier.verify(token)
    except TokenError as error:
        assert isinstance(error.code, ErrorCode) and error.message
        return True
    return False


def check_attack(token: str) -> None:
    assert refused(token) or token in VALID


def check_signed(body: bytes) -> None:
    """Whoever the issuer signs for is accepted only by the rules, which are written here once more."""
    try:
        claims = VERIFIER.verify(hs256_of(body))
    except TokenError:
        return
    found = json.loads(body)
    assert claims.user_id == found["sub"] and found["sub"].strip() and len(found["sub"]) <= 512
    assert type(found["iat"]) in (int, float) and type(found["exp"]) in (int, float)
    assert NOW - LEEWAY < found["exp"] and found["iat"] <= NOW + LEEWAY and found["iat"] <= found["exp"]
    assert found["exp"] - found["iat"] <= 86_400
    assert "nbf" not in found or found["nbf"] <= NOW + LEEWAY
    assert found["aud"] == "sync" or "sync" in found["aud"]
    assert found.get("parameters") is None or isinstance(found["parameters"], dict)


@given(ATTACKS)
@settings(max_examples=1000)
def test_nothing_that_an_attacker_can_make_is_accepted(token: str) -> None:
    check_attack(token)


@given(BODIES | st.binary(max_size=60))
@settings(max_examples=1000)
def test_a_signed_payload_is_accepted_by_the_rules_only(body: bytes) -> None:
    check_signed(body)


@pytest.mark.long
@given(ATTACKS, BODIES | st.binary(max_size=60))
@settings(max_examples=400_000, database=None)
def test_attacks_at_length(token: str, body: bytes) -> None:
    check_attack(token)
    check_signed(body)


def nested(opening: bytes, closing: bytes, deep: int) -> bytes:
    return opening * deep + b"0" + closing * deep


HEAVY: dict[str, Callable[[int], bytes]] = {
    "deep arrays": lambda size: b'{"a":' + nested(b"[", b"]", size // 2) + b"}",
    "deep objects": lambda size: nested(b'{"a":', b"}", size // 6),
    "brackets in a string": lambda size: b'{"a":"' + b"[" * size + b'"}',
    "many numbers": lambda size: b'{"a":[' + b"1," * (size // 2) + b"1]}",
    "many reals": lambda size: b'{"a":[' + b"1e9," * (size // 4) + b"1]}",
    "one long number": lambda size: b'{"a":' + b"9" * size + b"}",
    "many names": lambda size: b"{" + b",".join(b'"%d":0' % i for i in range(size // 9)) + b"}",
    "one name again": lambda size: b'{"a":{' + b",".join([b'"":0'] * (size // 5)) + b"}}",
    "escapes": lambda size: b'{"a":"' + b"\\u00e9" * (size // 6) + b'"}',
    "surrogates": lambda size: b'{"a":"' + b"\\ud800" * (size // 6) + b'"}',
    "open strings": lambda size: b'{"a":' + b'"\\' * (size // 2),
}


@pytest.mark.parametrize("heavy", HEAVY)
@pytest.mark.parametrize("place", ["header", "unsigned payload", "signed payload"])
def test_the_largest_inputs_cost_little_memory(heavy: str, place: str) -> None:
    size = 5_900 if place == "header" else 12_000
    document = HEAVY[heavy](size)
    assert len(document) >= size * 0.8
    match place:
        case "header":
            token = joined(document, b"{}", b"0")
        case "unsigned payload":
            token = joined(b'{"alg":"ES256"}', document, b"0" * 64)
        case _:
            token = hs256_of(document)
    assert len(token) <= MAXIMUM_TOKEN
    tracemalloc.start()
    try:
        assert refused(token)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * MAXIMUM_TOKEN


@given(st.integers(MAXIMUM_TOKEN + 1, 5_000_000))
@settings(max_examples=20)
def test_a_token_beyond_the_limit_is_not_even_read(length: int) -> None:
    text = "a" * length
    tracemalloc.start()
    try:
        assert refused(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50_000


def test_a_key_without_a_name_is_tried_and_no_more_than_sixteen_times(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = 0

    def count(*_: object) -> bool:
        nonlocal tries
        tries += 1
        return False

    nameless = [{name: value for name, value in es256(f"n{i}").jwk.items() if name != "kid"} for i in range(40)]
    verifier = Verifier.from_config({"jwks": {"keys": nameless}, "audience": ["sync"]}, now=lambda: NOW)
    monkeypatch.setattr("syncrules.auth.key_set.made_by", count)
    assert refused(es256("n39").token(payload(sub=USER)), verifier)
    assert tries == 16
    assert SECRET not in PUBLIC_TEXTS
