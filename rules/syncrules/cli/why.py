"""`syncrules why` and `why-not`: how the rules decide on a row."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from syncrules.cli.problem import REFUSED
from syncrules.cli.scene_option import CASES_HELP, connection, load_scene
from syncrules.explain.decision import decide
from syncrules.explain.edits import Trial
from syncrules.explain.flip import smallest_flips
from syncrules.explain.telling import decision_json, tell_decision


@dataclass(frozen=True, slots=True)
class Asked:
    """What both commands are asked: about whom, about which row, and how they connect."""

    user: str
    table: str
    row_id: str
    cases: Path | None
    subscribe: tuple[str, ...]
    params: str
    as_json: bool


def _arguments(command: Callable[[Asked], None]) -> Callable[..., None]:
    """The arguments and options of both commands, given to them as one value."""

    @wraps(command)
    def called(**arguments: Any) -> None:
        command(Asked(**arguments))

    for option in reversed(
        [
            click.argument("user"),
            click.argument("table"),
            click.argument("row_id", metavar="ID"),
            click.option("--cases", type=click.Path(path_type=Path), metavar="FILE", help=CASES_HELP),
            click.option(
                "--subscribe", multiple=True, metavar="NAME[=JSON]", help="Subscribe to a stream. May be repeated."
            ),
            click.option("--params", metavar="JSON", default="{}", help="Connection parameters."),
            click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        ]
    ):
        called = option(called)
    return called


@click.command(name="why", short_help="Why a row syncs to somebody: each step of the decision.")
@_arguments
def why(asked: Asked) -> None:
    """Tell why the row ID of TABLE, as clients call it, syncs to USER: from the real evaluation, step by step.

    USER is somebody of the case file, or else a user's id, without any other claims.

    \b
    Examples:
      syncrules why ada lists l1
      syncrules why ada messages m1 --cases chat.syncrules.yaml --subscribe 'channel={"channel": "c1"}'

    Exit status: 0 it syncs, 1 it does not (then see `syncrules why-not`), 2 bad input.
    """
    _decide(asked, expected=True)


@click.command(name="why-not", short_help="Why a row does not sync to somebody, and what would change that.")
@_arguments
def why_not(asked: Asked) -> None:
    """Tell why the row ID of TABLE, as clients call it, does not sync to USER, and what would let it through.

    For each way that the rules have, it tells the steps that fail; then the smallest changes of the row, of other
    rows, of the token or of the connection after which it would sync. Each was tried.

    \b
    Examples:
      syncrules why-not bea lists l1
      syncrules why-not bea lists l1 --json

    Exit status: 0 it does not sync, 1 it does (then see `syncrules why`), 2 bad input.
    """
    _decide(asked, expected=False)


def _decide(asked: Asked, *, expected: bool) -> None:
    scene = load_scene(asked.cases)
    request = connection(scene, asked.user, asked.subscribe, asked.params)
    decision = decide(scene.rules.plan, scene.changes, scene.store, request, asked.table, asked.row_id)
    trial = Trial(scene.rules, scene.changes, scene.store, scene.contents, request)
    flips = [] if decision.syncs else smallest_flips(trial, decision)
    if asked.as_json:
        click.echo(json.dumps(decision_json(decision, flips, scene.changes), ensure_ascii=False, indent=2))
    else:
        click.echo(tell_decision(decision, scene.rules.source, flips, scene.changes))
    if decision.syncs is not expected:
        sys.exit(REFUSED)
