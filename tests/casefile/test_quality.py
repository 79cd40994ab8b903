"""Coverage, mutants and differences: what the cases have shown of the rules, and what changes with them."""

import functools
import json
from pathlib import Path

import pytest

from syncrules import Rules
from syncrules.casefile.coverage import coverage_of
from syncrules.casefile.coverage_report import coverage_page, coverage_text
from syncrules.casefile.difference import changed_streams, differences
from syncrules.casefile.model import Case
from syncrules.casefile.mutants import is_killed, mutants_of
from syncrules.casefile.read import Placed, read_case_file
from syncrules.casefile.scene import Scene
from syncrules.diagnostics import Source
from tests.end_to_end.test_command import run

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = sorted(FIXTURES.glob("*/*.syncrules.yaml"))
APPS = sorted({path.parent for path in FILES})


@functools.cache
def loaded(path: Path) -> tuple[Placed, Scene]:
    placed = read_case_file(path)
    return placed, Scene.read(placed)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_apps_are_covered_completely(path: Path) -> None:
    placed, scene = loaded(path)
    coverage = coverage_of(scene, placed.file.cases)
    assert coverage.missing() == []
    assert coverage.covered == coverage.total > 0


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.name)
def test_nine_of_ten_mutants_of_each_app_are_noticed(app: Path) -> None:
    killed = count = 0
    for path in app.glob("*.syncrules.yaml"):
        placed, scene = loaded(path)
        for mutant in mutants_of(scene.rules.source, scene.schema):
            count += 1
            killed += is_killed(mutant, scene, placed.file.cases)
    assert count >= 8
    assert killed / count >= 0.9


RULES = """config: {edition: 3}
streams:
  mine:
    auto_subscribe: true
    query: SELECT id FROM lists WHERE owner = auth.user_id() AND (kind = 'a' OR NOT hidden)
  team:
    auto_subscribe: true
    query: SELECT id FROM lists AS team WHERE org IN (SELECT org FROM members WHERE user_id = auth.user_id())
"""
ROWS = {
    "lists": [
        {"id": "1", "owner": "ada", "kind": "a", "hidden": 1, "org": "o"},
        {"id": "2", "owner": "ada", "kind": "b", "hidden": 1, "org": None},
        {"id": "3", "owner": "bea", "kind": "b", "hidden": 0, "org": "p"},
    ],
    "members": [{"user_id": "ada", "org": "o"}],
}
PEOPLE = {"ada": {"sub": "ada"}, "bea": {"sub": "bea"}}


def scene_of(rules: str = RULES) -> Scene:
    return Scene.of(Rules.from_text(rules), ROWS, PEOPLE)


def case(person: str, **expect: object) -> Case:
    return Case.model_validate({"name": person, "person": person, "expect": expect})


def test_coverage_names_what_no_case_has_shown() -> None:
    nobody = {point.what: ways for point, ways in coverage_of(scene_of(), []).missing()}
    assert nobody["buckets of mine"] == {"granted"}
    assert nobody["buckets of team"] == {"granted", "denied"}
    assert nobody["lookup of members"] == {"found", "empty"}
    ada = {point.what: ways for point, ways in coverage_of(scene_of(), [case("ada")]).missing()}
    assert "buckets of mine" not in ada
    assert ada["lookup of members"] == {"empty"}
    both = coverage_of(scene_of(), [case("ada"), case("bea")])
    assert both.missing() == []


def test_each_clause_of_a_condition_counts_by_itself() -> None:
    scene = Scene.of(Rules.from_text(RULES), {**ROWS, "lists": ROWS["lists"][:1]}, PEOPLE)
    missing = {point.what: ways for point, ways in coverage_of(scene, [case("ada"), case("bea")]).missing()}
    assert missing["`(kind = 'a')`"] == {"false"}
    assert missing["`not(hidden)`"] == {"true"}


