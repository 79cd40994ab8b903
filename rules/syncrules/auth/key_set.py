"""Key sets: which entries of a document may verify tokens, and which keys a token is tried with.

A bad entry of a served set is left out by itself; it never costs the other keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from syncrules.auth.algorithms import KeyType, VerificationKey, made_by
from syncrules.auth.errors import Notice
from syncrules.auth.jwk import PRIVATE_MEMBERS, UnusableKeyError, read_key
from syncrules.auth.quoting import quoted
from syncrules.auth.source import KeySource
from syncrules.auth.token import CompactToken
from syncrules.values.frozen import through_slots

MAXIMUM_KEYS: Final = 100
MAXIMUM_TRIES: Final = 16
"""Signature checks for one token."""
PUBLISHED_KID: Final = "b81269f1-21d8-4f2e-b719-c2240a840d90"
"""The kid of the Supabase command line's own signing key, whose private half everybody has."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """Usable keys in the order of the document, and what is wrong with the rest of it."""

    keys: tuple[VerificationKey, ...] = ()
    notices: tuple[Notice, ...] = ()


class KeySetError(Exception):
    """A document that is no key set at all."""


def read_key_set(document: object) -> KeySet:
    """The keys of a JWKS document that can verify signatures. Raises KeySetError if it has no list of keys.

    >>> read_key_set({"keys": [None, {"kty": "oct", "k": "AAAA"}]}).keys
    ()
    """
    entries = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(entries, list):
        msg = "the document has no list of `keys`"
        raise KeySetError(msg)
    if len(entries) > MAXIMUM_KEYS:
        msg = f"the key set has more than {MAXIMUM_KEYS} keys"
        raise KeySetError(msg)
    keys: list[VerificationKey] = []
    notices: list[Notice] = []
    for index, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            notices.append(Notice("unusable-key", f"key {index} of the set is no object"))
        elif is_for_signatures(entry):
            notices.extend(warnings_about(entry, f"key {index} of the set"))
            try:
                keys.append(read_key(entry))
            except UnusableKeyError as problem:
                notices.append(Notice("unusable-key", f"key {index} of the set is left out: {problem.reason}"))
    return KeySet(tuple(keys), tuple(notices))


def is_for_signatures(entry: Mapping[str, object]) -> bool:
    """Whether a served key is public and meant for checking signatures."""
    if entry.get("kty") not in (KeyType.RSA, KeyType.EC, KeyType.OKP):
        return False
    operations = entry.get("key_ops", ["verify"])
    return entry.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def warnings_about(entry: Mapping[str, object], name: str) -> Iterable[Notice]:
    """What the operator should know about a key, though it may be used."""
    if entry.get("kty") != KeyType.OCT and not PRIVATE_MEMBERS.isdisjoint(entry):
        yield Notice("private-key-in-jwks", f"{name} shows its private half: replace it, anybody can sign with it")
    if entry.get("kid") == PUBLISHED_KID:
        message = f"{name} is the published key of the Supabase command line: anybody can sign with it"
        yield Notice("published-signing-key", message)


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key and the source whose rules it brings."""

    source: KeySource
    key: VerificationKey


@through_slots
@dataclass(frozen=True, slots=True)
class Signed:
    """A key of `source` made the signature."""

    source: KeySource


@dataclass(frozen=True, slots=True)
class WrongAlgorithm:
    """The token's kid is known, but no key of that name may be used with the token's algorithm."""


@dataclass(frozen=True, slots=True)
class WrongSignature:
    """The token's kid is known, and none of its keys made the signature."""


@dataclass(frozen=True, slots=True)
class NoKey:
    """Nothing is known by the token's kid, and no key without a kid made the signature."""


Selection = Signed | WrongAlgorithm | WrongSignature | NoKey


def select(token: CompactToken, held: Iterable[HeldKey]) -> Selection:
    """Find the key that made a token's signature.

    Keys of the token's kid exclude all others. Without one, keys that have no kid are tried.
    """
    known = tuple(held)
    named = [one for one in known if token.kid and one.key.kid == token.kid]
    if not named:
        nameless = [one for one in known if not one.key.kid and token.algorithm in one.key.algorithms]
        return _first_that_signed(token, nameless, NoKey())
    fitting = [one for one in named if token.algorithm in one.key.algorithms]
    return _first_that_signed(token, fitting, WrongSignature()) if fitting else WrongAlgorithm()


def _first_that_signed(token: CompactToken, fitting: list[HeldKey], otherwise: Selection) -> Selection:
    for one in fitting[:MAXIMUM_TRIES]:
        if made_by(one.key, token.algorithm, token.signed, token.signature):
            return Signed(one.source)
    return otherwise


def repeated_kids(held: Iterable[HeldKey]) -> Iterable[Notice]:
    """A notice for each kid that more than one source has."""
    sources: dict[str, list[KeySource]] = {}
    for one in held:
        if one.key.kid and one.source not in sources.setdefault(one.key.kid, []):
            sources[one.key.kid].append(one.source)
    for kid, owners in sources.items():
        if len(owners) > 1:
            names = " and ".join(owner.kind for owner in owners)
            yield Notice("repeated-kid", f"kid {quoted(kid)} is in more than one key source: {names}")
