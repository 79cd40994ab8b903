"""The option `--schema`: the database as the command line names it."""

import click

from syncrules.cli.problem import Problem
from syncrules.schema import Schema

SCHEMA_HELP = "The database: an SQL file, a folder of migrations, JSON, or a connection's URL."


def read_schema(place: str) -> Schema:
    """The schema of a place; what in it cannot be used is noted on standard error. Raises Problem."""
    from platformdirs import user_cache_path

    from syncrules.schema.load import SchemaError, load_schema

    try:
        definitions = load_schema(place, cache=user_cache_path("syncrules") / "schemas")
    except SchemaError as error:
        raise Problem("schema", str(error)) from None
    if definitions.notes:
        count, first = len(definitions.notes), definitions.notes[0]
        words = f"{count} statement{'' if count == 1 else 's'} of the schema cannot be used"
        click.echo(f"note: {words}, the first in {first.file}: {first.message}", err=True)
    return definitions.schema
