"""The verifier: a token in, verified claims or a refusal out.

The order of the steps is fixed: form, header, key, signature, payload, claims, user id. The steps are a
generator that yields the fetches it would wait for; one driver blocks, the other awaits.
"""

import asyncio
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import wait
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from syncrules.auth.algorithms import is_symmetric
from syncrules.auth.claims import judge
from syncrules.auth.errors import ErrorCode, Notice, TokenError
from syncrules.auth.fetch import KeySetClient
from syncrules.auth.hints import Unverified, hint_for, look_at
from syncrules.auth.inspection import Inspection, Known, examine
from syncrules.auth.key_set import (
    HeldKey,
    NoKey,
    Selection,
    Signed,
    WrongAlgorithm,
    WrongSignature,
    repeated_kids,
    select,
)
from syncrules.auth.key_set_url import shown
from syncrules.auth.refusal_log import RefusalLog, logger
from syncrules.auth.remote import Flight, RemoteKeys
from syncrules.auth.source import KeySource
from syncrules.auth.token import CompactToken, read_authorization, read_token
from syncrules.auth.token_cache import NO_SETS, REMEMBERED_CHARACTERS, KeyState, TokenCache, state_of
from syncrules.auth.verified import VerifiedClaims, seal

if TYPE_CHECKING:
    from syncrules.auth.config import AuthConfig, ClientAuth
    from syncrules.auth.trust import Trust

WAIT_SECONDS: Final = 3.0
"""The longest that one token waits for key sets; a fetch that takes longer goes on without it."""

Steps = Generator[tuple[Flight, ...], None, VerifiedClaims]


