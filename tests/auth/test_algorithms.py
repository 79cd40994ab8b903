"""A signature is checked with an algorithm of its key, or not at all."""

import hashlib
import hmac

import pytest

from syncrules.auth.algorithms import ALGORITHMS, VerificationKey, made_by
from syncrules.auth.jwk import read_key
from tests.auth.signing import SECRET, STATIC_KEY, eddsa, es256, rs256

DATA = b"signed"
KEYS = [read_key(STATIC_KEY), *(read_key(key.jwk) for key in (es256(), rs256(), eddsa()))]


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, "none", "PS256", ""])
@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.key_type)
def test_a_key_checks_nothing_with_an_algorithm_that_is_not_its_own(key, algorithm):
    mac = hmac.digest(SECRET, DATA, hashlib.sha256)
    assert made_by(key, algorithm, DATA, mac) is (algorithm == "HS256" and key is KEYS[0])


def test_a_key_of_one_algorithm_does_not_check_another_of_its_family():
    assert not made_by(KEYS[0], "HS384", DATA, hmac.digest(SECRET, DATA, hashlib.sha384))
    assert made_by(read_key({**STATIC_KEY, "alg": "HS384"}), "HS384", DATA, hmac.digest(SECRET, DATA, hashlib.sha384))


def test_a_key_that_claims_an_algorithm_of_another_family_checks_nothing():
    confused = VerificationKey("", KEYS[0].key_type, frozenset(ALGORITHMS), SECRET)
    for algorithm in ALGORITHMS.keys() - {"HS256"}:
        assert not made_by(confused, algorithm, DATA, hmac.digest(SECRET, DATA, hashlib.sha256))
    public = KEYS[1]
    disguised = VerificationKey("", public.key_type, frozenset(ALGORITHMS), public.material)
    for algorithm in ALGORITHMS:
        assert not made_by(disguised, algorithm, DATA, hmac.digest(b"", DATA, hashlib.sha256))


@pytest.mark.parametrize("signature", [b"", b"\0" * 32, b"\0" * 64, b"\xff" * 64, b"\0" * 256, b"x" * 10_000])
def test_no_signature_of_another_shape_raises_or_verifies(signature):
    for key in KEYS:
        for algorithm in key.algorithms:
            assert not made_by(key, algorithm, DATA, signature)
