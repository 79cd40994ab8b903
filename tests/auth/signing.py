"""Keys made for one test run, and tokens signed with them, right or wrong on purpose."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from syncrules.auth import base64url

NOW = 1_790_000_000.0
USER = "0b7c6d1e-52a4-4f0a-9d1c-3f6a1c2b4d5e"
SECRET = bytes(range(32))
STATIC_KEY = {"kty": "oct", "alg": "HS256", "k": base64url.encode(SECRET)}
CONFIG = {"jwks": {"keys": [STATIC_KEY]}, "audience": ["sync"]}


def payload(**changes: object) -> dict[str, object]:
    """Claims that are accepted at `NOW`, with some of them replaced."""
    claims = {"sub": USER, "aud": "sync", "iat": NOW - 10, "exp": NOW + 3600}
    return {**claims, **changes}


def without(claim: str) -> dict[str, object]:
    """Claims that are accepted, but for one that is missing."""
    return {name: value for name, value in payload().items() if name != claim}


def hs256(claims: object, header: Mapping[str, object] | None = None, secret: bytes = SECRET) -> str:
    """A token with an HMAC."""
    return hs256_of(json.dumps(claims).encode(), header, secret)


def hs256_of(body: bytes, header: Mapping[str, object] | None = None, secret: bytes = SECRET) -> str:
    """A token with an HMAC over exactly these bytes as payload."""
    head = json.dumps({"alg": "HS256", "typ": "JWT", **(header or {})}).encode()
    signed = f"{base64url.encode(head)}.{base64url.encode(body)}"
    mac = hmac.digest(secret, signed.encode(), hashlib.sha256)
    return f"{signed}.{base64url.encode(mac)}"


@dataclass(frozen=True)
class SigningKey:
    """A private key, its public JWK, and the header that names it."""

    kid: str
    alg: str
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

    @property
    def jwk(self) -> dict[str, object]:
        """The public half, as servers publish it."""
        common: dict[str, object] = {"kid": self.kid, "alg": self.alg, "use": "sig", "key_ops": ["verify"]}
        match self.private:
            case ec.EllipticCurvePrivateKey():
                point = self.private.public_key().public_numbers()
                x, y = (base64url.encode(number.to_bytes(32)) for number in (point.x, point.y))
                return {**common, "kty": "EC", "crv": "P-256", "x": x, "y": y}
            case rsa.RSAPrivateKey():
                numbers = self.private.public_key().public_numbers()
                n, e = base64url.encode(numbers.n.to_bytes(256)), base64url.encode(numbers.e.to_bytes(3))
                return {**common, "kty": "RSA", "n": n, "e": e}
            case _:
                x = base64url.encode(self.private.public_key().public_bytes_raw())
                return {**common, "kty": "OKP", "crv": "Ed25519", "x": x}

    def token(self, claims: Mapping[str, object], **header: object) -> str:
        """A token with this key's signature."""
        head = json.dumps({"alg": self.alg, "typ": "JWT", "kid": self.kid, **header}).encode()
        signed = f"{base64url.encode(head)}.{base64url.encode(json.dumps(claims).encode())}"
        return f"{signed}.{base64url.encode(self._sign(signed.encode()))}"

    def _sign(self, data: bytes) -> bytes:
        match self.private:
            case ec.EllipticCurvePrivateKey():
                r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
                return r.to_bytes(32) + s.to_bytes(32)
            case rsa.RSAPrivateKey():
                return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
            case _:
                return self.private.sign(data)


@cache
def es256(kid: str = "es-1") -> SigningKey:
    """The ES256 key of a name."""
    return SigningKey(kid, "ES256", ec.generate_private_key(ec.SECP256R1()))


@cache
def rs256(kid: str = "rs-1") -> SigningKey:
    """The RS256 key of a name."""
    return SigningKey(kid, "RS256", rsa.generate_private_key(65537, 2048))


@cache
def eddsa(kid: str = "ed-1") -> SigningKey:
    """The Ed25519 key of a name."""
    return SigningKey(kid, "EdDSA", ed25519.Ed25519PrivateKey.generate())
