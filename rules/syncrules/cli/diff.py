"""`syncrules diff`: what changes for whom between two rules files."""

import json
import sys
from pathlib import Path
from typing import Final

import click

from syncrules.casefile.difference import Difference, changed_streams, differences, kind_of
from syncrules.casefile.read import CaseFileError, read_case_file
from syncrules.casefile.scene import Scene
from syncrules.cli.problem import REFUSED, Problem, Problems
from syncrules.cli.rules_file import load_rules
from syncrules.diagnostics import RulesError, render_line

_FAILS: Final = {"wider": {"wider", "different"}, "any": {"wider", "different", "narrower"}, "never": set[str]()}


@click.command(name="diff", short_help="What changes for whom when one rules file takes the place of another.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--cases", type=click.Path(path_type=Path), metavar="FILE", help="A case file: its rows and people.")
@click.option(
    "--fail-on", type=click.Choice([*_FAILS]), default="wider", show_default=True, help="End with status 1 for these."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(old: Path, new: Path, cases: Path | None, fail_on: str, as_json: bool) -> None:  # noqa: FBT001 (click's)
    """Tell which streams differ between the rules files OLD and NEW and, with --cases, which rows change for whom.

    For each person of the case file, and each connection of its cases: same, narrower (rows are lost), wider (rows
    are gained) or different (both). Without --cases, any changed stream counts as different.

    \b
    Examples:
      syncrules diff main.yaml sync.yaml
      syncrules diff <(git show main:sync.yaml) sync.yaml --cases app.syncrules.yaml

    Exit status: 0 nothing of --fail-on, 1 something of it, 2 bad input.
    """
    before, after = load_rules(old), load_rules(new)
    streams = changed_streams(before.plan, after.plan)
    found: list[Difference] = []
    if cases is not None:
        try:
            placed = read_case_file(cases)
            scene = Scene.read(placed).with_rules(before)
        except (CaseFileError, RulesError) as error:
            raise Problems(tuple(render_line(each, error.source) for each in error.diagnostics)) from None
        except OSError as error:
            raise Problem("cases", f"{cases}: {error.strerror or error}") from None
        found = [*differences(scene, after, placed.file.cases)]
    kind = kind_of([g for d in found for g in d.gained], [g for d in found for g in d.lost])
    if cases is None and streams:
        kind = "different"
    click.echo(_json(kind, streams, found) if as_json else _text(kind, streams, found))
    if kind in _FAILS[fail_on]:
        sys.exit(REFUSED)


def _text(kind: str, streams: dict[str, str], found: list[Difference]) -> str:
    lines = [f"stream {name}: {change}" for name, change in streams.items()]
    for each in found:
        if each.kind != "same" or each.gained_buckets or each.lost_buckets:
            lines.append(f"{each.who}: {each.kind}")
            lines += [f"  + {row}" for row in each.gained]
            lines += [f"  - {row}" for row in each.lost]
            lines.append(f"  buckets: {len(each.gained_buckets)} more, {len(each.lost_buckets)} fewer")
    return "\n".join([*lines, f"all in all: {kind}"])


def _json(kind: str, streams: dict[str, str], found: list[Difference]) -> str:
    rows = [
        {
            "who": each.who,
            "kind": each.kind,
            "gained": list(each.gained),
            "lost": list(each.lost),
            "gained_buckets": list(each.gained_buckets),
            "lost_buckets": list(each.lost_buckets),
        }
        for each in found
    ]
    return json.dumps({"kind": kind, "streams": streams, "connections": rows}, ensure_ascii=False, indent=2)
