"""Everything there is to say about one token: each check with its own verdict, and what to change.

Verification stops at the first fault; here all checks that can still be made are made, by the same code.
The claims of a token that no known key signed are judged by the rules of the source that it seems to be
meant for. That decides nothing: `Inspection.claims` and `Inspection.refusal` are verification's own answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from syncrules.auth.claims import CHECKS, Presented
from syncrules.auth.errors import ErrorCode, TokenError
from syncrules.auth.fetch import FetchError
from syncrules.auth.hints import Unverified, hint_for, look_at
from syncrules.auth.key_set import HeldKey, NoKey, Selection, Signed, WrongAlgorithm, WrongSignature, select
from syncrules.auth.key_set_url import shown
from syncrules.auth.quoting import quoted
from syncrules.auth.source import KeySource
from syncrules.auth.supabase import is_supabase_issuer
from syncrules.auth.token import CompactToken, read_header, split_token
from syncrules.auth.verified import VerifiedClaims

if TYPE_CHECKING:
    from syncrules.auth.trust import Trust


class Verdict(StrEnum):
    """What came of a check; a note refuses nothing."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """A check and its verdict; `code` is what verification would raise. No message holds a claim in full."""

    check: str
    verdict: Verdict
    message: str
    code: ErrorCode | None = None
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """A token under every check, and what verification says of it: either `claims` or a `refusal`.

    `token` has its own words, verified or not, which are personal data.
    """

    findings: tuple[Finding, ...]
    claims: VerifiedClaims | None
    refusal: TokenError | None
    token: Unverified = field(repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """What a verifier has when it looks at a token. `failures` has each source that is fetched, with what ails it."""

    trust: "Trust"
    held: tuple[HeldKey, ...]
    failures: Mapping[KeySource, FetchError | None]

    def advice(self, code: ErrorCode, token: Unverified, selection: Selection | None) -> str | None:
        """The hint that verification would log."""
        kids = tuple(one.key.kid for one in self.held if one.key.kid)
        hint = hint_for(code, token, selection, self.trust, kids)
        return hint.message if hint is not None else None

    def likely_source(self, token: Unverified) -> KeySource | None:
        """The source that a token which no key signed seems to be meant for."""
        sources = (*dict.fromkeys(one.source for one in self.held), *self.trust.remote)
        named = [one.source for one in self.held if one.key.kid and one.key.kid == token.header.get("kid")]
        from_supabase = is_supabase_issuer(token.payload.get("iss"))
        return next(iter((*named, *(one for one in sources if one.is_supabase == from_supabase), *sources)), None)


def examine(text: str, known: Known, now: float) -> Iterator[Finding]:
    """Each check of a token. `now` is in seconds since 1970."""
    token = look_at(text)
    yield from _key_sets(known)
    try:
        segments = split_token(text)
    except TokenError as error:
        shape = f"{len(text)} characters in {text.count('.') + 1} parts"
        advice = known.advice(error.code, token, None) or "send the token as it was issued: three parts and two dots"
        yield Finding("form", Verdict.FAILED, f"{error.message}: {shape}", error.code, advice)
        return
    yield Finding("form", Verdict.PASSED, f"three base64url parts, {len(text)} characters")
    selection: Selection | None = None
    try:
        compact = read_header(segments)
    except TokenError as error:
        advice = "only the issuer can change a header: sign with a key of another kind, or leave the member out"
        yield Finding("header", Verdict.FAILED, error.message, error.code, advice)
        payload: Mapping[str, object] | None = token.payload
    else:
        named = f"`kid` is {quoted(compact.kid)}" if compact.kid else "no key is named"
        yield Finding("header", Verdict.PASSED, f"`alg` is {quoted(compact.algorithm)}, {named}")
        selection = select(compact, known.held)
        yield from _signature(compact, selection, token, known)
        payload = None
        try:
            payload = compact.read_payload()
        except TokenError as error:
            yield Finding("payload", Verdict.FAILED, error.message, error.code, "the issuer must sign plain JSON")
        else:
            yield Finding("payload", Verdict.PASSED, f"a JSON object with {len(payload)} claims")
    source = selection.source if isinstance(selection, Signed) else known.likely_source(token)
    if payload is not None and source is not None:
        yield from _claims(payload, source, token, known, now)


def _key_sets(known: Known) -> Iterator[Finding]:
    for source, failure in known.failures.items():
        name = f"{source.kind} at {shown(source.uri or '')}"
        if failure is None:
            count = sum(one.source == source for one in known.held)
            yield Finding("key-set", Verdict.PASSED, f"{name} serves {count} key{'' if count == 1 else 's'}")
        else:
            yield Finding("key-set", Verdict.NOTE, f"{name}: {failure}", None, "check the address and the network")


def _signature(compact: CompactToken, selection: Selection, token: Unverified, known: Known) -> Iterator[Finding]:
    match selection:
        case Signed(source):
            yield Finding("key", Verdict.PASSED, f"a key of kind {source.kind} fits")
            yield Finding("signature", Verdict.PASSED, f"made by that key, so the rules of {source.kind} apply")
        case WrongAlgorithm():
            message = f"the key {quoted(compact.kid)} is known, and is not for {quoted(compact.algorithm)}"
            yield _failed("key", message, ErrorCode.INVALID_TOKEN, selection, token, known)
        case WrongSignature():
            yield Finding("key", Verdict.PASSED, f"the key {quoted(compact.kid)} is known")
            message = "not made by that key, or the token was changed"
            yield _failed("signature", message, ErrorCode.BAD_SIGNATURE, selection, token, known)
        case NoKey():
            codes = [failure.code for failure in known.failures.values() if failure is not None]
            code = codes[0] if codes and not token.is_symmetric else ErrorCode.INVALID_TOKEN
            message = "no known key has the token's `kid`, and no key without one signed it"
            yield _failed("key", message, code, selection, token, known)


def _failed(
    check: str, message: str, code: ErrorCode, selection: Selection, token: Unverified, known: Known
) -> Finding:
    # An unavailable key set has no hint of its own: what else is wrong with the key is still worth saying.
    asked = ErrorCode.BAD_SIGNATURE if code is ErrorCode.BAD_SIGNATURE else ErrorCode.INVALID_TOKEN
    advice = known.advice(asked, token, selection) or "configure the key that signed it, or get a token of a known one"
    return Finding(check, Verdict.FAILED, message, code, advice)


def _claims(
    payload: Mapping[str, object], source: KeySource, token: Unverified, known: Known, now: float
) -> Iterator[Finding]:
    times = [_since(name, payload[name], now) for name in ("iat", "nbf", "exp") if name in payload]
    yield Finding("times", Verdict.NOTE, ", ".join(times) or "the token names none")
    presented = Presented(payload, source, now)
    failed: set[str] = set()
    for check in CHECKS:
        missing = failed.intersection(check.needs)
        if missing:
            failed.add(check.name)
            yield Finding(check.name, Verdict.SKIPPED, f"cannot be judged: {', '.join(sorted(missing))} failed")
            continue
        try:
            lints = check.run(presented)
        except TokenError as error:
            failed.add(check.name)
            advice = known.advice(error.code, token, Signed(source)) or check.advice
            yield Finding(check.name, Verdict.FAILED, error.message, error.code, advice)
        else:
            yield Finding(check.name, Verdict.PASSED, check.promise)
            for lint in lints:
                yield Finding(check.name, Verdict.NOTE, lint.message)


def _since(claim: str, value: object, now: float) -> str:
    """A time and how far from now it is, as far as there is a calendar for it.

    >>> _since("exp", 1_795_608_000, 1_795_600_000)
    '`exp` is 2026-11-25T12:00:00Z (in 2:13:20)'
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        return f"`{claim}` is {quoted(value)}"
    try:
        when = datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        distance = timedelta(seconds=round(abs(value - now)))
    except (ValueError, OverflowError, OSError):
        return f"`{claim}` is {quoted(value)}, which is no time"
    return f"`{claim}` is {when} ({f'in {distance}' if value > now else f'{distance} ago'})"
