"""`syncrules plan`: what a rules file compiles to, as text, JSON or a drawing."""

from pathlib import Path
from typing import Final

import click

from syncrules.cli.output_option import write
from syncrules.cli.rules_file import load_rules
from syncrules.explain import draw_dot, draw_mermaid, draw_svg, graph_of
from syncrules.plan.printing import print_plan

_DRAWINGS: Final = {"mermaid": draw_mermaid, "dot": draw_dot, "svg": draw_svg}


@click.command(name="plan", short_help="Show the plan of a rules file: text, JSON, or a drawing.")
@click.argument("rules_file", metavar="RULES", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON: what a server stores.")
@click.option("--draw", type=click.Choice([*_DRAWINGS]), help="Draw it: lookups, requests, buckets, rows.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write there, not to standard output.")
def plan(rules_file: Path, as_json: bool, draw: str | None, output: Path | None) -> None:  # noqa: FBT001 (click's)
    """Show what RULES compiles to: lookups that are kept, buckets, and how requests and rows meet in them.

    \b
    Examples:
      syncrules plan sync.yaml
      syncrules plan sync.yaml --json > plan.json
      syncrules plan sync.yaml --draw svg -o plan.svg
      syncrules plan sync.yaml --draw mermaid >> README.md

    Exit status: 0 done, 2 bad input.
    """
    if as_json and draw:
        message = "--json and --draw are two forms: choose one"
        raise click.UsageError(message)
    rules = load_rules(rules_file)
    if as_json:
        text = rules.to_json() + "\n"
    elif draw:
        text = _DRAWINGS[draw](graph_of(rules.plan))
    else:
        text = print_plan(rules.plan)
    write(text, output)
