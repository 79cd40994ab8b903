"""`syncrules mutate`: which mistakes in the rules no case would notice."""

import json
import sys
from pathlib import Path

import click

from syncrules.casefile.find import case_files
from syncrules.casefile.mutants import Mutant, is_killed, mutants_of
from syncrules.casefile.read import CaseFileError, Placed, read_case_file
from syncrules.casefile.scene import Scene
from syncrules.cli.problem import REFUSED, Problem, Problems
from syncrules.diagnostics import RulesError, Source, render_line


@click.command(name="mutate", short_help="Which mistakes in the rules no case would notice.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--fail-under", type=click.FloatRange(0, 100), default=0, help="End with status 1 below this score.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def mutate(paths: tuple[Path, ...], fail_under: float, as_json: bool) -> None:  # noqa: FBT001 (click's)
    """Break the rules in every small way, and list the ways that no case notices.

    PATHS are case files or folders of them; without any, this folder. Each mutant drops a condition, a join's
    condition or a NOT, or swaps AND and OR. The score is how many of 100 make a case fail.

    \b
    Examples:
      syncrules mutate
      syncrules mutate fixtures/todo --fail-under 90

    Exit status: 0 done, 1 the score is below --fail-under, 2 bad input.
    """
    by_rules: dict[str, list[tuple[Placed, Scene]]] = {}
    for path in case_files(paths or (Path(),)):
        placed, scene = _loaded(path)
        by_rules.setdefault(scene.rules.source.name, []).append((placed, scene))
    if not by_rules:
        raise Problem("no-cases", "there are no case files here")
    survivors: dict[str, list[Mutant]] = {}
    count = 0
    for name, scenes in by_rules.items():
        source, schema = scenes[0][1].rules.source, scenes[0][1].schema
        mutants = [*mutants_of(source, schema)]
        count += len(mutants)
        with click.progressbar(mutants, label=name, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            survivors[name] = [
                mutant
                for mutant in bar
                if not any(is_killed(mutant, scene, placed.file.cases) for placed, scene in scenes)
            ]
    sources = {name: scenes[0][1].rules.source for name, scenes in by_rules.items()}
    survived = sum(map(len, survivors.values()))
    score = 100 * (count - survived) / count if count else 100.0
    click.echo(_json(survivors, sources, count, score) if as_json else _text(survivors, sources, count, score))
    if score < fail_under:
        sys.exit(REFUSED)


def _loaded(path: Path) -> tuple[Placed, Scene]:
    try:
        placed = read_case_file(path)
        return placed, Scene.read(placed)
    except (CaseFileError, RulesError) as error:
        raise Problems(tuple(render_line(each, error.source) for each in error.diagnostics)) from None
    except OSError as error:
        raise Problem("cases", f"{path}: {error.strerror or error}") from None


def _text(survivors: dict[str, list[Mutant]], sources: dict[str, Source], count: int, score: float) -> str:
    lines = []
    for name, mutants in survivors.items():
        for mutant in mutants:
            place = sources[name].position(mutant.span.start)
            text = " ".join(sources[name].slice(mutant.span).split())
            lines.append(f"{name}:{place.line}:{place.column}: no case notices the query {mutant.what}")
            lines.append(f"  `{text}` → `{mutant.edit.text}`")
    survived = sum(map(len, survivors.values()))
    return "\n".join([*lines, f"{score:.0f} % killed: {count - survived} of {count} mutants"])


def _json(survivors: dict[str, list[Mutant]], sources: dict[str, Source], count: int, score: float) -> str:
    rows = [
        {
            "rules": name,
            "line": sources[name].position(mutant.span.start).line,
            "what": mutant.what,
            "from": sources[name].slice(mutant.span),
            "to": mutant.edit.text,
        }
        for name, mutants in survivors.items()
        for mutant in mutants
    ]
    return json.dumps({"mutants": count, "score": round(score, 2), "survivors": rows}, ensure_ascii=False, indent=2)
