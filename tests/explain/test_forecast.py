"""A forecast counts what SQL counts, for each user; its table and its picture say who is over a limit, and why."""

import json
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules import Change, Limits, MemoryStore, Request, Rules, Subscription, VerifiedClaims
from syncrules.explain.forecast import Forecast, Spread, UserUsage, forecast, percentile
from syncrules.explain.forecast_svg import draw_forecast
from syncrules.explain.forecast_telling import forecast_json, tell_forecast
from syncrules.explain.usage import tell_usage, usage_json
from syncrules.explain.users import guessed_users, other_claims, users_of
from syncrules.resolve.limits import Step, Usage
from syncrules.stores.change import Change as StoredChange
from tests.explain.test_drawings import SVG, TEXTS

TEAMS = "SELECT team FROM members WHERE person = auth.user_id()"
STREAMS = Rules.from_text(json.dumps({"config": {"edition": 3}, "streams": {
    "own": {"auto_subscribe": True, "query": "SELECT id FROM notes WHERE author = auth.user_id()"},
    "direct": {"auto_subscribe": True, "query": f"SELECT id FROM a WHERE team IN ({TEAMS})"},
    "nested": {
        "auto_subscribe": True,
        "query": f"SELECT id FROM b WHERE room IN (SELECT id FROM rooms WHERE team IN ({TEAMS}))",
    },
    "asked": {"query": f"SELECT id FROM c WHERE x = subscription.parameter('x') AND team IN ({TEAMS})"},
}}))  # fmt: skip
DEFINITIONS = Rules.from_text("""
bucket_definitions:
  teams: {parameters: SELECT team FROM members WHERE person = request.user_id(), data: []}
  rooms:
    parameters:
      - SELECT id AS room FROM rooms WHERE team = request.user_id()
      - SELECT person AS room FROM members WHERE person = request.user_id()
    data: []
""")
PEOPLE = ("ada", "bea", "cy", "dee")
TEAM = st.sampled_from([None, "t1", "t2", "t3", "ada"])
MEMBERS = st.lists(st.tuples(st.sampled_from([*PEOPLE, None]), TEAM), max_size=14)
ROOMS = st.lists(TEAM, max_size=8)
NOTES = st.lists(st.sampled_from(["ada", "eve", None]), max_size=3)


