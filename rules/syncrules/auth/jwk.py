"""One JSON Web Key (RFC 7517, 7518, 8037) made into a key that can verify, or a reason why not.

Only public members are read: a private key that was published by mistake verifies like its public half.
No message holds a member's value.
"""

from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from syncrules.auth import base64url
from syncrules.auth.algorithms import ALGORITHMS, KeyType, VerificationKey
from syncrules.auth.quoting import quoted
from syncrules.auth.token import MAXIMUM_KID

MINIMUM_RSA_BITS: Final = 2048
MAXIMUM_RSA_BITS: Final = 8192
MINIMUM_RSA_EXPONENT: Final = 3
MAXIMUM_RSA_EXPONENT_BITS: Final = 64
MINIMUM_HMAC_BYTES: Final = 16
PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})

_CURVES: Final = {"P-256": ("ES256", 32), "P-384": ("ES384", 48), "P-521": ("ES512", 66)}
"""Curve to its one algorithm and the bytes of a coordinate."""
_CURVE_TYPES: Final[dict[str, type[ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1]]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
}
_EDWARDS_CURVES: Final = {"Ed25519": 32, "Ed448": 57}


class UnusableKeyError(Exception):
    """A JWK that must not verify anything: a kebab-case `kind`, and a reason without any value of the key."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


def read_key(jwk: Mapping[str, object]) -> VerificationKey:
    """The key that a JWK describes. Raises UnusableKeyError.

    >>> read_key({"kty": "oct", "k": "AAECAwQFBgcICQoLDA0ODw", "alg": "HS256"}).algorithms
    frozenset({'HS256'})
    >>> read_key({"kty": "EC", "crv": "secp256k1"})
    Traceback (most recent call last):
    syncrules.auth.jwk.UnusableKeyError: curve `secp256k1` is not supported
    """
    kid = _kid(jwk)
    match jwk.get("kty"):
        case KeyType.OCT:
            return VerificationKey(kid, KeyType.OCT, _algorithms(jwk, KeyType.OCT), hmac_material(_bytes(jwk, "k")))
        case KeyType.RSA:
            return VerificationKey(kid, KeyType.RSA, _algorithms(jwk, KeyType.RSA), _rsa(jwk))
        case KeyType.OKP:
            return VerificationKey(kid, KeyType.OKP, _algorithms(jwk, KeyType.OKP), _edwards(jwk))
        case KeyType.EC:
            algorithms, material = _elliptic(jwk)
            return VerificationKey(kid, KeyType.EC, algorithms, material)
        case other:
            raise UnusableKeyError("unknown-key-type", f"key type {quoted(other)} is not supported")


def hmac_material(secret: bytes) -> bytes:
    """A shared secret that is long enough. Raises UnusableKeyError."""
    if len(secret) < MINIMUM_HMAC_BYTES:
        reason = f"an HMAC key of {len(secret)} bytes is shorter than {MINIMUM_HMAC_BYTES}"
        raise UnusableKeyError("hmac-key-too-short", reason)
    return secret


def _kid(jwk: Mapping[str, object]) -> str:
    match jwk.get("kid", ""):
        case str(kid) if len(kid) <= MAXIMUM_KID:
            return kid
        case _:
            raise UnusableKeyError("bad-kid", f"`kid` is not a string of at most {MAXIMUM_KID} characters")


def _algorithms(jwk: Mapping[str, object], key_type: KeyType) -> frozenset[str]:
    allowed = frozenset(name for name, its_type in ALGORITHMS.items() if its_type is key_type)
    if "alg" not in jwk:
        return allowed
    return _agreed(jwk["alg"], allowed, f"a key of type `{key_type}`")


def _agreed(algorithm: object, allowed: frozenset[str], owner: str) -> frozenset[str]:
    if not isinstance(algorithm, str) or algorithm not in allowed:
        raise UnusableKeyError("wrong-algorithm", f"algorithm {quoted(algorithm)} does not fit {owner}")
    return frozenset({algorithm})


def _bytes(jwk: Mapping[str, object], member: str) -> bytes:
    value = jwk.get(member)
    if not isinstance(value, str):
        raise UnusableKeyError("missing-member", f"member `{member}` is missing or no string")
    try:
        return base64url.decode(value)
    except ValueError as problem:
        raise UnusableKeyError("bad-base64url", f"member `{member}` is {problem}") from None


def _rsa(jwk: Mapping[str, object]) -> RSAPublicKey:
    modulus, exponent = (int.from_bytes(_bytes(jwk, member)) for member in ("n", "e"))
    bits = modulus.bit_length()
    if bits < MINIMUM_RSA_BITS:
        raise UnusableKeyError("rsa-key-too-short", f"an RSA key of {bits} bits is shorter than {MINIMUM_RSA_BITS}")
    if bits > MAXIMUM_RSA_BITS:
        raise UnusableKeyError("rsa-key-too-long", f"an RSA key of {bits} bits is longer than {MAXIMUM_RSA_BITS}")
    if exponent < MINIMUM_RSA_EXPONENT or exponent.bit_length() > MAXIMUM_RSA_EXPONENT_BITS:
        raise UnusableKeyError("bad-rsa-exponent", "the RSA exponent is too small or too large")
    try:
        return RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        raise UnusableKeyError("bad-rsa-numbers", "the RSA modulus and exponent do not make a key") from None


def _elliptic(jwk: Mapping[str, object]) -> tuple[frozenset[str], ec.EllipticCurvePublicKey]:
    match jwk.get("crv"):
        case str(name) if name in _CURVES:
            algorithm, size = _CURVES[name]
        case other:
            raise UnusableKeyError("unknown-curve", f"curve {quoted(other)} is not supported")
    algorithms = _agreed(jwk.get("alg", algorithm), frozenset({algorithm}), f"curve `{name}`")
    x, y = (_bytes(jwk, member) for member in ("x", "y"))
    if len(x) != size or len(y) != size:
        raise UnusableKeyError("bad-point", f"a coordinate on `{name}` has {size} bytes")
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), _CURVE_TYPES[name]())
    try:
        return algorithms, numbers.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKeyError("bad-point", f"the point is not on `{name}`") from None


def _edwards(jwk: Mapping[str, object]) -> Ed25519PublicKey | Ed448PublicKey:
    match jwk.get("crv"):
        case str(name) if name in _EDWARDS_CURVES:
            size = _EDWARDS_CURVES[name]
        case other:
            raise UnusableKeyError("unknown-curve", f"curve {quoted(other)} is not supported")
    x = _bytes(jwk, "x")
    if len(x) != size:
        raise UnusableKeyError("bad-point", f"a key on `{name}` has {size} bytes")
    try:
        return Ed25519PublicKey.from_public_bytes(x) if name == "Ed25519" else Ed448PublicKey.from_public_bytes(x)
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKeyError("bad-point", f"the point is not on `{name}`") from None
