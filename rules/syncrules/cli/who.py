"""`syncrules who`: everyone who can see a row."""

import json
from pathlib import Path

import click

from syncrules.auth import TokenError
from syncrules.casefile.scene import Scene
from syncrules.cli.scene_option import CASES_HELP, load_scene
from syncrules.explain.demands import connection_for
from syncrules.explain.telling import tell_access
from syncrules.explain.who import Access
from syncrules.explain.who import who as accesses_of


@click.command(name="who", short_help="Everyone who can see a row, and through what.")
@click.argument("table")
@click.argument("row_id", metavar="ID")
@click.option("--cases", type=click.Path(path_type=Path), metavar="FILE", help=CASES_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def who(table: str, row_id: str, cases: Path | None, as_json: bool) -> None:  # noqa: FBT001 (click's)
    """Tell who can see the row ID of TABLE, as clients call it: users found in the data, and conditions on tokens.

    The rules are run backwards, from the row to what a connection must bring. People of the case file who bring it,
    with nothing but their token, are named. Each way was tried forwards, with a connection made up for it.

    \b
    Examples:
      syncrules who lists l1
      syncrules who messages m1 --cases chat.syncrules.yaml --json

    Exit status: 0 done, 2 bad input.
    """
    scene = load_scene(cases)
    found = accesses_of(scene.rules.plan, scene.changes, scene.store, table, row_id)
    people = _people(scene, table, row_id)
    lines = [tell_access(access, scene.changes) for access in found]
    sure = [_is_verified(scene, access, table, row_id) for access in found]
    if as_json:
        rows = [
            {
                "stream": access.query.stream,
                "user": access.user_id,
                "who": told[0],
                "verified": verified,
                "rows": [row.strip() for row in told[1:]],
            }
            for access, told, verified in zip(found, lines, sure, strict=True)
        ]
        click.echo(json.dumps({"people": people, "ways": rows}, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo(f"nobody can see `{table}` {row_id}")
        return
    click.echo(f"`{table}` {row_id} can be seen by")
    for told, verified in zip(lines, sure, strict=True):
        note = "" if verified else " (not tried: no connection could be made up for it)"
        click.echo("\n".join([f"  {told[0]}{note}", *(f"  {row}" for row in told[1:])]))
    if people:
        click.echo(f"\nof the people here, as they connect by default: {', '.join(people)}")


def _is_verified(scene: Scene, access: Access, table: str, row_id: str) -> bool:
    """Whether a connection with just what is demanded really gets the row: resolved, not inferred."""
    request = connection_for(access, scene.rules.plan.semantics)
    return request is not None and row_id in scene.rows(scene.resolve(request)).get(table, ())


def _people(scene: Scene, table: str, row_id: str) -> list[str]:
    """The people who see the row when they connect with nothing but their token: resolved, not inferred."""
    found = []
    for person, claims in scene.people.items():
        if not isinstance(claims, TokenError) and row_id in scene.visible(person, table):
            found.append(person)
    return found