def in_sqlite(members: list[tuple[str | None, str | None]], rooms: list[str | None]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE members (person, team)")
    database.execute("CREATE TABLE rooms (id, team)")
    database.executemany("INSERT INTO members VALUES (?, ?)", members)
    database.executemany("INSERT INTO rooms VALUES (?, ?)", [(f"r{number}", team) for number, team in enumerate(rooms)])
    return database


def changes_of(
    members: list[tuple[str | None, str | None]], rooms: list[str | None], notes: Iterable[str | None] = ()
) -> list[Change]:
    rows = [
        *(("members", {"person": person, "team": team}) for person, team in members),
        *(("rooms", {"id": f"r{number}", "team": team}) for number, team in enumerate(rooms)),
        *(("notes", {"id": f"n{number}", "author": author}) for number, author in enumerate(notes)),
    ]
    return [Change.put(table, row, key=number) for number, (table, row) in enumerate(rows)]


def made(rules: Rules, changes: Iterable[StoredChange], *asked: Subscription, limits: Limits = Limits()) -> Forecast:
    store = MemoryStore(rules)
    store.apply(changes)
    people = [(name, VerifiedClaims.unverified_for_testing({"sub": name})) for name in PEOPLE]
    return forecast(rules, [(name, Request(claims, {}, asked)) for name, claims in people], store, limits)


def count(database: sqlite3.Connection, query: str, person: str) -> int:
    (number,) = database.execute(query, {"u": person}).fetchone()
    assert isinstance(number, int)
    return number


MINE = "SELECT team FROM members WHERE person = :u AND team IS NOT NULL"


@given(MEMBERS, ROOMS)
def test_streams_use_what_the_joins_count_in_sqlite(
    members: list[tuple[str | None, str | None]], rooms: list[str | None]
) -> None:
    database = in_sqlite(members, rooms)
    asked = (Subscription("asked", {"x": "1"}), Subscription("asked", {"x": "2"}))
    for user in made(STREAMS, changes_of(members, rooms), *asked).users:
        rows = count(database, f"SELECT count(*) FROM ({MINE})", user.user)
        teams = count(database, f"SELECT count(DISTINCT team) FROM ({MINE})", user.user)
        found = count(database, f"SELECT count(*) FROM rooms WHERE team IN ({MINE})", user.user)
        results = {"direct": rows, "nested": rows + found, "asked": 2 * rows}
        buckets = {"own": 1, "direct": teams, "nested": found, "asked": 2 * teams}
        assert user.by_stream("parameter results") == {name: many for name, many in results.items() if many}
        assert user.by_stream("buckets") == {name: many for name, many in buckets.items() if many}
        assert user.is_whole
        assert not user.failed


@given(MEMBERS, ROOMS)
def test_definitions_use_what_the_joins_count_in_sqlite(
    members: list[tuple[str | None, str | None]], rooms: list[str | None]
) -> None:
    database = in_sqlite(members, rooms)
    for user in made(DEFINITIONS, changes_of(members, rooms)).users:
        teams = "SELECT team FROM members WHERE person = :u"
        found = "SELECT id FROM rooms WHERE team = :u UNION ALL SELECT person FROM members WHERE person = :u"
        results = {name: count(database, f"SELECT count(*) FROM ({query})", user.user) for name, query in (("teams", teams), ("rooms", found))}  # fmt: skip
        buckets = {name: count(database, f"SELECT count(*) FROM (SELECT DISTINCT * FROM ({query}))", user.user) for name, query in (("teams", teams), ("rooms", found))}  # fmt: skip
        assert user.by_stream("parameter results") == {name: many for name, many in results.items() if many}
        assert user.by_stream("buckets") == {name: many for name, many in buckets.items() if many}


@given(MEMBERS, ROOMS, st.integers(1, 6), st.integers(1, 6))
def test_who_is_over_is_who_would_be_refused(
    members: list[tuple[str | None, str | None]], rooms: list[str | None], buckets: int, results: int
) -> None:
    found = made(STREAMS, changes_of(members, rooms), limits=Limits(buckets, results))
    for user in found.users:
        over = [measure for measure in ("parameter results", "buckets") if user in found.over(measure)]
        store = MemoryStore(STREAMS)
        store.apply(changes_of(members, rooms))
        request = Request(VerifiedClaims.unverified_for_testing({"sub": user.user}))
        if not over:
            assert STREAMS.resolve(request, store, found.limits).usage == user.usage
        else:
            with pytest.raises(Exception, match=str(found.refusal(user, over[0])).split(":", maxsplit=1)[0]) as refused:
                STREAMS.resolve(request, store, found.limits)
            assert refused.typename == "LimitExceeded"


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40), st.integers(0, 100))
def test_a_percentile_is_the_lowest_count_that_so_many_do_not_exceed(counts: list[int], percent: int) -> None:
    enough = [value for value in counts if 100 * sum(each <= value for each in counts) >= percent * len(counts)]
    assert percentile(counts, percent) == min(enough)


def test_nobody_is_a_spread_of_zeros() -> None:
    assert Spread.of([]) == Spread(0, 0, 0)


@given(MEMBERS, ROOMS, NOTES)
def test_guessed_are_those_for_whom_something_is_found(
    members: list[tuple[str | None, str | None]], rooms: list[str | None], notes: list[str | None]
) -> None:
    changes = changes_of(members, rooms, notes)
    store = MemoryStore(STREAMS)
    store.apply(changes)
    found = guessed_users(STREAMS.plan, changes, store)
    in_teams = {person for person, team in members if person is not None and team is not None}
    assert set(found.ids) == in_teams | {author for author in notes if author is not None}
    assert found.columns == ("public.members.person", "public.notes.author")


