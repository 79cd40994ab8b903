"""Tokens that were accepted not long ago, so that a client who reconnects costs no signature check.

A token is known by its SHA-256 digest, so the cache holds no token. What it gives is what verification
would give again: an entry counts only while the clock is inside the token's own times and while the keys
that were asked for it are the same ones.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from syncrules.auth.claims import Judgement
from syncrules.auth.remote import RemoteKeys
from syncrules.auth.token import MAXIMUM_TOKEN
from syncrules.auth.verified import VerifiedClaims
from syncrules.values.frozen import through_slots

REMEMBERED_CHARACTERS: Final = 8 * 1024 * 1024
"""Characters of all remembered tokens together: about 10,000 of Supabase's."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """Which keys a token was tried with: the key sets that were asked, and how often they had changed."""

    asked: tuple[RemoteKeys, ...] = ()
    changes: tuple[int, ...] = ()

    def holds(self) -> bool:
        """Whether the keys are still the same, and none of the sets must be fetched before it is used."""
        for remote, changes in zip(self.asked, self.changes, strict=True):
            if remote.due() is not None or remote.changes() != changes:
                return False
        return True


NO_SETS: Final = KeyState()
"""Keys that no set was asked for."""


def state_of(asked: Iterable[RemoteKeys]) -> KeyState:
    """The state of key sets now; to be taken before their keys are read, so that no change is missed."""
    sets = tuple(asked)
    return KeyState(sets, tuple(remote.changes() for remote in sets))


@through_slots
@dataclass(frozen=True, slots=True)
class _Remembered:
    claims: VerifiedClaims
    judgement: Judgement
    keys: KeyState
    size: int


class TokenCache:
    """Accepted tokens, the least recently used of which are forgotten first. Safe to use from many threads."""

    def __init__(self, characters: int) -> None:
        self._characters = characters
        self._size = 0
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, _Remembered] = OrderedDict()

    def find(self, token: object, now: float) -> VerifiedClaims | None:
        """The claims of a token that would be accepted at `now`, if it is remembered."""
        if not self._known or not isinstance(token, str) or len(token) > MAXIMUM_TOKEN or not token.isascii():
            return None
        digest = _digest(token)
        with self._lock:
            found = self._known.get(digest)
            if found is None or not found.judgement.begins_at <= now < found.judgement.ends_at:
                return None
            self._known.move_to_end(digest)
        if found.keys is NO_SETS or found.keys.holds():
            return found.claims
        with self._lock:
            self._drop(digest)
        return None

    def remember(self, token: str, claims: VerifiedClaims, judgement: Judgement, keys: KeyState) -> None:
        """Keep an accepted token; `keys` is the state from before its signature was checked."""
        if len(token) > self._characters:
            return
        digest = _digest(token)
        with self._lock:
            self._drop(digest)
            self._known[digest] = _Remembered(claims, judgement, keys, len(token))
            self._size += len(token)
            while self._size > self._characters:
                self._drop(next(iter(self._known)))

    def _drop(self, digest: bytes) -> None:
        dropped = self._known.pop(digest, None)
        if dropped is not None:
            self._size -= dropped.size


def _digest(token: str) -> bytes:
    return sha256(token.encode("ascii")).digest()
