"""`syncrules lint`: find what is wrong with rules files, offline."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from syncrules import __version__
from syncrules.cli.problem import REFUSED, Problem
from syncrules.cli.schema_option import SCHEMA_HELP, read_schema
from syncrules.diagnostics import Severity
from syncrules.lint import all_rules, lint
from syncrules.lint.baseline import BaselineError, new_findings, read_baseline, write_baseline
from syncrules.lint.edit import diff
from syncrules.lint.file import FileError, RulesFile, rules_files, write_text
from syncrules.lint.finding import LEVELS, Finding
from syncrules.lint.fix import fix
from syncrules.lint.report_ci import report_github, report_junit
from syncrules.lint.report_json import report_json, report_sarif
from syncrules.lint.report_text import report_text
from syncrules.lint.settings import Settings, SettingsError, find_settings
from syncrules.schema import Schema

_COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_FORMATS: Final[dict[str, Callable[[list[Finding], list[str]], str]]] = {
    "text": lambda findings, _: report_text(findings, _coloured),
    "json": lambda findings, _: report_json(findings),
    "sarif": lambda findings, _: report_sarif(findings, all_rules(), __version__),
    "github": lambda findings, _: report_github(findings),
    "junit": report_junit,
}


@click.command(name="lint", short_help="Find what is wrong with rules files, offline.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--schema", metavar="PLACE", help=SCHEMA_HELP)
@click.option("--format", "form", type=click.Choice([*_FORMATS]), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--fail-level",
    type=click.Choice([level.value for level in LEVELS]),
    default=Severity.WARNING.value,
    show_default=True,
    help="End with status 1 if anything found is at least so bad.",
)
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Report only what is not in it.")
@click.option("--write-baseline", type=click.Path(path_type=Path), metavar="FILE", help="Write what is found there.")
@click.option("--fix", "mend", is_flag=True, help="Mend what is sure, and report the rest. What syncs stays the same.")
@click.option("--diff", "show", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--list-rules", is_flag=True, help="List the rules, and end.")
def lint_command(
    paths: tuple[Path, ...],
    schema: str | None,
    form: str,
    as_json: bool,  # noqa: FBT001 (click's)
    fail_level: str,
    baseline: Path | None,
    write_baseline: Path | None,
    mend: bool,  # noqa: FBT001 (click's)
    show: bool,  # noqa: FBT001 (click's)
    list_rules: bool,  # noqa: FBT001 (click's)
) -> None:
    """Find what is wrong with rules files before they are deployed, without a server or a network.

    PATHS are rules files, service configurations with rules inside, or folders of them; without any, this
    folder. With --schema, tables, columns and types are checked, too. What is meant can be said in a comment,
    with its reason: `# syncrules: ignore[code] because …`.

    \b
    Examples:
      syncrules lint
      syncrules lint sync.yaml --schema supabase/migrations
      syncrules lint --format sarif > lint.sarif
      syncrules lint --diff
      syncrules rule null-rows

    Exit status: 0 nothing found at the level of --fail-level (with --diff: nothing to mend), 1 something found,
    2 bad input.
    """
    if list_rules:
        click.echo("\n".join(f"{rule.code:<22} {rule.severity:<8} {rule.summary}" for rule in all_rules()))
        return
    linted = [*_linted(_files(paths or (Path(),)), schema)]
    if show:
        _show(linted)
        return
    if mend:
        linted = [replace(each, file=_mend(each)) for each in linted]
    files = [each.file for each in linted]
    found = [finding for each in linted for finding in each.findings()]
    if write_baseline is not None:
        _write(write_baseline, found)
        return
    if baseline is not None:
        found = _new(found, baseline)
    click.echo(_FORMATS["json" if as_json else form](found, [file.source.name for file in files]))
    if any(LEVELS[finding.diagnostic.severity] >= LEVELS[Severity(fail_level)] for finding in found):
        sys.exit(REFUSED)


def _files(paths: tuple[Path, ...]) -> list[RulesFile]:
    try:
        files = [*rules_files(paths)]
    except FileError as error:
        raise Problem("rules-file", str(error)) from None
    if not files:
        raise Problem("no-rules-files", f"there are no rules files in {', '.join(map(str, paths))}")
    return files


@dataclass(frozen=True, slots=True)
class _Linted:
    """A file, and by what it is judged."""

    file: RulesFile
    settings: Settings
    schema: Schema | None

    def findings(self) -> list[Finding]:
        diagnostics = self.file.placed(lint(self.file.rules, self.schema))
        return [Finding(self.file.source, one) for one in diagnostics if self.settings.keeps(self.file.path, one)]


def _linted(files: list[RulesFile], schema: str | None) -> Iterator[_Linted]:
    loaded: dict[str, Schema] = {}
    for file in files:
        settings = _settings(file)
        place = schema or (str(settings.folder / settings.schema) if settings.schema else None)
        known = None if place is None else loaded.get(place) or loaded.setdefault(place, read_schema(place))
        yield _Linted(file, settings, known)


def _mend(linted: _Linted) -> RulesFile:
    mended = fix(linted.file, linted.schema)
    if mended.source.text != linted.file.source.text:
        write_text(mended.path, mended.source.text)
        click.echo(f"mended {mended.path}", err=True)
    return mended


def _show(linted: list[_Linted]) -> None:
    changes = [
        diff(each.file.source.name, each.file.source.text, fix(each.file, each.schema).source.text) for each in linted
    ]
    click.echo("".join(changes), nl=False)
    if any(changes):
        sys.exit(REFUSED)


def _settings(file: RulesFile) -> Settings:
    try:
        return find_settings(file.path.parent)
    except SettingsError as error:
        raise Problem("settings", str(error)) from None


def _write(path: Path, found: list[Finding]) -> None:
    try:
        path.write_text(write_baseline(found), "utf-8")
    except OSError as error:
        raise Problem("baseline", f"{path}: {error.strerror or error}") from None
    click.echo(f"{len(found)} findings are known in {path}", err=True)


def _new(found: list[Finding], baseline: Path) -> list[Finding]:
    try:
        return [*new_findings(found, read_baseline(baseline.read_text("utf-8")))]
    except (OSError, UnicodeDecodeError) as error:
        raise Problem("baseline", f"{baseline}: {getattr(error, 'strerror', None) or error}") from None
    except BaselineError as error:
        raise Problem("baseline", f"{baseline}: {error}") from None


def _coloured(text: str, severity: Severity) -> str:
    return click.style(text, fg=_COLOURS[severity], bold=True)
