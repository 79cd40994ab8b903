"""User ids are bound as they were signed, and only a UUID under `strict` is written another way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.auth.errors import TokenError
from syncrules.auth.source import SubjectPolicy
from syncrules.auth.user_id import MAXIMUM_USER_ID, bind_subject, check_subject
from tests.auth.signing import USER


@pytest.mark.parametrize(
    "subject",
    [
        "",
        " ",
        "\u3000",
        "a\x00b",
        "a\nb",
        "\x7f",
        "x" * (MAXIMUM_USER_ID + 1),
        None,
        42,
        42.5,
        True,
        [],
        {},
        2**53 + 1,
    ],
)
def test_what_cannot_name_a_user_is_refused(subject):
    with pytest.raises(TokenError):
        check_subject(subject)


@given(st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=MAXIMUM_USER_ID).filter(str.strip))
def test_a_text_is_bound_unchanged_unless_strict(subject):
    assert check_subject(subject) == subject
    for policy in (SubjectPolicy.OFF, SubjectPolicy.LINT):
        assert bind_subject(subject, policy)[0] == subject


@given(st.uuids().filter(lambda one: one.int), st.randoms())
def test_strict_binds_a_uuid_in_the_case_of_postgres(uuid, random):
    spelt = "".join(random.choice((letter, letter.upper())) for letter in str(uuid))
    assert bind_subject(spelt, SubjectPolicy.STRICT) == (str(uuid), ())


@pytest.mark.parametrize(
    "subject",
    [
        "{" + USER + "}",
        "urn:uuid:" + USER,
        USER.replace("-", ""),
        USER + "\n",
        " " + USER,
        USER.replace("0", "\u0660"),
        "00000000-0000-0000-0000-000000000000",
        "auth0|1",
    ],
)
def test_strict_takes_one_form_only(subject):
    with pytest.raises(TokenError):
        bind_subject(subject, SubjectPolicy.STRICT)


@pytest.mark.parametrize(
    ("subject", "policy", "lints"),
    [
        (USER, SubjectPolicy.LINT, []),
        (USER.upper(), SubjectPolicy.LINT, ["sub-not-canonical-uuid"]),
        (USER.upper(), SubjectPolicy.OFF, ["sub-not-canonical-uuid"]),
        ("stytch-1", SubjectPolicy.LINT, ["sub-not-uuid"]),
        ("stytch-1", SubjectPolicy.OFF, []),
        ("00000000-0000-0000-0000-000000000000", SubjectPolicy.LINT, ["sub-nil-uuid"]),
    ],
)
def test_doubtful_user_ids_are_reported(subject, policy, lints):
    bound, found = bind_subject(subject, policy)
    assert (bound, [lint.code for lint in found]) == (subject, lints)
