"""`syncrules explain`: what each stream gives a request, and the code that does it."""

import json
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import click

from syncrules.cli.rules_file import load_rules
from syncrules.engine.group_code import group_code
from syncrules.engine.row_code import entry_code, row_code
from syncrules.engine.table import SourceTable
from syncrules.explain import explain_streams
from syncrules.resolve.rules import Rules
from syncrules.schema import TablePattern


@click.command(name="explain", short_help="Say what each stream gives a request, and why buckets are shared.")
@click.argument("rules_file", metavar="RULES", type=click.Path(path_type=Path))
@click.option("--code", "form", flag_value="code", help="Show the generated Python that runs.")
@click.option("--json", "form", flag_value="json", help="Print the explanation as JSON.")
def explain(rules_file: Path, form: str | None) -> None:
    """Say of each stream or definition in RULES what a request gets from it, and which buckets are shared.

    \b
    Examples:
      syncrules explain sync.yaml
      syncrules explain sync.yaml --code

    `syncrules plan` shows the plan itself, and draws it. Exit status: 0 done, 2 bad input.
    """
    rules = load_rules(rules_file)
    match form:
        case "json":
            click.echo(json.dumps([asdict(stream) for stream in explain_streams(rules.plan)], ensure_ascii=False))
        case "code":
            click.echo(generated_code(rules), nl=False)
        case _:
            click.echo("\n\n".join(map(str, explain_streams(rules.plan))))


def generated_code(rules: Rules) -> str:
    """All generated functions, each under a line that says what it is for."""
    plan, program = rules.plan, rules.program
    pieces = []
    patterns = [rule.table for rule in plan.row_rules] + [rule.table for rule in plan.lookup_rules]
    for table in dict.fromkeys(patterns):
        source = _example(table)
        if row_rules := program.row_rules(source):
            pieces.append(f"# rows of {table}\n{row_code(source, row_rules, plan.buckets, plan.semantics).listing()}")
        if lookup_rules := program.lookup_rules(source):
            pieces.append(f"# lookups of {table}\n{entry_code(source, lookup_rules, plan.semantics).listing()}")
    for stream, queries in groupby(plan.bucket_queries, lambda query: query.stream):
        pieces.append(f"# buckets of {stream}\n{group_code(plan, [*queries]).listing()}")
    return "\n".join(pieces)


def _example(pattern: TablePattern) -> SourceTable:
    """A table that a pattern means."""
    return SourceTable(pattern.name.text, pattern.schema.text, pattern.tag)
