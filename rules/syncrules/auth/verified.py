"""Verified claims: the only thing that a request can be made from, and who may make it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType
from typing import NoReturn, Self, TypeVar

from syncrules.auth.claims import Judgement
from syncrules.auth.errors import Notice
from syncrules.auth.source import SourceKind

Claim = None | bool | int | float | str | tuple["Claim", ...] | Mapping[str, "Claim"]
"""A JSON value that cannot change: arrays are tuples, objects are read-only mappings."""


_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, init=False, repr=False)
class VerifiedClaims:
    """The claims of one accepted token. Only a Verifier makes them, or a test that says so.

    `user_id` is the verified subject; it is None only in claims made by a test without a text as `sub`.
    `claims["sub"]` is the same text. `expires_at` is in seconds since 1970: a stream must end then.
    """

    user_id: str | None
    claims: Mapping[str, Claim]
    source: SourceKind
    algorithm: str | None
    expires_at: float | None
    lints: tuple[Notice, ...]

    def __init__(self) -> None:
        msg = "only a verifier makes verified claims; tests use VerifiedClaims.unverified_for_testing"
        raise TypeError(msg)

    @classmethod
    def unverified_for_testing(cls, claims: Mapping[str, object]) -> Self:
        """Claims that nobody signed. Raises TypeError or ValueError for what is not JSON.

        >>> VerifiedClaims.unverified_for_testing({"sub": "ada", "role": "x"})
        VerifiedClaims(user_id='ada', source='testing', 2 claims)
        """
        frozen = _freeze_object(claims)
        subject, expires_at = frozen.get("sub"), frozen.get("exp")
        return _fill(
            object.__new__(cls),
            user_id=subject if isinstance(subject, str) else None,
            claims=frozen,
            source=SourceKind.TESTING,
            algorithm=None,
            expires_at=expires_at if _is_number(expires_at) else None,
            lints=(),
        )

    def claims_json(self) -> str:
        """The claims as JSON text, in the order in which they were signed."""
        return json.dumps(self.claims, ensure_ascii=False, separators=(",", ":"), default=_thaw)

    def __repr__(self) -> str:
        """Names the user and no claim: personal data stays out of logs."""
        user, source = repr(self.user_id), repr(self.source.value)
        return f"VerifiedClaims(user_id={user}, source={source}, {len(self.claims)} claims)"

    def __reduce__(self) -> NoReturn:
        """Refused: claims that come out of a store are not verified."""
        msg = "verified claims cannot be pickled"
        raise TypeError(msg)


def seal(payload: Mapping[str, object], judgement: Judgement, source: SourceKind, algorithm: str) -> VerifiedClaims:
    """Claims of a token that was accepted. For the verifier alone; `payload` was read as strict JSON."""
    claims = _freeze_object({**payload, "sub": judgement.user_id})
    return _fill(
        object.__new__(VerifiedClaims),
        user_id=judgement.user_id,
        claims=claims,
        source=source,
        algorithm=algorithm,
        expires_at=judgement.expires_at,
        lints=judgement.lints,
    )


def _fill(made: _Made, **values: object) -> _Made:
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def _freeze_object(value: Mapping[str, object]) -> Mapping[str, Claim]:
    for name in value:
        if not isinstance(name, str):
            msg = "a claim's name must be a text"
            raise TypeError(msg)
    return MappingProxyType({name: _freeze(item) for name, item in value.items()})


def _freeze(value: object) -> Claim:
    if type(value) is str or type(value) is int:
        # What most claims are.
        return value
    match value:
        case None | bool() | int() | str():
            return value
        case float() if isfinite(value):
            return value
        case float():
            msg = "NaN and Infinity are not JSON"
            raise ValueError(msg)
        case list() | tuple():
            return tuple(_freeze(item) for item in value)
        case Mapping():
            return _freeze_object(value)
        case _:
            msg = f"a {type(value).__name__} is not a JSON value"
            raise TypeError(msg)


def _thaw(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    msg = f"a {type(value).__name__} is not a JSON value"
    raise TypeError(msg)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
