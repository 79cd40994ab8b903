"""`syncrules schema`: the schema that clients of a rules file need."""

import json
from pathlib import Path

import click

from syncrules.cli.problem import Problem
from syncrules.cli.rules_file import load_rules
from syncrules.cli.schema_option import SCHEMA_HELP, read_schema
from syncrules.explain.client_languages import WRITERS
from syncrules.explain.client_schema import UnknownColumnsError, client_tables


@click.command(name="schema", short_help="Write the client's schema that a rules file implies.")
@click.argument("rules_file", metavar="RULES", type=click.Path(path_type=Path))
@click.option("--lang", type=click.Choice([*WRITERS]), default="ts", show_default=True, help="The client's language.")
@click.option("--schema", metavar="PLACE", help=SCHEMA_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print tables, columns and types as JSON.")
def schema(rules_file: Path, lang: str, schema: str | None, as_json: bool) -> None:  # noqa: FBT001 (click's)
    """Write the schema that clients of RULES need: each table that rows sync into, with the types of its columns.

    Without --schema, columns are text unless the query says otherwise, and `SELECT *` cannot be answered.

    \b
    Examples:
      syncrules schema sync.yaml --schema supabase/migrations > AppSchema.ts
      syncrules schema sync.yaml --schema schema.sql --lang sql | sqlite3 client.db

    Exit status: 0 done, 2 bad input.
    """
    rules = load_rules(rules_file)
    try:
        tables = client_tables(rules.plan, None if schema is None else read_schema(schema))
    except UnknownColumnsError as error:
        advice = "name the database with --schema" if schema is None else "is it in this schema?"
        raise Problem("unknown-columns", f"{error} ({advice})") from None
    if as_json:
        rows = [{"name": table.name, "columns": dict(table.columns)} for table in tables]
        click.echo(json.dumps({"tables": rows}, ensure_ascii=False, indent=2))
    else:
        click.echo(WRITERS[lang](tables), nl=False)
