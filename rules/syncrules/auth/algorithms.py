"""The signature algorithms that may verify a token, and the one place that checks a signature.

The list is fixed, and it is the key that says which of them it may be used with: a token never does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

Material = bytes | EllipticCurvePublicKey | Ed448PublicKey | Ed25519PublicKey | RSAPublicKey


class KeyType(StrEnum):
    """The `kty` of a JWK."""

    OCT = "oct"
    RSA = "RSA"
    EC = "EC"
    OKP = "OKP"


ALGORITHMS: Final = {
    "HS256": KeyType.OCT,
    "HS384": KeyType.OCT,
    "HS512": KeyType.OCT,
    "RS256": KeyType.RSA,
    "RS384": KeyType.RSA,
    "RS512": KeyType.RSA,
    "ES256": KeyType.EC,
    "ES384": KeyType.EC,
    "ES512": KeyType.EC,
    "EdDSA": KeyType.OKP,
}
"""Algorithm name to the type of the keys that it works with."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A key that was checked to be usable. `kid` is empty for a key that may verify any token."""

    kid: str
    key_type: KeyType
    algorithms: frozenset[str]
    material: Material = field(repr=False)


def is_symmetric(algorithm: str) -> bool:
    """Whether who verifies could also sign, so that no public key set ever holds such a key.

    >>> is_symmetric("HS256"), is_symmetric("ES256")
    (True, False)
    """
    return ALGORITHMS[algorithm] is KeyType.OCT


def made_by(key: VerificationKey, algorithm: str, signed: bytes, signature: bytes) -> bool:
    """Whether `key`, used with `algorithm`, made `signature` of `signed`.

    A key that is not for the algorithm, and a key that fails, did not make it.
    """
    if algorithm not in key.algorithms or ALGORITHMS[algorithm] is not key.key_type:
        return False
    try:
        return _verifiers()[algorithm](signed, key.material, signature) is True
    except Exception:  # noqa: BLE001  (whatever a library raises about one key, the others are still tried)
        return False


@cache
def _verifiers() -> dict[str, Callable[[bytes, Material, bytes], bool]]:
    # PyJWT takes longer to import than the rest of the package; configurations are read without it.
    from jwt.algorithms import get_default_algorithms

    known = get_default_algorithms()
    return {name: known[name].verify for name in ALGORITHMS}
