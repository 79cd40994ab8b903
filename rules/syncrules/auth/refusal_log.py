"""Refusals in the log: why, with what the token says of itself, clipped and escaped, and not too often.

Never here: the token, a key, other claims. A line's repeats within a minute are counted, not written.
"""

import logging
import re
import threading
from collections.abc import Callable
from typing import Final

from syncrules.auth.errors import Notice, TokenError
from syncrules.auth.hints import Unverified
from syncrules.auth.quoting import SHORT, quoted

REPEAT_SECONDS: Final = 60
MAXIMUM_LINES: Final = 64
"""Kinds of lines that are remembered."""

_FOREIGN = re.compile(r"`[^`]*`|\d+")
_HEADER: Final = ("alg", "kid", "typ")
_CLAIMS: Final = ("iss", "aud", "sub", "iat", "exp", "role", "session_id")

logger = logging.getLogger("syncrules.auth")
logger.addHandler(logging.NullHandler())  # an application that sets up no logging sees none


class RefusalLog:
    """Writes refusals and lints. Safe to use from many threads."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._written: dict[tuple[str, str], tuple[float, int]] = {}
        self._linted: set[str] = set()

    def refused(self, error: TokenError, token: Unverified) -> None:
        """Write a refusal."""
        hint = error.hint
        # What the token brought is left out: a sender who varies it must not get a line each time.
        kind = hint.code if hint is not None else _FOREIGN.sub("", error.message)
        repeats = self._repeats((error.code, kind))
        if repeats is None:
            return
        advice = f"; hint {hint.code}: {hint.message}" if hint is not None else ""
        again = f" ({repeats} more before)" if repeats else ""
        logger.warning("token refused: %s%s; %s%s", error, advice, describe(token), again)

    def linted(self, lints: tuple[Notice, ...]) -> None:
        """Write each kind of lint once."""
        for lint in lints:
            with self._lock:
                fresh = lint.code not in self._linted
                self._linted.add(lint.code)
            if fresh:
                logger.warning("token accepted, but %s: %s", lint.code, lint.message)

    def _repeats(self, line: tuple[str, str]) -> int | None:
        """How often the line was held back, or None to hold it back once more."""
        with self._lock:
            now = self._elapsed()
            written_at, held_back = self._written.get(line, (float("-inf"), 0))
            if now - written_at < REPEAT_SECONDS:
                self._written[line] = (written_at, held_back + 1)
                return None
            self._written.pop(line, None)
            while len(self._written) >= MAXIMUM_LINES:
                del self._written[next(iter(self._written))]
            self._written[line] = (now, 0)
            return held_back


def describe(token: Unverified) -> str:
    """The words of a token that may be logged.

    >>> describe(Unverified("a.b", {"alg": "HS256"}, {}))
    'parts=2 length=3 alg=`HS256`'
    """
    words = [f"parts={token.text.count('.') + 1} length={len(token.text)}"]
    words += [f"{name}={quoted(token.header[name], SHORT)}" for name in _HEADER if name in token.header]
    words += [f"{name}={quoted(token.payload[name], SHORT)}" for name in _CLAIMS if name in token.payload]
    return " ".join(words)
