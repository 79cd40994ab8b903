"""Keys that sign: for tests, for development, and for a server of one's own that issues tokens.

Nothing that verifies uses this module.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.api_jws import PyJWS
from jwt.exceptions import InvalidKeyError, PyJWKError

from syncrules.auth import base64url
from syncrules.auth.jwk import PRIVATE_MEMBERS, UnusableKeyError, hmac_material, read_key

RSA_BITS: Final = 2048

_GENERATORS: Final[dict[str, Callable[[], Any]]] = {
    "ES256": lambda: ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True),
    "ES384": lambda: ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()), as_dict=True),
    "ES512": lambda: ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP521R1()), as_dict=True),
    "RS256": lambda: RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, RSA_BITS), as_dict=True),
    "EdDSA": lambda: OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate(), as_dict=True),
}
ALGORITHMS: Final = tuple(_GENERATORS)
"""What a key pair can be made for; Supabase's own default comes first."""
_THUMBPRINT_MEMBERS: Final = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, or a shared secret. `kid` is empty where tokens name no key."""

    kid: str
    algorithm: str
    private_jwk: Mapping[str, object] = field(repr=False)

    @classmethod
    def generate(cls, algorithm: str, kid: str | None = None) -> Self:
        """A new key pair; without a `kid` it is named by its thumbprint (RFC 7638).

        >>> key = SigningKey.generate("ES256", "today")
        >>> sorted(key.public_jwk())
        ['alg', 'crv', 'key_ops', 'kid', 'kty', 'use', 'x', 'y']
        """
        made = {name: value for name, value in _GENERATORS[algorithm]().items() if name != "key_ops"}
        named = kid or thumbprint(made)
        return cls(named, algorithm, {"kid": named, "alg": algorithm, "use": "sig", **made})

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, object]) -> Self:
        """The key of a private JWK, or of a shared one. Raises UnusableKeyError without a word of it."""
        key = read_key(jwk)
        if jwk.get("kty") != "oct" and "d" not in jwk:
            raise UnusableKeyError("public-key", "the key is a public one, and cannot sign")
        algorithm = jwk.get("alg")
        named = algorithm if isinstance(algorithm, str) else min(key.algorithms)
        return cls(key.kid, named, dict(jwk))

    @classmethod
    def from_secret(cls, secret: str) -> Self:
        """A Supabase project's shared secret: HS256, and no key is named. Raises UnusableKeyError."""
        material = hmac_material(secret.encode("utf-8"))
        return cls("", "HS256", {"kty": "oct", "alg": "HS256", "k": base64url.encode(material)})

    def public_jwk(self) -> dict[str, object]:
        """The public half, as a key set serves it. Raises UnusableKeyError for a shared secret."""
        if self.private_jwk.get("kty") == "oct":
            raise UnusableKeyError("shared-secret", "a shared secret has no public half")
        public = {name: value for name, value in self.private_jwk.items() if name not in PRIVATE_MEMBERS}
        return {**public, "use": "sig", "key_ops": ["verify"]}

    def sign(self, claims: Mapping[str, object]) -> str:
        """A token with these claims. Raises UnusableKeyError for a private key that is none.

        >>> SigningKey.from_secret("a secret of more than sixteen bytes").sign({"sub": "ada"}).count(".")
        2
        """
        header = {"kid": self.kid} if self.kid else None
        body = json.dumps(claims, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        try:
            key = PyJWK({**self.private_jwk, "alg": self.algorithm})
            return PyJWS().encode(body, key.key, self.algorithm, header)
        except (PyJWKError, InvalidKeyError, ValueError):
            raise UnusableKeyError("bad-private-key", "the private members do not make a key") from None


def thumbprint(jwk: Mapping[str, object]) -> str:
    """The name of a key that only the key decides (RFC 7638, SHA-256).

    >>> thumbprint({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
    """
    members = {name: jwk[name] for name in _THUMBPRINT_MEMBERS[str(jwk["kty"])]}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return base64url.encode(hashlib.sha256(text.encode()).digest())