class Verifier:
    """Verifies the tokens of one configuration. Safe to share between threads and event loops."""

    def __init__(
        self,
        trust: "Trust",
        client: KeySetClient | None = None,
        now: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = time.monotonic,
        remembered: int = REMEMBERED_CHARACTERS,
    ) -> None:
        self._trust = trust
        self._named = tuple(one for one in trust.held if one.key.kid)
        self._cache = TokenCache(remembered)
        self._now = now
        self._log = RefusalLog(elapsed)
        fetcher = client if client is not None else KeySetClient(trust.addresses)
        self._remote = tuple(RemoteKeys(source, fetcher, elapsed) for source in trust.remote)

    @classmethod
    def from_config(
        cls,
        config: "str | Path | Mapping[str, object] | ClientAuth | AuthConfig",
        *,
        client: KeySetClient | None = None,
        now: Callable[[], float] = time.time,
        remembered: int = REMEMBERED_CHARACTERS,
    ) -> Self:
        """A verifier for a configuration: a file's path, its content, or a model. Raises ConfigError.

        `now` tells the time in seconds since 1970; `client` replaces how key sets are fetched. Accepted
        tokens are remembered, up to `remembered` characters of them together (0: none), so that to verify
        one again costs microseconds: a server can do so as often as it likes, to notice that its key is gone.

        >>> key = {"kty": "oct", "alg": "HS256", "k": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}
        >>> verifier = Verifier.from_config({"jwks": {"keys": [key]}, "audience": ["sync"]})
        >>> verifier.verify("not-a-token")
        Traceback (most recent call last):
        syncrules.auth.errors.TokenError: PSYNC_S2101: token is not a well-formed JWT
        """
        # The models take longer to import than all the rest, and who is handed claims needs none.
        from syncrules.auth.trust import load_trust

        trust = load_trust(config)
        for source in trust.remote:
            logger.info("configured %s keys from %s", source.kind, shown(source.uri or ""))
        for notice in trust.notices:
            logger.warning("%s: %s", notice.code, notice.message)
        return cls(trust, client, now, remembered=remembered)

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """What is wrong with the configuration, and with the key sets that were fetched so far."""
        served = [notice for remote in self._remote for notice in remote.notices()]
        repeated = repeated_kids(self._held())
        return tuple(dict.fromkeys((*self._trust.notices, *served, *repeated)))

    def verify(self, token: str, now: float | None = None) -> VerifiedClaims:
        """The claims of a token. Raises TokenError. May wait up to `WAIT_SECONDS` for a key set."""
        known = self._cache.find(token, self._now() if now is None else now)
        if known is not None:
            return known
        steps = self._verification(token, now)
        try:
            flights = next(steps)
            while True:
                wait(flights, WAIT_SECONDS)
                flights = steps.send(None)
        except StopIteration as finished:
            return _claims(finished)

    async def verify_async(self, token: str, now: float | None = None) -> VerifiedClaims:
        """The claims of a token, as `verify`, without blocking the event loop."""
        known = self._cache.find(token, self._now() if now is None else now)
        if known is not None:
            return known
        steps = self._verification(token, now)
        try:
            flights = next(steps)
            while True:
                await asyncio.wait([asyncio.wrap_future(flight) for flight in flights], timeout=WAIT_SECONDS)
                flights = steps.send(None)
        except StopIteration as finished:
            return _claims(finished)

    def verify_header(self, authorization: str | None, now: float | None = None) -> VerifiedClaims:
        """The claims of the token in an `Authorization` header. Raises TokenError."""
        return self.verify(self._token_of(authorization), now)

    async def verify_header_async(self, authorization: str | None, now: float | None = None) -> VerifiedClaims:
        """The claims of the token in an `Authorization` header. Raises TokenError."""
        return await self.verify_async(self._token_of(authorization), now)

    def inspect(self, token: str, now: float | None = None) -> Inspection:
        """Every check of a token with its own verdict, for people who look for what is wrong with it.

        >>> key = {"kty": "oct", "alg": "HS256", "k": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}
        >>> verifier = Verifier.from_config({"jwks": {"keys": [key]}, "audience": ["sync"]})
        >>> [(found.check, found.message) for found in verifier.inspect("a.b").findings]
        [('form', 'token is not a well-formed JWT: 3 characters in 2 parts')]
        """
        time_of_check = self._now() if now is None else now
        wait([flight for remote in self._remote if (flight := remote.due()) is not None], WAIT_SECONDS)
        claims, refusal = None, None
        try:
            claims = self.verify(token, time_of_check)
        except TokenError as error:
            refusal = error
        failures = {remote.source: remote.failure() for remote in self._remote}
        known = Known(self._trust, self._held(), failures)
        return Inspection(tuple(examine(str(token), known, time_of_check)), claims, refusal, look_at(token))

    def _token_of(self, authorization: str | None) -> str:
        try:
            return read_authorization(authorization)
        except TokenError as error:
            self._log.refused(error, Unverified())
            raise

    def _verification(self, token: str, now: float | None) -> Steps:
        selection: Selection | None = None
        try:
            compact = read_token(token)
            selection, keys = yield from self._selection(compact)
            source = self._signer(compact, selection)
            payload = compact.read_payload()
            accepted = judge(payload, source, self._now() if now is None else now)
            claims = seal(payload, accepted, source.kind, compact.algorithm)
            self._cache.remember(token, claims, accepted, keys)
        except TokenError as error:
            words = look_at(token)
            refusal = self._with_hint(error, words, selection)
        except Exception as problem:  # noqa: BLE001  (an input that breaks the verifier is refused like any other)
            logger.error("verification failed: %s", type(problem).__name__)
            words = Unverified()
            refusal = TokenError(ErrorCode.INVALID_TOKEN, "token cannot be verified")
        else:
            self._log.linted(claims.lints)
            return claims
        self._log.refused(refusal, words)
        raise refusal

    def _selection(self, token: CompactToken) -> Generator[tuple[Flight, ...], None, tuple[Selection, KeyState]]:
        # A key at hand needs no server; by its own kid it also excludes all keys without one.
        found = select(token, self._named)
        if isinstance(found, Signed):
            return found, NO_SETS
        # A key set never holds a shared secret: only by a kid could it have a say about one.
        asked = self._remote if token.kid or not is_symmetric(token.algorithm) else ()
        flights = {remote: remote.due() for remote in asked}
        due = [flight for flight in flights.values() if flight is not None]
        if due:
            ready = [remote for remote, flight in flights.items() if flight is None]
            state = state_of(ready)
            found = select(token, [one for remote in ready for one in remote.held() if one.key.kid])
            if isinstance(found, Signed):
                return found, state
            yield tuple(due)
        state = state_of(asked)
        found = select(token, self._held())
        if isinstance(found, NoKey) and not is_symmetric(token.algorithm) and self._remote:
            demanded = [flight for remote in self._remote if (flight := remote.demand(token.kid)) is not None]
            # One that was waited for already is not waited for again.
            demanded = [flight for flight in demanded if flight not in due]
            if demanded:
                yield tuple(demanded)
                state = state_of(asked)
                found = select(token, self._held())
            if isinstance(found, NoKey):
                for remote in self._remote:
                    remote.remember_unknown(token.kid)
        return found, state

    def _signer(self, token: CompactToken, selection: Selection) -> KeySource:
        match selection:
            case Signed(source):
                return source
            case WrongAlgorithm():
                raise TokenError(ErrorCode.INVALID_TOKEN, "unexpected token algorithm")
            case WrongSignature():
                raise TokenError(ErrorCode.BAD_SIGNATURE, "token signature does not match")
            case NoKey():
                if not is_symmetric(token.algorithm):
                    for remote in self._remote:
                        failure = remote.failure()
                        if failure is not None:
                            raise TokenError(failure.code, "the key set is not available")
                message = (
                    "could not find an appropriate key in the keystore: the key is missing or no key matched "
                    "the token KID"
                )
                raise TokenError(ErrorCode.INVALID_TOKEN, message)

    def _held(self) -> tuple[HeldKey, ...]:
        return (*self._trust.held, *(one for remote in self._remote for one in remote.held()))

    def _with_hint(self, error: TokenError, token: Unverified, selection: Selection | None) -> TokenError:
        kids = tuple(one.key.kid for one in self._held() if one.key.kid)
        try:
            hint = hint_for(error.code, token, selection, self._trust, kids)
        except Exception as problem:  # noqa: BLE001  (advice must not turn a refusal into something else)
            logger.error("no hint can be made: %s", type(problem).__name__)
            hint = None
        return TokenError(error.code, error.message, hint)


def _claims(finished: StopIteration) -> VerifiedClaims:
    claims: VerifiedClaims = finished.value
    return claims
