"""What a store should say, from the rows alone: every version of them, each evaluated anew."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import strategies as st

from syncrules import Change, Request, Rules, Subscription, VerifiedClaims
from syncrules.engine.found import Key, LookupKey
from syncrules.stores.change import RowKey

RULES = Rules.from_text("""
config: {edition: 3}
streams:
  own:
    auto_subscribe: true
    query: SELECT * FROM t WHERE a IN (SELECT a FROM m WHERE u = auth.user_id())
  two:
    auto_subscribe: true
    query: SELECT * FROM t AS two WHERE b IN (SELECT b FROM m WHERE a IN (SELECT a FROM m WHERE u = auth.user_id() AND NOT x))
  asked:
    query: SELECT * FROM t AS asked WHERE a = subscription.parameter('a') AND a IN (SELECT a FROM m WHERE u = auth.user_id())
  many:
    auto_subscribe: true
    query: SELECT * FROM t AS many WHERE a IN (SELECT e.value FROM m, json_each(m.j) AS e WHERE m.u = auth.user_id())
""")
OTHER = Rules.from_text(
    "config: {edition: 3}\nstreams: {s: {query: SELECT * FROM t WHERE a IN (SELECT b FROM m WHERE u = auth.user_id())}}"
)

VALUE = st.sampled_from(
    [None, 0, 1, 1.0, 2.5, "x", "y", "1", b"x", "\ud800", "\0", 2**53 + 1, float("inf"), "long" * 5000]
)
ROW = st.fixed_dictionaries(
    {"a": VALUE, "b": VALUE, "u": st.sampled_from(["ada", "bea", None]), "x": st.sampled_from([0, 1])},
    optional={"j": st.sampled_from(["[1, 1, 2]", '["x", "x"]', "[]", "{", None])},
)
ROW_KEY = st.sampled_from([1, 2, 3, 2.0, "1", ("a", 1), ("a", b"1"), b"1"])
CHANGE = st.builds(
    lambda key, row, old: (
        Change.delete("m", key) if row is None else Change.put("m", row, key=key, old=None if old == key else old)
    ),
    ROW_KEY,
    st.none() | ROW,
    st.none() | ROW_KEY,
)
BATCH = st.lists(CHANGE, max_size=4)
HISTORY = st.lists(BATCH, max_size=7)

Counts = dict[LookupKey, Counter[Key]]


def request(user: str, wanted: object = None) -> Request:
    subscriptions = (Subscription("asked", {"a": wanted}),) if wanted is not None else ()
    return Request(VerifiedClaims.unverified_for_testing({"sub": user}), {}, subscriptions)


REQUESTS = [request("ada"), request("bea"), request("ada", "x"), request("bea", 1), request("nobody")]


class Model:
    """Rows, and every version of them since the last fill."""

    def __init__(self, rules: Rules, checkpoint: int) -> None:
        self.rules = rules
        self.rows: dict[RowKey, Change] = {}
        self.versions: dict[int, Counts] = {checkpoint: {}}

    def apply(self, batch: Sequence[Change], checkpoint: int) -> None:
        for change in batch:
            for row_key in change.replaced:
                self.rows.pop(row_key, None)
            if change.operation == "put":
                self.rows[change.table, change.key] = change
        self.versions[checkpoint] = self.counts()

    def counts(self) -> Counts:
        """How many rows give each output to each key."""
        found: Counts = {}
        for change in self.rows.values():
            entries = self.rules.program.lookups(change.table, change.row).entries
            for key, outputs in {((entry.rule, entry.key), entry.outputs) for entry in entries}:
                found.setdefault(key, Counter())[outputs] += 1
        return found

    def keys(self) -> list[LookupKey]:
        """Every key that ever had an entry, and some that had none."""
        ever = {key: None for version in self.versions.values() for key in version}
        return [*ever, (0, ("nobody",)), (1, (None,)), (0, ("\0",))]

    def changed(self, earlier: int, later: int) -> set[LookupKey]:
        """The keys whose outputs differ between two checkpoints."""
        before, after = self.versions[earlier], self.versions[later]
        return {key for key in {**before, **after} if set(before.get(key, ())) != set(after.get(key, ()))}
