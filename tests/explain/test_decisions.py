"""`why`, `why-not` and `who` against brute force: every row, every connection, of every example app."""

import functools
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncrules import Change, Request, Rules, Subscription, VerifiedClaims
from syncrules.casefile.read import read_case_file
from syncrules.casefile.scene import Scene
from syncrules.explain.decision import decide
from syncrules.explain.demands import connection_for
from syncrules.explain.edits import RowAdded, RowEdit, Trial, edited
from syncrules.explain.flip import smallest_flips
from syncrules.explain.telling import tell_access, tell_decision
from syncrules.explain.who import who
from tests.end_to_end.test_command import run

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = sorted(FIXTURES.glob("*/*.syncrules.yaml"))
APPS = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")


@functools.cache
def scene_of(path: Path) -> Scene:
    return Scene.load(path)


def rows_of(scene: Scene) -> list[tuple[str, str]]:
    return sorted({(t, i) for tables in scene.rows_by_bucket.values() for t, ids in tables.items() for i in ids})


def requests_of(path: Path) -> list[Request]:
    scene, placed = scene_of(path), read_case_file(path)
    alone = [scene.request(person) for person in scene.people]
    return [*alone, *(scene.request_of(case) for case in placed.file.cases)]


@APPS
def test_why_agrees_with_what_syncs_for_every_row_and_connection(path: Path) -> None:
    scene = scene_of(path)
    for request in requests_of(path):
        resolution = scene.resolve(request)
        seen, buckets = scene.rows(resolution), {bucket.id for bucket in resolution.buckets}
        for table, row_id in rows_of(scene):
            decision = decide(scene.rules.plan, scene.changes, scene.store, request, table, row_id)
            assert decision.syncs == (row_id in seen.get(table, ()))
            assert {met for way in decision.ways for met in way.buckets} <= buckets
            assert all(fact.holds for way in decision.ways if way.syncs for fact in way.row_facts)


@APPS
def test_who_agrees_with_what_syncs_for_every_row_and_connection(path: Path) -> None:
    scene = scene_of(path)
    semantics = scene.rules.plan.semantics
    seen = [(request, scene.rows(scene.resolve(request))) for request in requests_of(path)]
    for table, row_id in rows_of(scene):
        accesses = who(scene.rules.plan, scene.changes, scene.store, table, row_id)
        for request, rows in seen:
            admitted = any(access.admits(request, semantics) for access in accesses)
            assert admitted == (row_id in rows.get(table, ()))


@APPS
def test_what_who_demands_is_enough(path: Path) -> None:
    scene, made_up = scene_of(path), 0
    for table, row_id in rows_of(scene):
        for access in who(scene.rules.plan, scene.changes, scene.store, table, row_id):
            request = connection_for(access, scene.rules.plan.semantics)
            if request is not None:
                assert access.admits(request, scene.rules.plan.semantics)
                assert row_id in scene.rows(scene.resolve(request)).get(table, ())
                made_up += 1
    assert made_up > 0


def after(scene: Scene, request: Request, edits: Sequence[object]) -> tuple[Scene, Request]:
    """The scene made anew with the edits, without the code that tried them."""
    changes = list(scene.changes)
    for number, edit in enumerate(edits):
        match edit:
            case RowEdit(change=place, column=column, value=value):
                old = changes[place]
                changes[place] = Change.put(old.table, {**old.row, column: value}, key=old.key)
            case RowAdded(table=table, columns=columns):
                changes.append(Change.put(table, dict(columns), key=f"added {number}"))
            case _:
                request = edited(request, edit)  # type: ignore[arg-type]
    return Scene(scene.rules, tuple(changes), scene.people), request


@APPS
def test_every_flip_that_is_told_lets_the_row_through_and_leaves_everything_as_it_was(path: Path) -> None:
    scene, told = scene_of(path), 0
    before = dict(scene.contents.evaluations())
    for request in requests_of(path)[::3]:
        seen = scene.rows(scene.resolve(request))
        for table, row_id in rows_of(scene):
            if row_id not in seen.get(table, ()):
                decision = decide(scene.rules.plan, scene.changes, scene.store, request, table, row_id)
                trial = Trial(scene.rules, scene.changes, scene.store, scene.contents, request)
                for edits in smallest_flips(trial, decision):
                    changed, asked = after(scene, request, edits)
                    assert row_id in changed.rows(changed.resolve(asked)).get(table, ())
                    told += 1
    assert told > 0
    assert scene.contents.evaluations() == before


