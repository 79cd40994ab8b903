"""What claims must say, and in which order they are judged."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.auth.claims import LEEWAY, judge
from syncrules.auth.errors import ErrorCode, TokenError
from syncrules.auth.source import DEFAULT_LIFETIME, KeySource, SourceKind, SubjectPolicy
from tests.auth.signing import NOW, USER, payload, without

SOURCE = KeySource(SourceKind.STATIC, ("sync", "other"), DEFAULT_LIFETIME, SubjectPolicy.OFF)
SUPABASE = KeySource(
    SourceKind.SUPABASE_JWKS,
    ("authenticated",),
    606_000,
    SubjectPolicy.STRICT,
    project="abcdefghijklmnopqrst",
)


def code(claims, source=SOURCE):
    try:
        judge(claims, source, NOW)
    except TokenError as error:
        return error.code
    return None


@pytest.mark.parametrize("claim", ["sub", "iat", "exp"])
@pytest.mark.parametrize("value", [None, True, "1790000000", [], {}])
def test_a_required_claim_of_another_type_is_refused(claim, value):
    assert code(without(claim)) is ErrorCode.INVALID_TOKEN
    if not (claim == "sub" and isinstance(value, str)):
        assert code(payload(**{claim: value})) is ErrorCode.INVALID_TOKEN


@pytest.mark.parametrize("claim", ["iat", "exp", "nbf"])
def test_a_claim_that_is_there_but_wrong_is_not_called_missing(claim):
    for value in ("1", NOW + 10**6):
        with pytest.raises(TokenError) as caught:
            judge(payload(**{claim: value}), SOURCE, NOW)
        assert "missing" not in caught.value.message


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


@given(NUMBERS, NUMBERS)
def test_no_accepted_token_outlives_its_limit(issued, expires):
    if code(payload(iat=issued, exp=expires)) is None:
        assert NOW - LEEWAY < expires <= NOW + LEEWAY + DEFAULT_LIFETIME


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"exp": NOW - LEEWAY + 0.5}, None),
        ({"exp": NOW - LEEWAY, "iat": NOW - 100}, ErrorCode.EXPIRED),
        ({"iat": NOW + LEEWAY}, None),
        ({"iat": NOW + LEEWAY + 1}, ErrorCode.INVALID_TOKEN),
        ({"nbf": NOW + LEEWAY}, None),
        ({"nbf": NOW + LEEWAY + 1}, ErrorCode.INVALID_TOKEN),
        ({"nbf": None}, ErrorCode.INVALID_TOKEN),
        ({"iat": NOW, "exp": NOW + DEFAULT_LIFETIME}, None),
        ({"iat": NOW, "exp": NOW + DEFAULT_LIFETIME + 1}, ErrorCode.LIFETIME),
        ({"iat": NOW + 30, "exp": NOW + 20}, ErrorCode.INVALID_TOKEN),
        ({"exp": 10**4000}, ErrorCode.LIFETIME),
        ({"iat": -(10**4000)}, ErrorCode.LIFETIME),
        ({"parameters": {}}, None),
        ({"parameters": None}, None),
        ({"parameters": []}, ErrorCode.INVALID_TOKEN),
    ],
)
def test_times_and_parameters_have_exact_limits(changes, expected):
    base = {"iat": NOW - 100} if "exp" in changes and changes["exp"] < NOW else {}
    assert code(payload(**base | changes)) is expected


@pytest.mark.parametrize(
    ("audience", "accepted"),
    [
        ("sync", True),
        (["x", "other"], True),
        ("SYNC", False),
        ("sync/", False),
        ("", False),
        ([], False),
        (["sync", ""], False),
        (["sync", 1], False),
        (None, False),
        ({"sync": 1}, False),
        (1, False),
    ],
)
def test_an_audience_is_accepted_by_its_exact_text(audience, accepted):
    assert code(payload(aud=audience)) is (None if accepted else ErrorCode.AUDIENCE)


def test_an_empty_audience_in_the_configuration_accepts_nothing():
    source = KeySource(SourceKind.STATIC, ("",), DEFAULT_LIFETIME, SubjectPolicy.OFF)
    assert code(payload(aud=""), source) is ErrorCode.AUDIENCE
    assert code(payload(aud=[""]), source) is ErrorCode.AUDIENCE


def test_the_first_fault_in_order_gives_the_code():
    faults = [
        ({"sub": 1}, ErrorCode.INVALID_TOKEN),
        ({"exp": NOW - 1000, "iat": NOW - 10**6}, ErrorCode.EXPIRED),
        ({"aud": "x"}, ErrorCode.AUDIENCE),
        ({"exp": NOW + 10**6}, ErrorCode.LIFETIME),
    ]
    changes: dict[str, object] = {}
    for fault, expected in reversed(faults):
        changes |= fault
        assert code(payload(**changes)) is expected


@pytest.mark.parametrize("project", ["abcdefghijklmnopqrst", "tsrqponmlkjihgfedcba"])
def test_a_token_of_another_project_is_refused(project):
    claims = payload(aud="authenticated", iss=f"https://{project}.supabase.co/auth/v1")
    assert code(claims, SUPABASE) is (None if project == SUPABASE.project else ErrorCode.INVALID_TOKEN)


def test_a_key_set_that_many_issuers_share_accepts_only_the_one_that_is_configured():
    shared = replace(SOURCE, issuer="https://securetoken.example.com/mine")
    assert code(payload(iss="https://securetoken.example.com/mine"), shared) is None
    for other in ("https://securetoken.example.com/theirs", "https://securetoken.example.com/mine/", None, 1):
        assert code(payload(iss=other), shared) is ErrorCode.INVALID_TOKEN
    assert code(without("iss"), shared) is ErrorCode.INVALID_TOKEN


def test_an_oauth_client_is_reported_or_refused():
    claims = payload(aud="authenticated", client_id="app")
    assert [lint.code for lint in judge(claims, SUPABASE, NOW).lints] == ["oauth-client-token"]
    allowing = KeySource(
        SourceKind.SUPABASE_JWKS, ("authenticated",), 606_000, SubjectPolicy.STRICT, None, frozenset({"app"})
    )
    assert judge(claims, allowing, NOW).lints == ()
    for other in ("App", 1, ["app"]):
        assert code(payload(aud="authenticated", client_id=other), allowing) is ErrorCode.INVALID_TOKEN


def test_a_clock_without_a_time_accepts_nothing():
    with pytest.raises(TokenError):
        judge(payload(nbf=NOW), SOURCE, math.nan)
    assert judge(payload(), SOURCE, NOW).user_id == USER
