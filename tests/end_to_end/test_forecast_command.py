"""`syncrules forecast` as a user meets it: where users come from, what is printed, and how it ends."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures"
CHAT = FIXTURES / "chat"
STREAMS = """
config: {edition: 3}
streams:
  teams:
    auto_subscribe: true
    query: SELECT id FROM notes WHERE team IN (SELECT team FROM members WHERE person = auth.user_id())
  room: {query: "SELECT id FROM notes WHERE room = subscription.parameter('room') AND team = auth.user_id()"}
  staff: {auto_subscribe: true, query: "SELECT id FROM notes WHERE auth.parameter('staff') = true"}
"""


def forecast(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SYNCRULES")}
    return subprocess.run(
        [sys.executable, "-c", "from syncrules.cli.main import main; main()", "forecast", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=plain,
        timeout=60,
        check=False,
    )


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Ada is in three teams, Bea in one, twice; Cy has an account, and is in none."""
    members = [("ada", "t1"), ("ada", "t2"), ("ada", "t3"), ("bea", "t1"), ("bea", "t1")]
    rows = [{"id": f"m{number}", "person": person, "team": team} for number, (person, team) in enumerate(members)]
    people = [{"uid": name} for name in ("ada", "bea", "cy")]
    (tmp_path / "data.json").write_text(json.dumps({"members": rows, "auth.people": people}), "utf-8")
    (tmp_path / "sync.yaml").write_text(STREAMS, "utf-8")
    return tmp_path


def test_users_are_found_by_what_rules_compare_and_told_with_what_they_lack(app: Path) -> None:
    done = forecast("sync.yaml", "--data", "data.json", folder=app)
    assert done.returncode == 0
    assert "2 users found in public.members.person" in done.stderr
    assert "warning[missing-claims]: these users have no staff" in done.stderr
    assert done.stdout.startswith("2 users ")
    assert done.stdout.endswith("nobody is over a limit\n")


@pytest.mark.parametrize("place", ["auth.people.uid", "members.person"])
def test_users_can_be_a_column(app: Path, place: str) -> None:
    done = forecast("sync.yaml", "--data", "data.json", "--users", place, "--json", folder=app)
    assert done.returncode == 0
    said = json.loads(done.stdout)
    counts = {"auth.people.uid": (3, 1, 3), "members.person": (2, 1, 3)}
    spread = said["buckets"]["streams"]["teams"]
    assert (said["users"], spread["p50"], spread["max"]) == counts[place]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("people.jsonl", '{"sub": "ada", "staff": true}\n{"sub": "bea"}\n'),
        ("people.json", '[{"sub": "ada", "staff": true}, {"sub": "bea"}]'),
        ("people.yaml", "ada: {sub: ada, staff: true}\nbea: {sub: bea}\n"),
        ("all.syncrules.yaml", "rules: sync.yaml\npeople: {ada: {claims: {sub: ada, staff: true}}, bea: {claims: {sub: bea}}}\ncases: []\n"),
    ],
)  # fmt: skip
def test_people_come_with_their_claims_in_any_of_these_files(app: Path, name: str, text: str) -> None:
    (app / name).write_text(text, "utf-8")
    done = forecast("sync.yaml", "--data", "data.json", "--people", name, "--json", folder=app)
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["users"] == 2
    assert said["buckets"]["all"] == {"p50": 1, "p95": 4, "max": 4}


def test_a_case_file_brings_rows_and_whose_token_is_refused_is_left_out(app: Path) -> None:
    for name in ("sync-streams.yaml", "auth.yaml", "data", "tokens"):
        (app / name).symlink_to(CHAT / name)
    case_file = (CHAT / "streams.syncrules.yaml").read_text("utf-8").replace("schema: schema.sql\n", "")
    (app / "app.syncrules.yaml").write_text(
        case_file.replace("people:\n", "people:\n  eve: {token: sync.yaml}\n"), "utf-8"
    )
    done = forecast("sync-streams.yaml", "--people", "app.syncrules.yaml", "--json", folder=app)
    assert done.returncode == 0
    assert done.stderr == "warning[refused]: left out, because their tokens are refused: eve\n"
    assert json.loads(done.stdout)["buckets"]["streams"]["my_channels"]["max"] == 3


def test_somebody_over_a_limit_ends_with_status_1_and_is_named(app: Path) -> None:
    done = forecast("sync.yaml", "--data", "data.json", "--limit-buckets", "2", "--limit-results", "2", folder=app)
    assert done.returncode == 1
    assert "over 2 buckets: 1 user, most of all `ada` with 3\n          3  `teams`" in done.stdout
    assert "over 2 parameter results: 1 user, most of all `ada` with 3" in done.stdout
    assert "          3  rows for `teams` from `public.members`" in done.stdout


def test_subscriptions_and_shared_claims_count_for_everybody(app: Path) -> None:
    (app / "claims.json").write_text('{"staff": true}', "utf-8")
    asked = ("--subscribe", 'room={"room": "r1"}', "--subscribe", 'room={"room": "r2"}')
    done = forecast("sync.yaml", "--data", "data.json", "--claims", "claims.json", *asked, "--json", folder=app)
    said = json.loads(done.stdout)
    assert said["buckets"]["streams"]["room"] == {"p50": 2, "p95": 2, "max": 2}
    assert said["buckets"]["streams"]["staff"]["p50"] == 1
    assert "missing-claims" not in done.stderr


def test_the_picture_goes_to_a_file(app: Path) -> None:
    done = forecast("sync.yaml", "--data", "data.json", "--draw", "svg", "-o", "out.svg", folder=app)
    assert (done.returncode, done.stdout) == (0, "")
    assert ET.fromstring((app / "out.svg").read_text("utf-8")).tag.endswith("svg")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "data-missing"),
        (("--data", "data.json", "--users", "nothing.uid"), "users-table"),
        (("--data", "data.json", "--users", "members.uid"), "users-column"),
        (("--data", "data.json", "--people", "nobody.json"), "people-file"),
        (("--data", "data.json", "--people", "data.json"), "people-shape"),
        (("--data", "data.json", "--people", "sync.yaml", "--users", "members.person"), "two-people"),
        (("--data", "no.json"), "data-file"),
        (("--data", "data.json", "--subscribe", "room={"), "json-argument"),
        (("--data", "data.json", "--json", "--draw", "svg"), "usage"),
        (("--data", "data.json", "--limit-buckets", "0"), "usage"),
        (("--data", "data.json", "--limit-buckets", "1000000000000"), "usage"),
        (("--data", "data.json", "-o", "no/where"), "output"),
    ],
)
def test_bad_input_is_one_line_and_status_2(app: Path, arguments: tuple[str, ...], code: str) -> None:
    done = forecast("sync.yaml", *arguments, folder=app)
    assert done.returncode == 2
    problems = [line for line in done.stderr.splitlines() if line.startswith("error")]
    assert [line.partition("]")[0] for line in problems] == [f"error[{code}"]
    assert "Traceback" not in done.stderr


def test_data_without_users_says_how_to_name_them(app: Path) -> None:
    (app / "data.json").write_text('{"members": [{"id": "m1", "person": null, "team": "t1"}]}', "utf-8")
    done = forecast("sync.yaml", "--data", "data.json", folder=app)
    assert done.returncode == 2
    assert "error[no-users]: there are no users: give `--people FILE`, or `--users TABLE.COLUMN`" in done.stderr
