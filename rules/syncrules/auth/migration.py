"""Two configurations and the tokens that are out there: which of them still work after the change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from syncrules.auth.errors import TokenError
from syncrules.auth.verified import VerifiedClaims
from syncrules.auth.verifier import Verifier

Answer = VerifiedClaims | TokenError


class Effect(StrEnum):
    """What the change means for one token."""

    KEPT = "kept"
    LOST = "lost"
    GAINED = "gained"
    OTHER_USER = "other user"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A token by the name that its owner gave it, and what both configurations answer."""

    name: str
    before: Answer
    after: Answer

    @property
    def effect(self) -> Effect:
        """What the change means for the token."""
        match self.before, self.after:
            case VerifiedClaims(user_id=old), VerifiedClaims(user_id=new):
                return Effect.KEPT if old == new else Effect.OTHER_USER
            case VerifiedClaims(), _:
                return Effect.LOST
            case _, VerifiedClaims():
                return Effect.GAINED
            case _:
                return Effect.REFUSED

    @property
    def is_safe(self) -> bool:
        """Whether whoever holds the token notices nothing, and nobody is let in who was not."""
        return self.effect in {Effect.KEPT, Effect.REFUSED}


def compare(before: Verifier, after: Verifier, tokens: Mapping[str, str], now: float) -> Iterator[Comparison]:
    """What each of some named tokens is under two configurations, as of `now`, in seconds since 1970."""
    for name, token in tokens.items():
        yield Comparison(name, _answer(before, token, now), _answer(after, token, now))


def _answer(verifier: Verifier, token: str, now: float) -> Answer:
    try:
        return verifier.verify(token, now)
    except TokenError as refusal:
        return refusal
