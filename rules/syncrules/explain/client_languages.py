"""Client schemas as source code: one function a language, from tables to text."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from syncrules.explain.client_schema import ClientTable

Writer = Callable[[Sequence[ClientTable]], str]

_NOTE: Final = "Generated from the rules by `syncrules schema`. Each table also has the text column `id`."


def write_typescript(tables: Sequence[ClientTable]) -> str:
    """For the JavaScript SDKs.

    >>> print(write_typescript([ClientTable("lists", (("name", "text"),))]), end="")
    // Generated from the rules by `syncrules schema`. Each table also has the text column `id`.
    import { column, Schema, Table } from '@powersync/common';
    <BLANKLINE>
    export const AppSchema = new Schema({
      lists: new Table({
        name: column.text,
      }),
    });
    <BLANKLINE>
    export type Database = (typeof AppSchema)['types'];
    """
    lines = [f"// {_NOTE}", "import { column, Schema, Table } from '@powersync/common';", ""]
    lines.append("export const AppSchema = new Schema({")
    for table in tables:
        lines.append(f"  {_property(table.name)}: new Table({{")
        lines += [f"    {_property(name)}: column.{kind}," for name, kind in table.columns]
        lines.append("  }),")
    return _text([*lines, "});", "", "export type Database = (typeof AppSchema)['types'];"])


def write_dart(tables: Sequence[ClientTable]) -> str:
    """For Dart and Flutter."""
    lines = [f"// {_NOTE}", "import 'package:powersync/powersync.dart';", "", "const schema = Schema(["]
    for table in tables:
        lines.append(f"  Table({_dart(table.name)}, [")
        lines += [f"    Column.{kind}({_dart(name)})," for name, kind in table.columns]
        lines.append("  ]),")
    return _text([*lines, "]);"])


def write_kotlin(tables: Sequence[ClientTable]) -> str:
    """For Kotlin Multiplatform."""
    names = ("Column", "Schema", "Table")
    lines = [f"// {_NOTE}", *(f"import com.powersync.db.schema.{name}" for name in names), ""]
    lines += ["val AppSchema = Schema(", "    listOf("]
    for table in tables:
        lines += ["        Table(", f"            name = {_kotlin(table.name)},", "            columns = listOf("]
        lines += [f"                Column.{kind}({_kotlin(name)})," for name, kind in table.columns]
        lines += ["            ),", "        ),"]
    return _text([*lines, "    ),", ")"])


def write_swift(tables: Sequence[ClientTable]) -> str:
    """For Swift."""
    lines = [f"// {_NOTE}", "import PowerSync", "", "let appSchema = Schema(", "    tables: ["]
    for table in tables:
        lines += ["        Table(", f"            name: {_swift(table.name)},", "            columns: ["]
        lines += [f"                .{kind}({_swift(name)})," for name, kind in table.columns]
        lines += ["            ]", "        ),"]
    return _text([*lines, "    ]", ")"])


def write_dotnet(tables: Sequence[ClientTable]) -> str:
    """For .NET."""
    lines = [f"// {_NOTE}", "using System.Collections.Generic;", "using PowerSync.Common.DB.Schema;", ""]
    lines += ["public static class AppSchema", "{"]
    lines += ["    public static readonly Schema PowerSyncSchema = new Schema(new Dictionary<string, Table>", "    {"]
    for table in tables:
        lines.append(f"        [{json.dumps(table.name)}] = new Table(new Dictionary<string, ColumnType>")
        lines.append("        {")
        lines += [f"            [{json.dumps(name)}] = ColumnType.{kind.upper()}," for name, kind in table.columns]
        lines.append("        }),")
    return _text([*lines, "    });", "}"])


def write_sql(tables: Sequence[ClientTable]) -> str:
    """For SQLite itself, as for raw tables."""
    lines = ["-- Generated from the rules by `syncrules schema`."]
    for table in tables:
        columns = ['"id" TEXT NOT NULL PRIMARY KEY', *(f"{_sql(name)} {kind.upper()}" for name, kind in table.columns)]
        lines += [f"CREATE TABLE {_sql(table.name)} (", ",\n".join(f"  {column}" for column in columns), ");"]
    return _text(lines)


WRITERS: Final[Mapping[str, Writer]] = {
    "ts": write_typescript,
    "dart": write_dart,
    "kotlin": write_kotlin,
    "swift": write_swift,
    "dotnet": write_dotnet,
    "sql": write_sql,
}


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _property(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", name) else json.dumps(name)


def _dart(text: str) -> str:
    # The escapes of JSON are Dart's, and the quotes go inside.
    inner = json.dumps(text)[1:-1].replace('\\"', '"').replace("'", "\\'").replace("$", "\\$")
    return f"'{inner}'"


def _kotlin(text: str) -> str:
    return json.dumps(text).replace("\\f", "\\u000c").replace("$", "\\$")


def _swift(text: str) -> str:
    # Swift writes a code point as \u{…}, and has no \b and \f.
    plain = json.dumps(text, ensure_ascii=False).replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    return re.sub(r"\\u([0-9a-f]{4})", r"\\u{\1}", plain)


def _sql(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
