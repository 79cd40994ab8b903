"""The keys of one remote source over time: when they are fetched, how long they are trusted, who waits.

A fetch runs in a thread of its own, so that threads and event loops wait for the same one and none is
held up by it for longer than it chooses to wait. Times are seconds of a clock that never goes back.
"""

import asyncio
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from syncrules.auth.errors import ErrorCode, Notice
from syncrules.auth.fetch import Fetched, FetchError, KeySetClient
from syncrules.auth.key_set import HeldKey, KeySet
from syncrules.auth.key_set_url import shown
from syncrules.auth.refusal_log import logger
from syncrules.auth.source import KeySource

REFRESH_SECONDS: Final = 300
MINIMUM_REFRESH_SECONDS: Final = 60
MAXIMUM_REFRESH_SECONDS: Final = 600
"""Supabase asks for no longer: a key that it revoked must go within minutes."""
IDLE_SECONDS: Final = 15 * 60
"""Keys that nobody has refreshed for longer are not used without asking first."""
EXPIRY_SECONDS: Final = 60 * 60
"""For so long keys survive a server that does not answer."""
DEMAND_SPACING_SECONDS: Final = 10
"""Between an attempt and a fetch for a kid that is not known."""
UNKNOWN_KID_SECONDS: Final = 60
MAXIMUM_UNKNOWN_KIDS: Final = 256
MAXIMUM_BACKOFF_SECONDS: Final = 60
_GRACE_SECONDS: Final = 5
"""After a fetch's own deadline; a fetch that is out for longer is lost (a forked process, say)."""

Flight = Future[None]
"""A fetch that is under way. It ends without an error, whatever the server does."""


class RemoteKeys:
    """The keys of one URI. Safe to use from many threads and event loops."""

    def __init__(self, source: KeySource, client: KeySetClient, elapsed: Callable[[], float]) -> None:
        self.source = source
        self._client = client
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._set = KeySet()
        self._loaded_at = float("-inf")
        self._attempted_at = float("-inf")
        self._refresh_seconds: float = REFRESH_SECONDS
        self._failures = 0
        self._retry_at = float("-inf")
        self._problem: FetchError | None = None
        self._flight: Flight | None = None
        self._unknown: dict[str, float] = {}
        self._changes = 0

    def held(self) -> tuple[HeldKey, ...]:
        """The keys that may be used now."""
        with self._lock:
            self._expire(self._elapsed())
            keys = self._set.keys
        return tuple(HeldKey(self.source, key) for key in keys)

    def changes(self) -> int:
        """How often the keys that may be used have changed. Never falls."""
        with self._lock:
            self._expire(self._elapsed())
            return self._changes

    def notices(self) -> tuple[Notice, ...]:
        """What is wrong with the set that was served last."""
        return self._set.notices

    def failure(self) -> FetchError | None:
        """Why the source cannot be relied on just now, or None."""
        with self._lock:
            if self._problem is None and self._loaded_at == float("-inf"):
                return FetchError("the server has not answered yet")
            return self._problem

    def due(self) -> Flight | None:
        """The fetch to wait for before the keys are used, if any. Starts a refresh when it is time."""
        with self._lock:
            now = self._elapsed()
            age = now - self._loaded_at
            flight = self._current(now)
            if flight is None and age > self._refresh_seconds and now >= self._retry_at:
                flight = self._start(now)
            must_wait = age > EXPIRY_SECONDS or (age > IDLE_SECONDS and self._failures == 0)
            return flight if must_wait else None

    def demand(self, kid: str) -> Flight | None:
        """The fetch to wait for because a token names a kid that is not known, if one is allowed."""
        with self._lock:
            now = self._elapsed()
            if self._unknown.get(kid, float("-inf")) > now:
                return None
            flight = self._current(now)
            if flight is None and now >= max(self._attempted_at + DEMAND_SPACING_SECONDS, self._retry_at):
                flight = self._start(now)
            return flight

    def remember_unknown(self, kid: str) -> None:
        """Do not ask for `kid` again for a while: the server was asked and does not have it."""
        with self._lock:
            now = self._elapsed()
            if self._failures == 0 and now - self._loaded_at < DEMAND_SPACING_SECONDS:
                while len(self._unknown) >= MAXIMUM_UNKNOWN_KIDS:
                    del self._unknown[next(iter(self._unknown))]
                self._unknown.pop(kid, None)
                self._unknown[kid] = now + UNKNOWN_KID_SECONDS

    def _expire(self, now: float) -> None:
        if self._set.keys and now - self._loaded_at > EXPIRY_SECONDS:
            self._replace(KeySet())

    def _replace(self, keys: KeySet) -> None:
        self._changes += keys.keys != self._set.keys
        self._set = keys

    def _current(self, now: float) -> Flight | None:
        lost_at = self._attempted_at + self._client.seconds + _GRACE_SECONDS
        return self._flight if now < lost_at else None

    def _start(self, now: float) -> Flight:
        flight: Flight = Future()
        # Others may wait for it, so nobody who stops waiting can cancel it.
        flight.set_running_or_notify_cancel()
        self._attempted_at, self._flight = now, flight
        thread = threading.Thread(target=self._fly, args=(flight,), name="syncrules-key-set", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self._note(FetchError("no thread can be started"), now)
            flight.set_result(None)
        return flight

    def _fly(self, flight: Flight) -> None:
        asyncio.run(self._fetch(flight))

    async def _fetch(self, flight: Flight) -> None:
        outcome: Fetched | FetchError
        try:
            outcome = await self._client.fetch(self.source.uri or "")
        except FetchError as problem:
            outcome = problem
        except Exception as problem:  # noqa: BLE001  (who waits must be released, whatever went wrong)
            outcome = FetchError(
                f"unexpected error while refreshing ({type(problem).__name__})", ErrorCode.UNUSABLE_KEY
            )
        if isinstance(outcome, FetchError):
            logger.warning("key set at %s cannot be fetched: %s", shown(self.source.uri or ""), outcome)
        with self._lock:
            if flight is self._flight:
                self._note(outcome, self._elapsed())
        flight.set_result(None)

    def _note(self, outcome: Fetched | FetchError, now: float) -> None:
        self._flight = None
        match outcome:
            case Fetched(keys, max_age):
                asked = REFRESH_SECONDS if max_age is None else max_age
                self._replace(keys)
                self._loaded_at = now
                self._refresh_seconds = min(max(asked, MINIMUM_REFRESH_SECONDS), MAXIMUM_REFRESH_SECONDS)
                self._failures, self._retry_at, self._problem = 0, float("-inf"), None
            case FetchError():
                self._failures += 1
                self._problem = outcome
                self._retry_at = self._attempted_at + backoff(self._failures)


def backoff(failures: int) -> float:
    """Seconds from an attempt to the next after so many failures in a row: doubling, up to a minute.

    Servers that fail for all at once must not be asked by all at once again, hence the jitter.
    """
    longest = min(2.0 ** min(failures - 1, 10), float(MAXIMUM_BACKOFF_SECONDS))
    return longest * random.uniform(0.75, 1.0)  # noqa: S311  (no secret depends on it)