def test_the_page_marks_the_text_and_escapes_it() -> None:
    rules = RULES.replace("kind = 'a'", "kind < '<b>'")
    coverage = coverage_of(scene_of(rules), [case("ada")])
    page = coverage_page([coverage])
    assert "<b>" not in page and "class=some" in page
    assert "never" in coverage_text([coverage])


def test_mutants_drop_swap_and_negate_and_none_is_the_original() -> None:
    found = [*mutants_of(Source("r.yaml", RULES))]
    assert {mutant.what for mutant in found} >= {
        "without its WHERE", "without one side of AND", "without one side of OR", "AND in place of OR", "without NOT",
    }  # fmt: skip
    assert len({mutant.rules.plan for mutant in found}) == len(found)
    assert Rules.from_text(RULES).plan not in {mutant.rules.plan for mutant in found}


def test_a_mutant_lives_until_a_case_notices_it() -> None:
    scene = scene_of()
    dropped = next(m for m in mutants_of(Source("r.yaml", RULES)) if m.what == "without NOT")
    assert not is_killed(dropped, scene, [case("ada")])
    assert is_killed(
        dropped, scene, [case("ada", rows={"lists": ["1"], "team": ["1"]}), case("bea", rows={"lists": ["3"]})]
    )


@pytest.mark.parametrize(
    ("change", "kinds", "streams"),
    [
        (("AND (kind = 'a' OR NOT hidden)", ""), {"ada": "wider", "bea": "same"}, {"mine": "changed"}),
        (("OR NOT hidden", ""), {"ada": "same", "bea": "narrower"}, {"mine": "changed"}),
        (("kind = 'a' OR NOT hidden", "kind = 'b'"), {"ada": "different", "bea": "same"}, {"mine": "changed"}),
        (("  team:", "  crew:"), {"ada": "same", "bea": "same"}, {"team": "removed", "crew": "added"}),
        (("query: SELECT id FROM lists WHERE", "query: SELECT  id  FROM lists WHERE"), {"ada": "same", "bea": "same"}, {}),
    ],
)  # fmt: skip
def test_a_change_of_rules_is_told_by_what_it_changes_for_whom(
    change: tuple[str, str], kinds: dict[str, str], streams: dict[str, str]
) -> None:
    new = Rules.from_text(RULES.replace(*change))
    scene = scene_of()
    assert {found.who: found.kind for found in differences(scene, new, [])} == kinds
    assert changed_streams(scene.rules.plan, new.plan) == streams


def test_gained_and_lost_rows_are_what_brute_force_finds() -> None:
    new = Rules.from_text(RULES.replace("OR NOT hidden", ""))
    for found in differences(scene_of(), new, []):
        before = {f"{t} {i}" for t in ("lists", "team") for i in scene_of().visible(found.who, t)}
        after = {f"{t} {i}" for t in ("lists", "team") for i in Scene.of(new, ROWS, PEOPLE).visible(found.who, t)}
        assert (set(found.gained), set(found.lost)) == (after - before, before - after)


def test_the_commands_end_with_the_status_of_what_they_found(tmp_path: Path) -> None:
    app = FIXTURES / "todo"
    page = tmp_path / "coverage.html"
    assert run("test", str(app), "--fail-under", "100", "--html", str(page)).returncode == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert json.loads(run("mutate", str(app), "--json", "--fail-under", "90").stdout)["score"] >= 90
    assert run("mutate", str(tmp_path)).returncode == 2
    wider = tmp_path / "new.yaml"
    text = (app / "sync-streams.yaml").read_text("utf-8")
    wider.write_text(text.replace(" AND done = false", ""), "utf-8")
    command = ("diff", str(app / "sync-streams.yaml"), str(wider), "--cases", str(app / "streams.syncrules.yaml"))
    assert run(*command).returncode == 1
    assert json.loads(run(*command, "--json", "--fail-on", "never").stdout)["kind"] == "wider"
    assert run("diff", str(wider), str(wider)).returncode == 0
