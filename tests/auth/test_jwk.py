"""Keys: one that is unusable says why without its value, and never costs its neighbours."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.auth import base64url
from syncrules.auth.jwk import UnusableKeyError, read_key
from syncrules.auth.key_set import MAXIMUM_KEYS, KeySetError, read_key_set
from syncrules.auth.trust import read_static_key
from tests.auth.signing import STATIC_KEY, eddsa, es256, rs256

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
GOOD = st.sampled_from([es256().jwk, rs256().jwk, eddsa().jwk, STATIC_KEY])
MEMBERS = ("kty", "alg", "kid", "crv", "x", "y", "n", "e", "k", "use", "key_ops", "d")
PARTS = st.sampled_from(["RSA", "EC", "OKP", "oct", "P-256", "P-384", "Ed25519", "Ed448", "ES256", "AQAB", "AA"])
BROKEN = st.builds(
    lambda key, changes: {**key, **changes}, GOOD, st.dictionaries(st.sampled_from(MEMBERS), JSON | PARTS)
)


@given(BROKEN)
@settings(max_examples=300, deadline=None)
def test_a_key_is_read_or_refused_with_a_reason(jwk):
    for read in (read_key, read_static_key):
        with suppress(UnusableKeyError):
            read(jwk)


@given(st.lists(BROKEN | JSON, max_size=5))
@settings(deadline=None)
def test_a_bad_entry_never_costs_the_good_ones(entries):
    good = es256("good").jwk
    found = read_key_set({"keys": [*entries, good]})
    assert "good" in [key.kid for key in found.keys]
    assert all(key.key_type != "oct" for key in found.keys)


@pytest.mark.parametrize(
    "document", [None, [], {}, {"keys": None}, {"keys": {}}, "x", {"keys": [None] * (MAXIMUM_KEYS + 1)}]
)
def test_a_document_without_a_bounded_list_of_keys_is_no_key_set(document):
    with pytest.raises(KeySetError):
        read_key_set(document)


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, True),
        ({"use": "enc"}, False),
        ({"use": None}, False),
        ({"key_ops": ["sign"]}, False),
        ({"key_ops": []}, False),
        ({"key_ops": "verify"}, False),
        ({"kty": ["EC"]}, False),
        ({"alg": "ES384"}, False),
        ({"alg": "RS256"}, False),
        ({"d": "AA"}, True),
        ({"kid": 1}, False),
    ],
)
def test_a_served_key_must_be_for_signatures(changes, kept):
    assert bool(read_key_set({"keys": [{**es256().jwk, **changes}]}).keys) is kept


def test_a_private_half_that_is_served_is_reported_and_not_read():
    found = read_key_set({"keys": [{**es256().jwk, "d": "c2VjcmV0LXBhcnQ"}]})
    assert [notice.code for notice in found.notices] == ["private-key-in-jwks"]
    assert "c2VjcmV0LXBhcnQ" not in repr(found)


@pytest.mark.parametrize(
    ("jwk", "kind"),
    [
        ({"kty": "oct", "alg": "HS256", "k": "AAAA"}, "hmac-key-too-short"),
        ({"kty": "oct", "alg": "HS256", "k": ""}, "hmac-key-too-short"),
        ({"kty": "oct", "alg": "HS256", "k": "not/base64url"}, "bad-base64url"),
        ({"kty": "oct", "alg": "ES256", "k": STATIC_KEY["k"]}, "wrong-algorithm"),
        ({"kty": "oct", "k": STATIC_KEY["k"]}, "missing-member"),
        ({**rs256().jwk, "n": "A" * 8}, "rsa-key-too-short"),
        ({**rs256().jwk, "n": "_" * 1400}, "rsa-key-too-long"),
        ({**rs256().jwk, "e": "AQ"}, "bad-rsa-exponent"),
        ({**rs256().jwk, "kid": ""}, "missing-member"),
        ({**es256().jwk, "y": es256().jwk["x"]}, "bad-point"),
        ({**es256().jwk, "x": base64url.encode(b"\0" + base64url.decode(es256().jwk["x"]))}, "bad-point"),
        ({**es256().jwk, "crv": "secp256k1"}, "unknown-curve"),
        ({**es256().jwk, "alg": "ES512"}, "wrong-algorithm"),
        ({"kty": "EC2"}, "unknown-key-type"),
        ({**es256().jwk, "use": 1}, "bad-use"),
    ],
)
def test_an_unusable_static_key_has_a_reason_without_its_value(jwk, kind):
    with pytest.raises(UnusableKeyError) as caught:
        read_static_key(jwk)
    assert caught.value.kind == kind
    assert not any(len(str(value)) > 9 and str(value) in caught.value.reason for value in jwk.values())


def test_a_key_shows_no_material():
    key = read_key(STATIC_KEY)
    assert "material" not in repr(key)
