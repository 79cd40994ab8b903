"""Who decides a value of the request, by what it is made of."""

import pytest

from syncrules import Rules
from syncrules.plan.printing import print_plan
from syncrules.plan.trust import Trust, trust_of

STREAM = 'config: {{edition: 3}}\nstreams: {{s: {{query: "SELECT * FROM t WHERE x = {}"}}}}'


def value(expression: str) -> Trust:
    rules = Rules.from_text(STREAM.format(expression))
    return trust_of(rules.plan.bucket_queries[0].parts[0].outputs[0])


@pytest.mark.parametrize(
    ("expression", "trust"),
    [
        ("auth.user_id()", Trust.SIGNED),
        ("auth.parameter('org')", Trust.SIGNED),
        ("auth.parameters() ->> '$.app_metadata.org'", Trust.SIGNED),
        ("auth.parameter('user_metadata') ->> 'org'", Trust.EDITABLE),
        ("auth.parameters() ->> '$.user_metadata.org'", Trust.EDITABLE),
        ("json_extract(auth.parameters(), '$.user_metadata.org')", Trust.EDITABLE),
        ("upper(auth.parameters() -> 'user_metadata' ->> 'org')", Trust.EDITABLE),
        ("connection.parameter('org')", Trust.CLIENT),
        ("subscription.parameter('org')", Trust.CLIENT),
        ("auth.user_id() || subscription.parameter('org')", Trust.CLIENT),
        ("auth.user_id() || (auth.parameter('user_metadata') ->> 'x')", Trust.EDITABLE),
    ],
)
def test_a_value_is_as_doubtful_as_the_most_doubtful_part_of_it(expression: str, trust: Trust) -> None:
    assert value(expression) is trust


def test_a_printed_plan_says_who_decides_at_each_step() -> None:
    query = "SELECT * FROM t WHERE x = subscription.parameter('x') AND x IN (SELECT x FROM m WHERE u = auth.user_id())"
    text = print_plan(Rules.from_text(f'config: {{edition: 3}}\nstreams: {{s: {{query: "{query}"}}}}').plan)
    assert "gives ((subscription ->> 'x'))  [client-sent]" in text
    assert "by (user_id, (subscription ->> 'x'))  [signed, client-sent]" in text
    assert "[signed]" not in text.partition("requests to")[0]
