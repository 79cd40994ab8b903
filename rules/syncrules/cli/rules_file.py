"""Rules files of the command line: loaded, with every problem as a line."""

from pathlib import Path

import click

from syncrules.cli.problem import Problem, Problems
from syncrules.diagnostics import RulesError, render_line
from syncrules.resolve.rules import Rules, load


def load_rules(path: Path) -> Rules:
    """The rules in a file; its warnings are printed. Raises Problem."""
    try:
        rules = load(path)
    except RulesError as error:
        raise Problems(tuple(render_line(each, error.source) for each in error.diagnostics)) from None
    except OSError as error:
        raise Problem("rules-file", f"{path}: {error.strerror or error}") from None
    for warning in rules.diagnostics:
        click.echo(render_line(warning, rules.source), err=True)
    return rules
