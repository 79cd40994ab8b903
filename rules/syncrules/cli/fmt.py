"""`syncrules fmt`: the canonical form of the queries in rules files."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from syncrules.cli.problem import REFUSED, Problem, Problems
from syncrules.diagnostics import Source, render_line
from syncrules.lint.edit import apply_edits, diff
from syncrules.lint.file import FileError, RulesFile, rules_files, write_text
from syncrules.lint.format import format_edits


@click.command(name="fmt", short_help="Format the queries in rules files.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--check", is_flag=True, help="Change nothing; end with status 1 if a file would change.")
@click.option("--diff", "show", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print which files changed, or would, as JSON.")
def fmt(
    paths: tuple[Path, ...],
    check: bool,  # noqa: FBT001 (click's)
    show: bool,  # noqa: FBT001 (click's)
    as_json: bool,  # noqa: FBT001 (click's)
) -> None:
    """Format the queries in rules files: keywords in capitals, one blank between words, clauses on lines of their own.

    PATHS are files or folders of them; without any, this folder; `-` reads standard input and writes standard
    output. Comments, quotes, block styles and all that is no query stay byte for byte. What the rules mean does not
    change: a query that would read differently is left as it is.

    \b
    Examples:
      syncrules fmt
      syncrules fmt --check --diff
      syncrules fmt - < sync.yaml

    Exit status: 0 done, 1 something would change (--check, --diff), 2 bad input.
    """
    if paths == (Path("-"),):
        source = Source("standard input", sys.stdin.read())
        click.echo(_formatted(RulesFile(Path("-"), source)).after, nl=False)
        return
    changed = [each for each in map(_formatted, _files(paths or (Path(),))) if each.before != each.after]
    writes = not check and not show
    for each in changed if writes else ():
        _write(each)
    if as_json:
        rows = [{"path": each.name, "changed": writes} for each in changed]
        click.echo(json.dumps({"files": rows}, ensure_ascii=False, indent=2))
    elif show:
        click.echo("".join(diff(each.name, each.before, each.after) for each in changed), nl=False)
    else:
        click.echo(
            "\n".join(
                [f"{'formatted' if writes else 'would format'} {each.name}" for each in changed]
                or ["nothing to format"]
            )
        )
    if changed and not writes:
        sys.exit(REFUSED)


@dataclass(frozen=True, slots=True)
class _Formatted:
    name: str
    path: Path
    before: str
    after: str


def _formatted(file: RulesFile) -> _Formatted:
    edits, errors = format_edits(file.rules)
    if errors:
        raise Problems(tuple(render_line(error, file.source) for error in file.placed(errors)))
    return _Formatted(file.source.name, file.path, file.source.text, apply_edits(file.source.text, file.place(edits)))


def _files(paths: tuple[Path, ...]) -> list[RulesFile]:
    try:
        return [*rules_files(paths)]
    except FileError as error:
        raise Problem("rules-file", str(error)) from None


def _write(formatted: _Formatted) -> None:
    try:
        write_text(formatted.path, formatted.after)
    except FileError as error:
        raise Problem("rules-file", str(error)) from None
