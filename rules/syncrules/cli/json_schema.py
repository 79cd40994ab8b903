"""`syncrules json-schema`: the shape of rules files, for editors."""

import json

import click

from syncrules.compile.config_schema import config_schema


@click.command(name="json-schema", short_help="Print the JSON Schema of rules files, for editors.")
def json_schema() -> None:
    """Print the JSON Schema of rules files, with which editors complete keys and mark mistakes.

    \b
    Examples:
      syncrules json-schema > sync-config.schema.json
      (then write at the top of a rules file:)
      # yaml-language-server: $schema=sync-config.schema.json

    Exit status: 0 done.
    """
    click.echo(json.dumps(config_schema(), ensure_ascii=False, indent=2))
