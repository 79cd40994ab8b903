"""What a token costs: `python -m benchmarks.tokens` (needs the `dev` extra).

For each algorithm, the bare signature check of the `cryptography` package, PyJWT's `decode` with the same key, our
verification of a token that is new, and of one that was seen before. Then the slowest inputs that were found, each as
large as a token may be. A figure is the best of nine rounds, in microseconds a call; answers are compared first.
"""

import hashlib
import hmac
import json
import timeit
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import jwt

from syncrules import TokenError, Verifier
from syncrules.auth import base64url
from syncrules.auth.algorithms import made_by
from syncrules.auth.development_token import TokenKind, claims_of
from syncrules.auth.jwk import read_key
from syncrules.auth.signing_key import SigningKey
from syncrules.auth.token import MAXIMUM_TOKEN, read_token

NOW: Final = 1_790_000_000
USER: Final = "0b7c6d1e-52a4-4f0a-9d1c-3f6a1c2b4d5e"
SECRET: Final = "a-shared-secret-for-benchmarks-only-never-deploy-it"
ALGORITHMS: Final = ("HS256", "ES256", "RS256", "EdDSA")
ROUNDS: Final = 9
HEAVY: Final[dict[str, Callable[[int], bytes]]] = {
    "small numbers": lambda size: b'{"a":[' + b"1," * (size // 2) + b"1]}",
    "reals": lambda size: b'{"a":[' + b"1e9," * (size // 4) + b"1]}",
    "names": lambda size: b"{" + b",".join(b'"%d":0' % number for number in range(size // 9)) + b"}",
    "empty objects": lambda size: b'{"a":[' + b"{}," * (size // 3) + b"1]}",
    "escapes": lambda size: b'{"a":"' + b"\\u00e9" * (size // 6) + b'"}',
    "half surrogates": lambda size: b'{"a":"' + b"\\ud800" * (size // 6) + b'"}',
    "brackets in a string": lambda size: b'{"a":"' + b"[" * size + b'"}',
    "quotes without an end": lambda size: b'{"a":' + b'"\\' * (size // 2),
    "a long number": lambda size: b'{"a":' + b"9" * min(size, 4000) + b"}",
    "one long text": lambda size: b'{"a":"' + b"a" * size + b'"}',
}
"""Payloads of about so many bytes, each slow for some part of a reader."""


def microseconds(call: Callable[[], object], calls: int) -> float:
    """The time of one call at its best, in microseconds."""
    return min(timeit.repeat(call, number=calls, repeat=ROUNDS)) / calls * 1e6


def signing_key(algorithm: str) -> SigningKey:
    """A key of an algorithm, named."""
    if algorithm != "HS256":
        return SigningKey.generate(algorithm, "k")
    encoded = base64url.encode(SECRET.encode())
    return SigningKey.from_jwk({"kty": "oct", "alg": "HS256", "kid": "k", "k": encoded})


def verification_jwk(key: SigningKey) -> dict[str, object]:
    """The key as a configuration trusts it."""
    return dict(key.private_jwk) if key.algorithm == "HS256" else key.public_jwk()


def measure(algorithm: str) -> tuple[float, float, float, float]:
    """Signature alone, PyJWT, a new token, a token seen before."""
    key = signing_key(algorithm)
    token = key.sign(claims_of(TokenKind.USER, USER, USER, NOW, 3600))
    config = {"jwks": {"keys": [verification_jwk(key)]}, "audience": ["authenticated"]}
    anew = Verifier.from_config(config, now=lambda: NOW, remembered=0)
    again = Verifier.from_config(config, now=lambda: NOW)
    bare, compact = read_key(verification_jwk(key)), read_token(token)
    theirs = jwt.PyJWK(verification_jwk(key))
    options = {"verify_exp": False, "verify_iat": False}

    def pyjwt() -> dict[str, object]:
        return jwt.decode(token, theirs, [algorithm], {**options}, audience="authenticated")

    assert made_by(bare, algorithm, compact.signed, compact.signature)
    assert anew.verify(token).user_id == again.verify(token).user_id == pyjwt()["sub"] == USER
    return (
        microseconds(lambda: made_by(bare, algorithm, compact.signed, compact.signature), 300),
        microseconds(pyjwt, 300),
        microseconds(lambda: anew.verify(token), 300),
        microseconds(lambda: again.verify(token), 20_000),
    )


def slowest() -> list[tuple[str, float, float]]:
    """Each heavy payload, and what refusing it costs when nobody signed it and when the issuer did."""
    verifier = Verifier.from_config(
        {"supabase": True, "supabase_jwt_secret": SECRET, "supabase_url": "http://127.0.0.1:9"}, remembered=0
    )

    def refuse(token: str) -> None:
        with suppress(TokenError):
            verifier.verify(token, NOW)

    found = []
    for name, make in HEAVY.items():
        head = base64url.encode(json.dumps({"alg": "HS256"}).encode())
        signed = f"{head}.{base64url.encode(make(12_000))}"
        assert len(signed) < MAXIMUM_TOKEN
        mac = base64url.encode(hmac.digest(SECRET.encode(), signed.encode(), hashlib.sha256))
        times = [microseconds(lambda text=text: refuse(text), 20) for text in (f"{signed}.AAAA", f"{signed}.{mac}")]
        found.append((name, times[0], times[1]))
    return sorted(found, key=lambda row: -max(row[1:]))


def main() -> None:
    """Measures and prints."""
    print(f"{'µs':<8}{'signature':>11}{'PyJWT':>9}{'new':>9}{'beyond':>9}{'again':>9}{'new/again':>11}")
    for algorithm in ALGORITHMS:
        bare, pyjwt, anew, again = measure(algorithm)
        print(
            f"{algorithm:<8}{bare:>11.1f}{pyjwt:>9.1f}{anew:>9.1f}{anew - bare:>9.1f}{again:>9.2f}{anew / again:>11.0f}"
        )
    print(f"\n{'slowest payloads of 12,000 bytes, µs':<40}{'unsigned':>10}{'signed':>10}")
    for name, unsigned, signed in slowest():
        print(f"{name:<40}{unsigned:>10.0f}{signed:>10.0f}")


if __name__ == "__main__":
    main()