QUERIES = [
    "SELECT * FROM t WHERE a = auth.user_id()",
    "SELECT * FROM t WHERE a = auth.parameter('c') AND b = subscription.parameter('p')",
    "SELECT * FROM t WHERE a IN (SELECT a FROM m WHERE u = auth.user_id())",
    "SELECT * FROM t WHERE a IN (SELECT a FROM m WHERE b IN (SELECT b FROM m WHERE u = auth.user_id()))",
    "SELECT * FROM t WHERE a IN connection.parameter('list') AND NOT b = 'x'",
    "SELECT * FROM t WHERE auth.user_id() IN j",
    "SELECT * FROM t WHERE a = auth.user_id() OR b IN (SELECT b FROM m WHERE u = auth.user_id() AND a = auth.parameter('c'))",
    "SELECT * FROM t WHERE auth.parameter('c') = 'x' AND b IN (SELECT b FROM m WHERE u = auth.user_id())",
    "SELECT t.* FROM t JOIN m ON m.a = t.a AND m.b = t.b WHERE m.u = auth.user_id()",
    "SELECT * FROM t WHERE b IS NULL AND a = auth.user_id()",
    "SELECT * FROM t WHERE a IN (SELECT a FROM m WHERE b IN connection.parameter('list'))",
]
VALUE = st.sampled_from([None, "x", "y", "z"])
ROW = st.fixed_dictionaries(
    {"a": VALUE, "b": VALUE, "u": VALUE, "j": st.sampled_from([None, '["x"]', '["y","z"]', "[]"])}
)


@settings(max_examples=300)
@given(st.sampled_from(QUERIES), st.lists(ROW, min_size=1, max_size=4), st.lists(ROW, max_size=4), st.data())
def test_random_rows_and_connections_are_decided_as_they_sync(
    query: str, rows: list[dict[str, object]], members: list[dict[str, object]], data: st.DataObject
) -> None:
    rules = Rules.from_text(
        f"config: {{edition: 3}}\nstreams: {{s: {{auto_subscribe: true, accept_potentially_dangerous_queries: true, query: {json.dumps(query)}}}}}"
    )
    scene = Scene.of(rules, {"t": [{"id": str(i), **row} for i, row in enumerate(rows)], "m": members}, {})
    claims = {"sub": data.draw(st.sampled_from("xyz")), "c": data.draw(VALUE)}
    parameters = {"list": data.draw(st.lists(st.sampled_from("xyz"), max_size=2))}
    subscriptions = [Subscription("s", {"p": data.draw(VALUE)})] if data.draw(st.booleans()) else []
    request = Request(VerifiedClaims.unverified_for_testing(claims), parameters, tuple(subscriptions))
    seen = scene.rows(scene.resolve(request)).get("t", set())
    for number in range(len(rows)):
        decision = decide(rules.plan, scene.changes, scene.store, request, "t", str(number))
        accesses = who(rules.plan, scene.changes, scene.store, "t", str(number))
        admitted = any(access.admits(request, rules.plan.semantics) for access in accesses)
        assert decision.syncs == admitted == (str(number) in seen)
        assert tell_decision(decision, rules.source, (), scene.changes)
        assert all(tell_access(access, scene.changes) for access in accesses)


CHAT = ("--cases", str(FIXTURES / "chat" / "streams.syncrules.yaml"))
CREW, SURPRISE = "c4a20001-0000-4000-8000-000000000000", "c4a20003-0000-4000-8000-000000000000"


def test_the_commands_tell_and_end_with_the_status_of_what_they_were_asked() -> None:
    why = run("why", "ada", "channels", CREW, *CHAT)
    assert (why.returncode, "rows of channel_members by user_id" in why.stdout) == (0, True)
    assert run("why", "ada", "channels", SURPRISE, *CHAT).returncode == 1
    why_not = run("why-not", "ada", "channels", SURPRISE, *CHAT)
    assert why_not.returncode == 0
    assert "a row in channel_members with user_id = " in why_not.stdout
    assert json.loads(run("why-not", "ada", "channels", SURPRISE, *CHAT, "--json").stdout)["syncs"] is False
    listed = json.loads(run("who", "channels", SURPRISE, *CHAT, "--json").stdout)
    assert listed["people"] == ["bea"]
    assert "nobody can see" in run("who", "channels", "none", *CHAT).stdout
    assert run("why", "ada", "channels", CREW).returncode == 2
    assert run("why", "ada", "channels", "none", *CHAT).stdout.startswith("`channels` none: no source row")
