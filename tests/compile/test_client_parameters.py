"""What the client alone decides is warned of; what the token narrows is not."""

import json

import pytest

from syncrules import Rules

CHOSEN = "subscription.parameter('c')"
MEMBERS = "SELECT c FROM members WHERE person = auth.user_id()"


def warnings(query: str) -> list[str]:
    text = f"config: {{edition: 3}}\nstreams:\n  s:\n    query: {json.dumps(query)}\n"
    rules = Rules.from_text(text)
    return [rules.source.slice(d.span) for d in rules.diagnostics if d.code == "client-decides"]


@pytest.mark.parametrize(
    "condition",
    [
        f"c = {CHOSEN} AND c IN ({MEMBERS})",
        f"c = {CHOSEN} AND c = auth.user_id()",
        f"c = {CHOSEN} AND owner IN auth.parameter('friends')",
        f"c = {CHOSEN} AND auth.user_id() IN (SELECT person FROM members WHERE members.c = m.c)",
        f"{CHOSEN} = auth.user_id() AND c = {CHOSEN}",
        "owner = auth.user_id()",
    ],
)
def test_a_token_value_that_the_rows_meet_silences_the_warning(condition: str) -> None:
    assert warnings(f"SELECT * FROM m WHERE {condition}") == []


@pytest.mark.parametrize(
    "condition",
    [
        f"c = {CHOSEN}",
        f"c = {CHOSEN} AND {CHOSEN} IN ({MEMBERS})",
        f"c = {CHOSEN} AND auth.user_id() IN (SELECT person FROM admins)",
        f"c = {CHOSEN} AND auth.parameter('role') = 'admin'",
        f"c = {CHOSEN} AND c IN (SELECT c FROM channels WHERE open = 1)",
    ],
)
def test_a_condition_that_does_not_meet_the_rows_does_not(condition: str) -> None:
    assert warnings(f"SELECT * FROM m WHERE {condition}") == [CHOSEN]


def test_each_alternative_is_warned_of_where_it_reads_what_the_client_chose() -> None:
    query = f"SELECT * FROM m WHERE c = {CHOSEN} OR d = connection.parameter('d') OR owner = auth.user_id()"
    assert warnings(query) == [CHOSEN, "connection.parameter('d')"]
