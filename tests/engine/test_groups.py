"""A connection with many subscriptions gets what each gets alone, and what they share is worked out once."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules import Change, MemoryStore, Request, Rules, Subscription, VerifiedClaims
from syncrules.engine.found import Key, LookupKey
from tests.engine.interpreted import engine_buckets, interpreted_buckets
from tests.engine.test_scale import CountingStore

RULES = """
config: {edition: 3}
streams:
  lists:
    auto_subscribe: true
    query: SELECT * FROM lists WHERE id IN (SELECT list FROM members WHERE person = auth.user_id())
  todos:
    query: >
      SELECT * FROM todos WHERE list = subscription.parameter('list') AND auth.parameter('role') = 'reader'
      AND list IN (SELECT list FROM members WHERE person = auth.user_id())
  teams:
    queries:
      - SELECT * FROM tasks WHERE team IN (SELECT id FROM teams WHERE org IN
          (SELECT org FROM members WHERE person = auth.user_id() AND kind = subscription.parameter('kind')))
      - SELECT * FROM notes WHERE org IN (SELECT org FROM members WHERE person = auth.user_id())
  guarded:
    query: >
      SELECT * FROM notes WHERE subscription.parameter('kind') = 1 AND auth.parameter('role') = 'reader'
      AND org IN (SELECT org FROM members WHERE person = auth.user_id())
  given:
    queries:
      - SELECT * FROM tasks WHERE team IN connection.parameter('teams')
      - SELECT * FROM notes WHERE org IN subscription.parameter('orgs') AND connection.parameter('on') = 1
  broken:
    query: SELECT * FROM todos WHERE id = subscription.parameter('list') AND json_extract(connection.parameter('json'), '$.a') = 1
"""
ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    *(
        (
            "members",
            {"id": f"m{n}", "person": "ada" if n % 3 else "bea", "list": f"l{n}", "org": f"o{n % 4}", "kind": n % 2},
        )
        for n in range(9)
    ),
    *(("teams", {"id": f"t{n}", "org": f"o{n % 4}"}) for n in range(8)),
)
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "list": st.sampled_from(["l1", "l2", "l3", None, 7]),
        "kind": st.sampled_from([0, 1, 2, 1.0]),
        "orgs": st.lists(st.sampled_from(["o1", "o2", None]), max_size=3),
    },
)
SUBSCRIPTIONS = st.lists(
    st.builds(
        Subscription,
        st.sampled_from(["lists", "todos", "teams", "guarded", "given", "broken", "unknown"]),
        PARAMETERS,
        st.sampled_from([None, 0, 2]),
    ),
    max_size=6,
).map(tuple)
CONNECTIONS = st.fixed_dictionaries(
    {},
    optional={
        "teams": st.lists(st.sampled_from(["t1", "t2"]), max_size=2),
        "on": st.sampled_from([0, 1]),
        "json": st.sampled_from(["{", '{"a":1}']),
    },
)
CLAIMS = [
    VerifiedClaims.unverified_for_testing({"sub": person, "role": role})
    for person in ("ada", "bea", "nobody")
    for role in ("reader", "writer")
]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules.from_text(RULES)


@pytest.fixture(scope="module")
def store(rules: Rules) -> MemoryStore:
    made = MemoryStore(rules)
    made.apply(Change.put(table, row) for table, row in ROWS)
    return made


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CLAIMS), CONNECTIONS, SUBSCRIPTIONS, st.booleans())
def test_all_subscriptions_together_give_what_each_gives_alone(
    rules: Rules,
    store: MemoryStore,
    claims: VerifiedClaims,
    connection: dict[str, object],
    subscriptions: tuple[Subscription, ...],
    default: bool,  # noqa: FBT001
) -> None:
    request = Request(claims, connection, subscriptions, default)
    assert engine_buckets(rules, request, store) == interpreted_buckets(rules, request, store)

    expected: dict[str, tuple[int, set[object]]] = {}
    alone = [Request(claims, connection, (each,), default_streams=False) for each in subscriptions]
    taken = {each.stream for each in subscriptions}
    asked = [(index, rules.resolve(each, store)) for index, each in enumerate(alone)]
    by_default = rules.resolve(Request(claims, connection, (), default), store)
    for reason, resolution in (("default", by_default), *asked):
        for bucket in resolution.buckets:
            if reason != "default" or bucket.definition not in taken:
                priority, reasons = expected.get(bucket.id, (3, set()))
                expected[bucket.id] = (min(priority, bucket.priority), reasons | {reason})
    together = rules.resolve(request, store)
    assert {bucket.id: (bucket.priority, {*bucket.reasons}) for bucket in together.buckets} == expected
    assert len(together.buckets) == len(expected)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(CLAIMS), CONNECTIONS, SUBSCRIPTIONS)
def test_reads_do_not_grow_with_subscriptions(
    rules: Rules,
    store: MemoryStore,
    claims: VerifiedClaims,
    connection: dict[str, object],
    subscriptions: tuple[Subscription, ...],
) -> None:
    counting = CountingStore(store)
    rules.resolve(Request(claims, connection, subscriptions), counting)
    assert len(counting.batches) <= 2, "as many as the deepest query has lookups"
    assert max(Counter(key for batch in counting.batches for key in batch).values(), default=1) == 1


@dataclass
class Counted:
    """What a part reads of a request, and how often it was read."""

    subscription: str
    user_id: str = "ada"
    token: str = "{}"
    reads: Counter[str] = field(default_factory=Counter)

    @property
    def connection(self) -> str:
        self.reads["connection"] += 1
        return '{"teams":["t1"],"on":1}'


def test_what_does_not_read_the_subscription_is_run_once(rules: Rules) -> None:
    queries = [query for query in rules.plan.bucket_queries if query.stream == "given"]
    read, _ = rules.program.group(queries)
    requests = [Counted('{"orgs":["o1"]}') for _ in range(50)]
    answers: dict[LookupKey, dict[Key, int]] = {}
    for keys in read(requests, answers):
        answers |= {key: {} for key in keys}
    assert [request.reads.total() for request in requests] == [2, *[0] * 49]


@pytest.mark.parametrize(("kinds", "counted"), [([1], 1), ([1, 2, 1, 1], 3), ([0, 2], 0)])
def test_rows_that_subscriptions_share_count_for_each_that_wants_them(
    rules: Rules, store: MemoryStore, kinds: list[int], counted: int
) -> None:
    by_default = rules.resolve(Request(CLAIMS[0]), store)
    subscriptions = tuple(Subscription("guarded", {"kind": kind}) for kind in kinds)
    resolution = rules.resolve(Request(CLAIMS[0], {}, subscriptions, default_streams=False), store)
    assert by_default.parameter_results > 0
    assert resolution.parameter_results == counted * by_default.parameter_results
    assert bool(resolution.reads) == bool(counted), "what no subscription wants is not read"
