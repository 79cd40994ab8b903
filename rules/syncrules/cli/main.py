"""The command `syncrules`: arguments in, exit status out. Commands are imported when they are run."""

import sys
from typing import Final

import click

from syncrules import __version__
from syncrules.cli.lazy_group import LazyGroup
from syncrules.cli.problem import BAD_INPUT, Problem

_COMMANDS: Final = {
    "diff": "syncrules.cli.diff:diff",
    "explain": "syncrules.cli.explain:explain",
    "fmt": "syncrules.cli.fmt:fmt",
    "forecast": "syncrules.cli.forecast:forecast",
    "json-schema": "syncrules.cli.json_schema:json_schema",
    "lint": "syncrules.cli.lint:lint_command",
    "mutate": "syncrules.cli.mutate:mutate",
    "plan": "syncrules.cli.plan:plan",
    "resolve": "syncrules.cli.resolve:resolve",
    "rule": "syncrules.cli.rule:rule",
    "schema": "syncrules.cli.schema:schema",
    "serve": "syncrules.cli.serve:serve",
    "snapshot": "syncrules.cli.snapshot:snapshot",
    "test": "syncrules.cli.test:test",
    "token": "syncrules.cli.token:token",
    "who": "syncrules.cli.who:who",
    "why": "syncrules.cli.why:why",
    "why-not": "syncrules.cli.why:why_not",
}


@click.group(cls=LazyGroup, commands_at=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="syncrules")
def syncrules() -> None:
    """Sync Rules and Sync Streams: which rows does a user sync?

    \b
    Start here:
      syncrules lint
      syncrules test
      syncrules resolve RULES --token FILE --auth AUTH.yaml --data FOLDER
      syncrules explain RULES
      syncrules plan RULES --draw svg -o plan.svg
      syncrules token inspect --token FILE --auth AUTH.yaml
    """


def main() -> None:
    """Runs the command line. Every problem is one line on standard error, never a traceback."""
    try:
        syncrules(standalone_mode=False)
    except Problem as problem:
        for line in problem.lines:
            click.echo(line, err=True)
        sys.exit(problem.status)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(BAD_INPUT)
    except click.ClickException as error:
        click.echo(f"error[usage]: {error.format_message()}", err=True)
        sys.exit(BAD_INPUT)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