def test_an_array_of_readers_is_a_column_of_users() -> None:
    rules = Rules.from_text(
        "config: {edition: 3}\nstreams: {s: {auto_subscribe: true, query: SELECT id FROM t WHERE auth.user_id() IN seen}}"
    )
    changes = [Change.put("t", {"id": "1", "seen": '["ada", "bea"]'}), Change.put("t", {"id": "2", "seen": '["ada"]'})]
    found = guessed_users(rules.plan, changes, MemoryStore(rules))
    assert (found.ids, found.columns) == (("ada", "bea"), ("public.t.seen",))


def test_users_of_a_column_are_texts_and_nobody_is_left_out_or_doubled() -> None:
    values = ["ada", 7, None, "7", b"x", "ada"]
    changes = [Change.put("people", {"id": number, "uid": value}) for number, value in enumerate(values)]
    assert users_of(changes, changes[0].table, "uid").ids == ("ada", "7")


def test_claims_beside_the_user_id_are_told() -> None:
    rules = Rules.from_text("""
config: {edition: 3}
streams:
  a: {auto_subscribe: true, query: SELECT id FROM t WHERE o = auth.parameter('sub') AND p = auth.parameter('app') ->> 'org'}
  b: {auto_subscribe: true, query: "SELECT id FROM t WHERE o = auth.user_id() AND auth.parameter('role') = 'admin'"}
""")
    assert other_claims(rules.plan) == ("app.org", "role")
    assert other_claims(STREAMS.plan) == ()


def test_a_user_with_a_product_of_arrays_is_counted_no_further_than_that() -> None:
    rules = Rules.from_text(json.dumps({"config": {"edition": 3}, "streams": {
        "pairs": {"auto_subscribe": True, "query": "SELECT id FROM t WHERE a IN auth.parameter('xs') AND b IN auth.parameter('xs')"},
        "fine": {"auto_subscribe": True, "query": "SELECT id FROM t WHERE a = auth.user_id()"},
    }}))  # fmt: skip
    claims = VerifiedClaims.unverified_for_testing({"sub": "u", "xs": [*range(400)]})
    found = forecast(rules, [("u", Request(claims))], MemoryStore(rules))
    assert found.users == (UserUsage("u", Usage({"pairs": 160_000}, {}), is_whole=False),)
    assert "most of all `u` with 160,000 or more (counting ends at 100,000)" in tell_forecast(found)


def test_a_stream_that_cannot_be_evaluated_is_told_and_the_others_count() -> None:
    rules = Rules.from_text(json.dumps({"config": {"edition": 3}, "streams": {
        "broken": {"auto_subscribe": True, "query": "SELECT id FROM t WHERE a = auth.parameter('x') ->> 'a' ->> 'b'"},
        "fine": {"auto_subscribe": True, "query": "SELECT id FROM t WHERE a = auth.user_id()"},
    }}))  # fmt: skip
    claims = VerifiedClaims.unverified_for_testing({"sub": "u", "x": "{no json"})
    found = forecast(rules, [("u", Request(claims))], MemoryStore(rules))
    assert found.users == (UserUsage("u", Usage({"fine": 1}, {}), ("broken",)),)
    assert "not evaluated for 1 user, and so not counted: broken" in tell_forecast(found)
    assert forecast_json(found)["not_evaluated"] == [{"user": "u", "streams": ["broken"]}]


def used(name: str, buckets: int, rows: int) -> UserUsage:
    return UserUsage(name, Usage({"teams": buckets}, {Step("teams", 0, "public.members"): rows} if rows else {}))


SMALL = Forecast(("everybody", "teams"), (used("ada", 1, 2), used("bea", 3, 1200), used("cy", 12, 0)), Limits(10, 1000))


