"""An explanation says what each stream gives, and why a bucket is shared."""

from syncrules import Rules
from syncrules.explain import explain_streams


def shared(streams: str) -> dict[str, list[str]]:
    plan = Rules.from_text(f"config: {{edition: 3}}\nstreams:\n{streams}").plan
    return {stream.name: [why for use in stream.buckets for why in use.shared] for stream in explain_streams(plan)}


def test_streams_that_sync_the_same_rows_share_a_bucket() -> None:
    found = shared("""
  mine: {query: SELECT * FROM lists WHERE owner = auth.user_id()}
  named: {query: SELECT * FROM lists WHERE owner = subscription.parameter('owner') AND owner = auth.user_id()}
  other: {query: SELECT * FROM todos WHERE owner = auth.user_id()}
""")
    assert found["mine"] == ["with named, which sync the same rows under the same keys"]
    assert found["named"] == ["with mine, which sync the same rows under the same keys"]
    assert found["other"] == []


def test_queries_that_ask_the_same_of_the_request_share_a_bucket() -> None:
    found = shared("""
  mine:
    queries:
      - SELECT * FROM lists WHERE owner = auth.user_id()
      - SELECT * FROM todos WHERE owner = auth.user_id()
""")
    assert found["mine"] == [
        "2 queries of this stream ask the same of the request",
        "2 kinds of rows are found under the same values",
    ]


def test_an_explanation_names_when_how_and_what() -> None:
    plan = Rules.from_text("""
config: {edition: 3}
streams:
  mine:
    auto_subscribe: true
    priority: 1
    query: SELECT id FROM lists WHERE id IN (SELECT list FROM members WHERE person = auth.user_id())
""").plan
    [mine] = explain_streams(plan)
    assert str(mine).splitlines() == [
        "mine: by default, priority 1",
        "  bucket mine|0[part 1.0]",
        "    for each 1 of lookup 0 by (user_id)  [signed]",
        "    gives (1.0)",
        "    rows of public.lists",
        "      as lists: id",
    ]
