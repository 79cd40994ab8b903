"""An inspection shows what verification says, and the rest of what is wrong."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules.auth import ConfigError, ErrorCode, Verifier
from syncrules.auth.inspection import Inspection, Verdict
from tests.auth.key_server import document, key_server
from tests.auth.signing import CONFIG, NOW, STATIC_KEY, USER, es256, hs256, payload
from tests.conformance.test_tokens import cases
from tests.conformance.tokens import verifier_of

VERIFIER = Verifier.from_config(CONFIG, now=lambda: NOW)


def failures(inspection: Inspection) -> list[ErrorCode | None]:
    return [found.code for found in inspection.findings if found.verdict is Verdict.FAILED]


def assert_agrees(inspection: Inspection) -> None:
    """The first failure has verification's code, and without one the token is accepted."""
    found = failures(inspection)
    if inspection.refusal is None:
        assert inspection.claims is not None and found == []
    else:
        assert inspection.claims is None and found[0] is inspection.refusal.code
    advised = [finding.advice for finding in inspection.findings if finding.verdict is Verdict.FAILED]
    assert all(advised)


TOKENS = [case for case in cases("tokens.jsonl.gz") if "token" in case]


@pytest.mark.parametrize("case", TOKENS, ids=lambda case: case["name"])
def test_the_first_failure_of_every_judged_token_is_verifications(case):
    try:
        verifier = verifier_of(case)
    except ConfigError:
        return
    assert_agrees(verifier.inspect(str(case["token"])))


JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(max_size=3), max_size=2)
CLAIMS = ("sub", "iat", "exp", "nbf", "aud", "parameters", "iss", "client_id")


@given(
    st.dictionaries(st.sampled_from(CLAIMS), JSON, max_size=4),
    st.dictionaries(st.sampled_from(("kid", "typ", "alg")), JSON, max_size=1),
    st.sets(st.sampled_from(CLAIMS[:5])),
)
@settings(deadline=None, max_examples=300)
def test_whatever_is_signed_is_inspected_as_it_is_verified(changes, header, left_out):
    claims = {name: value for name, value in payload(**changes).items() if name not in left_out}
    assert_agrees(VERIFIER.inspect(hs256(claims, header)))


@given(st.text() | st.text("ey.J_-0", max_size=60))
@settings(deadline=None)
def test_any_text_can_be_inspected(text):
    assert_agrees(VERIFIER.inspect(text))


@pytest.mark.parametrize("value", [None, b"a.b.c", 5, ["a"]])
def test_what_is_no_text_is_inspected_too(value):
    assert_agrees(VERIFIER.inspect(value))


def test_everything_that_is_wrong_is_shown_at_once():
    token = hs256(payload(aud="other", iat=NOW - 10_000_000, exp=NOW - 5000, parameters=1), secret=bytes(32))
    inspection = VERIFIER.inspect(token)
    failed = {found.check: found.code for found in inspection.findings if found.verdict is Verdict.FAILED}
    assert failed == {
        "key": ErrorCode.INVALID_TOKEN,
        "expiry": ErrorCode.EXPIRED,
        "audience": ErrorCode.AUDIENCE,
        "lifetime": ErrorCode.LIFETIME,
        "parameters": ErrorCode.INVALID_TOKEN,
    }


def test_what_a_failure_makes_meaningless_is_not_judged():
    verdicts = {found.check: found.verdict for found in VERIFIER.inspect(hs256(payload(exp="soon"))).findings}
    assert verdicts["expiry-time"] is Verdict.FAILED
    assert {verdicts[check] for check in ("expiry", "issued", "lifetime")} == {Verdict.SKIPPED}


def test_key_sets_are_asked_and_shown_even_if_the_token_needs_none():
    with key_server(es256().jwk) as up, key_server() as down:
        down.reply = document({}, 500)
        config = {**CONFIG, "jwks_uri": [up.uri, down.uri]}
        found = Verifier.from_config(config, now=lambda: NOW).inspect(hs256(payload())).findings
    sets = [(finding.verdict, finding.message.rpartition("` ")[2]) for finding in found if finding.check == "key-set"]
    assert sets[0] == (Verdict.PASSED, "serves 1 key")
    assert sets[1][0] is Verdict.NOTE and "status 500" in sets[1][1]


def test_no_finding_holds_a_claim_that_is_personal_or_a_key():
    private = {"email": "ada@example.org", "user_metadata": {"pet": "rosebud"}}
    inspection = VERIFIER.inspect(hs256(payload(**private, aud="other")))
    written = f"{inspection}{[finding.message for finding in inspection.findings]}"
    assert not any(word in written for word in ("ada@", "rosebud", USER, str(STATIC_KEY["k"])))
    assert json.loads(json.dumps(inspection.token.payload))["email"] == "ada@example.org"
