"""Keys that are made here sign tokens that are accepted there."""

import json

import jwt
import pytest

from syncrules.auth import ErrorCode, TokenError, Verifier
from syncrules.auth.development_token import LOCAL_ISSUER, TokenKind, claims_of, looks_like_production
from syncrules.auth.jwk import PRIVATE_MEMBERS, UnusableKeyError
from syncrules.auth.key_set import read_key_set
from syncrules.auth.migration import Effect, compare
from syncrules.auth.signing_key import ALGORITHMS, SigningKey
from tests.auth.signing import NOW, USER, payload

SECRET = "a-shared-secret-for-tests-only-never-deploy-it"
WITH_SECRET = {"supabase": True, "supabase_jwt_secret": SECRET}
KEYS = {algorithm: SigningKey.generate(algorithm) for algorithm in ALGORITHMS}


def trusting(*keys: SigningKey) -> Verifier:
    return Verifier.from_config({"jwks": {"keys": [key.public_jwk() for key in keys]}, "audience": ["sync"]})


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_made_key_signs_what_its_public_half_verifies(algorithm):
    key = KEYS[algorithm]
    claims = trusting(key).verify(key.sign(payload()), NOW)
    assert (claims.user_id, claims.algorithm) == (USER, algorithm)
    # Another library agrees.
    public = jwt.PyJWK(key.public_jwk())
    assert jwt.decode(key.sign({"sub": "ada"}), public, [algorithm])["sub"] == "ada"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_public_half_can_be_served_and_holds_nothing_private(algorithm):
    key = KEYS[algorithm]
    assert PRIVATE_MEMBERS.isdisjoint(key.public_jwk())
    served = read_key_set({"keys": [key.public_jwk()]})
    assert [one.kid for one in served.keys] == [key.kid]
    assert served.notices == ()
    assert not any(str(key.private_jwk["d"]) in text for text in (repr(key), str(key)))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_private_key_is_read_as_it_was_written(algorithm):
    key = KEYS[algorithm]
    again = SigningKey.from_jwk(json.loads(json.dumps(dict(key.private_jwk))))
    assert trusting(key).verify(again.sign(payload()), NOW).user_id == USER


def test_a_public_key_cannot_sign_and_a_secret_has_no_public_half():
    with pytest.raises(UnusableKeyError):
        SigningKey.from_jwk(KEYS["ES256"].public_jwk())
    with pytest.raises(UnusableKeyError):
        SigningKey.from_secret(SECRET).public_jwk()
    with pytest.raises(UnusableKeyError):
        SigningKey.from_secret("short")
    with pytest.raises(UnusableKeyError) as refused:
        SigningKey.from_jwk({**KEYS["ES256"].private_jwk, "d": "AAAA"}).sign({})
    assert "AAAA" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (TokenKind.USER, None),
        (TokenKind.ANONYMOUS, None),
        (TokenKind.OAUTH_CLIENT, None),
        (TokenKind.API_KEY, ErrorCode.INVALID_TOKEN),
        (TokenKind.CUSTOM, ErrorCode.AUDIENCE),
    ],
)
def test_each_kind_of_development_token_is_what_its_name_says(kind, code):
    claims = claims_of(kind, USER, USER, int(NOW), 3600)
    verifier = Verifier.from_config(WITH_SECRET)
    token = SigningKey.from_secret(SECRET).sign(claims)
    try:
        verified = verifier.verify(token, NOW)
    except TokenError as refusal:
        assert refusal.code is code
        assert (refusal.hint.code == "supabase-api-key") is (kind is TokenKind.API_KEY)
        return
    assert code is None
    assert verified.user_id == USER
    assert verified.claims["is_anonymous"] is (kind is TokenKind.ANONYMOUS)
    assert [lint.code for lint in verified.lints] == ["oauth-client-token"] * (kind is TokenKind.OAUTH_CLIENT)


@pytest.mark.parametrize(
    ("issuer", "production"),
    [
        (LOCAL_ISSUER, False),
        ("http://localhost:8080", False),
        ("http://backend:6060/auth", False),
        ("https://login.test", False),
        ("supabase", False),
        (None, False),
        (7, False),
        ("https://abcdefghijklmnopqrst.supabase.co/auth/v1", True),
        ("https://login.example.com/", True),
        ("https://8.8.8.8/", True),
    ],
)
def test_an_issuer_that_real_users_trust_is_told_from_a_local_one(issuer, production):
    assert looks_like_production({"iss": issuer}) is production


def test_a_migration_is_judged_token_by_token():
    key, other = KEYS["ES256"], KEYS["EdDSA"]
    before = Verifier.from_config({"jwks": {"keys": [key.public_jwk()]}, "audience": ["sync"]})
    after = Verifier.from_config(
        {"jwks": {"keys": [other.public_jwk(), key.public_jwk()]}, "audience": ["next"], "sub_uuid": "strict"}
    )
    tokens = {
        "kept": key.sign(payload(aud=["sync", "next"])),
        "lost": key.sign(payload()),
        "gained": other.sign(payload(aud="next")),
        "other user": key.sign(payload(aud=["sync", "next"], sub=USER.upper())),
        "refused": "hello",
    }
    found = {comparison.name: comparison for comparison in compare(before, after, tokens, NOW)}
    assert {name: comparison.effect for name, comparison in found.items()} == {
        effect.value: effect for effect in Effect
    }
    assert [name for name, comparison in found.items() if comparison.is_safe] == ["kept", "refused"]
