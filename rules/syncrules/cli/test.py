"""`syncrules test`: run case files."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click

from syncrules.casefile.coverage import Coverage, coverage_of
from syncrules.casefile.coverage_report import coverage_page, coverage_text
from syncrules.casefile.find import case_files, run_files
from syncrules.casefile.model import CaseFile
from syncrules.casefile.read import CaseFileError, read_case_file
from syncrules.casefile.report import report_json, report_junit, report_text
from syncrules.casefile.run import FileResult
from syncrules.casefile.scene import Scene
from syncrules.cli.problem import REFUSED, Problem
from syncrules.diagnostics import RulesError

_USAGE: Final = 4
_NOTHING: Final = 5
_FORMATS: Final[dict[str, Callable[[Sequence[FileResult], float], str]]] = {
    "text": report_text,
    "json": report_json,
    "junit": report_junit,
}


@click.command(name="test", short_help="Run case files: who must see what under which rules.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("-k", "wanted", metavar="TEXT", default="", help="Only cases whose name holds this text.")
@click.option("--format", "form", type=click.Choice([*_FORMATS]), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--watch", is_flag=True, help="Run again whenever a file beside the case files changes.")
@click.option("--coverage", is_flag=True, help="Also tell what of the rules no case has shown.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="Fail below so much coverage.")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write the coverage there as a page.")
@click.option("--json-schema", is_flag=True, help="Print the JSON Schema of case files, for editors, and end.")
def test(
    paths: tuple[Path, ...],
    wanted: str,
    form: str,
    as_json: bool,  # noqa: FBT001 (click's)
    watch: bool,  # noqa: FBT001 (click's)
    coverage: bool,  # noqa: FBT001 (click's)
    fail_under: float | None,
    html: Path | None,
    json_schema: bool,  # noqa: FBT001 (click's)
) -> None:
    """Run case files, which say who must see what under which rules.

    PATHS are case files (`*.syncrules.yaml`) or folders of them; without any, this folder. A case file names a rules
    file, rows, people, and what each connection must get: docs/testing.md has it all. pytest collects the same files
    by itself.

    \b
    Examples:
      syncrules test
      syncrules test fixtures/todo -k Bea
      syncrules test --format junit > report.xml
      syncrules test --coverage --html coverage.html

    Exit status, as pytest's: 0 all passed, 1 some failed, 2 interrupted or a file could not be run, 4 bad
    arguments, 5 no cases.
    """
    if json_schema:
        click.echo(json.dumps(CaseFile.model_json_schema(by_alias=True), ensure_ascii=False, indent=2))
        return
    form = "json" if as_json else form
    roots = paths or (Path(),)
    if watch:
        _watch(roots, wanted, form)
    status = _run(roots, wanted, form)
    if coverage or fail_under is not None or html is not None:
        status = status or _cover(roots, form, fail_under or 0, html)
    if status:
        sys.exit(status)


def _cover(roots: tuple[Path, ...], form: str, fail_under: float, html: Path | None) -> int:
    """Tells what no case has shown; beside a report for programs, on standard error."""
    by_rules: dict[str, Coverage] = {}
    for path in case_files(roots):
        try:
            placed = read_case_file(path)
            found = coverage_of(Scene.read(placed), placed.file.cases)
        except (CaseFileError, RulesError, OSError):
            continue  # the run itself has told it
        by_rules.setdefault(found.source.name, found).join(found)
    covered = [by_rules[name] for name in sorted(by_rules)]
    click.echo(coverage_text(covered), err=form != "text")
    if html is not None:
        try:
            html.write_text(coverage_page(covered), "utf-8")
        except OSError as error:
            raise Problem("html", f"{html}: {error.strerror or error}", _USAGE) from None
    return REFUSED if any(each.percent < fail_under for each in covered) else 0


def _run(roots: tuple[Path, ...], wanted: str, form: str) -> int:
    """Runs everything once, and says how it ended."""
    files = [*case_files(roots)]
    missing = next((file for file in files if not file.exists()), None)
    if missing is not None:
        raise Problem("no-file", f"there is no file {missing}", _USAGE)
    start = time.monotonic()
    results = _with_progress(files, wanted)
    click.echo(_FORMATS[form](results, time.monotonic() - start))
    if any(result.problems for result in results):
        return 2
    if any(result.failed for result in results):
        return REFUSED
    return 0 if any(result.cases for result in results) else _NOTHING


def _with_progress(files: list[Path], wanted: str) -> list[FileResult]:
    if not sys.stderr.isatty():
        return run_files(files, wanted)
    with click.progressbar(length=len(files), label="case files", file=sys.stderr) as bar:
        return run_files(files, wanted, lambda _: bar.update(1))


def _watch(roots: tuple[Path, ...], wanted: str, form: str) -> None:
    try:
        from watchfiles import watch
    except ImportError:
        raise Problem("watch", "to watch files, install `syncrules[watch]`", _USAGE) from None
    _run(roots, wanted, form)
    folders = {root if root.is_dir() else root.parent for root in roots}
    for _ in watch(*folders, raise_interrupt=False):
        _run(roots, wanted, form)