def test_the_table_shows_spreads_limits_and_the_first_user_over_each() -> None:
    rest = "by id, those of several streams for the first; parameter results: rows that lookups return, also equal ones"
    assert tell_forecast(SMALL).split("\n") == [
        "3 users                buckets             parameter results",
        "stream             p50     p95     max      p50     p95     max",
        "───────────────────────────────────────────────────────────────",
        "all streams          3      12      12        2   1,200   1,200",
        "teams                3      12      12        2   1,200   1,200",
        "everybody            0       0       0        0       0       0",
        "───────────────────────────────────────────────────────────────",
        "limit                               10                    1,000",
        "users over it                        1                        1",
        "",
        "p50, p95: half of the users, and 95 in 100, have at most this (nearest rank)",
        f"buckets: {rest}",
        "",
        "over 10 buckets: 1 user, most of all `cy` with 12",
        "         12  `teams`",
        "",
        "over 1,000 parameter results: 1 user, most of all `bea` with 1,200",
        "      1,200  rows for `teams` from `public.members`",
    ]


def test_json_says_the_same_for_programs() -> None:
    said = forecast_json(SMALL)
    assert json.loads(json.dumps(said)) == said
    assert said["buckets"] == {
        "limit": 10,
        "all": {"p50": 3, "p95": 12, "max": 12},
        "streams": {"everybody": {"p50": 0, "p95": 0, "max": 0}, "teams": {"p50": 3, "p95": 12, "max": 12}},
        "users_over": 1,
        "first_over": {
            "user": "cy",
            "message": "the request leads to 12 buckets, more than 10: `teams` 12",
            "counted_to_the_end": True,
            "usage": usage_json(SMALL.users[2].usage, SMALL.limits),
        },
    }


def test_usage_is_told_against_the_limits() -> None:
    usage = SMALL.users[1].usage
    assert tell_usage(usage) == "3 of 1,000 buckets, 1,200 of 1,000 parameter results"
    assert usage_json(usage)["parameter_results"] == {
        "used": 1200,
        "limit": 1000,
        "streams": {"teams": 1200},
        "steps": [{"stream": "teams", "table": "public.members", "rule": 0, "rows": 1200}],
    }


def test_the_picture_has_a_histogram_for_each_stream_and_is_red_beyond_the_limit() -> None:
    picture = ET.fromstring(draw_forecast(SMALL))
    titles = [title.text for title in picture.iter(f"{SVG}title")]
    for name in ("all streams", "teams"):
        assert f"{name}, buckets: p50 3  p95 12  max 12" in titles
        assert f"{name}, parameter results: p50 2  p95 1,200  max 1,200" in titles
    assert "everybody, buckets: p50 0  p95 0  max 0" in titles
    limits = [float(line.attrib["x1"]) for line in picture.iter(f"{SVG}line") if line.get("class") == "limit"]
    assert len(limits) == 2
    bars = []
    for group in picture.iter(f"{SVG}g"):
        limit = limits[group.findtext(f"{SVG}title", "").split(":")[0].endswith("parameter results")]
        for rect in group.iter(f"{SVG}rect"):
            left, width = float(rect.attrib["x"]), float(rect.attrib["width"])
            bars.append(rect.get("class"))
            assert left + width + 1 >= limit if bars[-1] == "over" else left <= limit
    assert bars.count("over") == 4


@given(TEXTS, st.lists(st.integers(0, 10**7), max_size=5), st.integers(1, 10**6))
def test_no_name_and_no_count_breaks_a_picture(name: str, counts: list[int], limit: int) -> None:
    users = tuple(UserUsage(str(number), Usage({name: count}, {})) for number, count in enumerate(counts))
    picture = ET.fromstring(draw_forecast(Forecast((name,), users, Limits(limit, limit))))
    width = float(picture.attrib["width"])
    for rect in picture.iter(f"{SVG}rect"):
        assert float(rect.attrib["x"]) + float(rect.attrib["width"]) <= width
        assert 0 < float(rect.attrib["height"]) <= 40
