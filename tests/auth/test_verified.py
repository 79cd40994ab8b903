"""Verified claims cannot be made, changed, stored or leaked by accident."""

import copy
import dataclasses
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.auth import SourceKind, VerifiedClaims
from tests.auth.signing import USER

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_nobody_makes_verified_claims_without_saying_so():
    with pytest.raises(TypeError):
        VerifiedClaims()
    claims = VerifiedClaims.unverified_for_testing({"sub": USER})
    assert claims.source is SourceKind.TESTING
    for make in (
        lambda: dataclasses.replace(claims, user_id="eve"),
        lambda: pickle.dumps(claims),
        lambda: copy.deepcopy(claims),
        lambda: copy.copy(claims),
    ):
        with pytest.raises((TypeError, ValueError)):
            make()


def test_verified_claims_do_not_change():
    nested = {"sub": USER, "app_metadata": {"roles": ["a"]}}
    claims = VerifiedClaims.unverified_for_testing(nested)
    nested["app_metadata"]["roles"].append("admin")
    assert claims.claims["app_metadata"]["roles"] == ("a",)
    with pytest.raises(TypeError):
        claims.claims["sub"] = "eve"
    with pytest.raises(TypeError):
        claims.claims["app_metadata"]["roles"] = ()
    with pytest.raises(dataclasses.FrozenInstanceError):
        claims.user_id = "eve"


@given(st.dictionaries(st.text(), JSON))
def test_any_json_object_can_be_claims_of_a_test_and_is_written_back_as_it_was(claims):
    made = VerifiedClaims.unverified_for_testing(claims)
    assert repr(json.loads(made.claims_json())) == repr(claims)
    assert made.user_id == (claims.get("sub") if isinstance(claims.get("sub"), str) else None)


def test_claims_of_a_test_may_lack_a_user():
    assert VerifiedClaims.unverified_for_testing({}).user_id is None
    assert VerifiedClaims.unverified_for_testing({"sub": 1}).user_id is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"x", {1}, object(), {1: 2}, [{"a": b""}]])
def test_what_is_not_json_is_no_claim(value):
    with pytest.raises((TypeError, ValueError)):
        VerifiedClaims.unverified_for_testing({"x": value})


def test_a_repr_shows_no_claim_but_the_user():
    claims = VerifiedClaims.unverified_for_testing({"sub": USER, "email": "ada@example.org"})
    assert repr(claims) == f"VerifiedClaims(user_id='{USER}', source='testing', 2 claims)"
