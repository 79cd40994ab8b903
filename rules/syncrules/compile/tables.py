"""Table names in FROM to patterns of source tables, and what the schema knows of them."""

from collections.abc import Callable
from difflib import get_close_matches

from syncrules.compile.context import Context
from syncrules.diagnostics import Span
from syncrules.schema import NamePattern, Schema, TablePattern
from syncrules.syntax import nodes as n

SchemaPattern = Callable[[str], NamePattern]


def wildcard(name: str) -> NamePattern:
    """A name in which a final `%` stands for anything, or nothing."""
    return NamePattern(name[:-1], "prefix") if name.endswith("%") else NamePattern(name)


def table_pattern(
    table: n.TableSource, schema_pattern: SchemaPattern, span: Span, context: Context
) -> TablePattern | None:
    """The source tables that a name in FROM stands for; None, with a finding, if it is none.

    A schema may be written as "tag.schema", where the tag names a source connection.
    """
    written = context.default_schema if table.schema is None else table.schema.text
    match written.split("."):
        case [schema]:
            tag = None
        case [tag, schema]:
            tag = None if tag == "default" else tag
        case _:
            instead = 'a schema is "schema" or "connection.schema"'
            context.error("invalid-schema", f"`{written}` is not a schema", span, instead)
            return None
    return TablePattern(schema_pattern(schema), wildcard(table.name.text), tag)


def known_columns(pattern: TablePattern, span: Span, context: Context) -> frozenset[str] | None:
    """The columns the schema has for a pattern; None if nothing is known, which is warned of once."""
    if context.schema is None:
        return None
    columns = context.schema.columns_of(pattern)
    if columns is None:
        context.findings.warning(
            "unknown-table", f"the schema has no table `{pattern}`", span, _closest(pattern, context.schema)
        )
    return columns


def _closest(pattern: TablePattern, schema: Schema) -> str | None:
    """A table that was probably meant: one of a similar name, or of the same name elsewhere."""
    for place, name in schema.tables:
        if name == pattern.name.text and place != pattern.schema.text:
            return f"did you mean `{place}.{name}`?"
    close = get_close_matches(pattern.name.text, sorted({name for _, name in schema.tables}), n=1)
    return f"did you mean `{close[0]}`?" if close else None
