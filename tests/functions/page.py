"""Makes docs/functions.md from the records: `python -m tests.functions.page` writes it anew."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from syncrules.functions import FUNCTIONS, OPERATORS, TABLE_FUNCTIONS, Function, Language, TableFunction
from syncrules.functions.affinity import AFFINITY
from syncrules.functions.request import SYNC_RULES_REQUESTS, SYNC_STREAMS_REQUESTS, RequestFunction
from syncrules.values.kinds import ANYTHING, Kind
from syncrules.values.semantics import Semantics
from syncrules.values.value import SqlValue

PAGE = Path(__file__).parents[2] / "docs" / "functions.md"

INTRODUCTION = """# Functions and operators

What queries may call and write, made from the records in `rules/syncrules/functions/` by `just functions-page`. Every
example is a test.

A file that sets `unstable_sqlite_expression_engine: true` computes as **SQLite** does; any other as the default engine
of deployed services, called **powersync**. `syncrules.load(path, semantics=…)` overrides the file's choice. Where an
example shows two values, the two differ; *NULL for NULL* means that one NULL argument makes the result NULL.
"""

WRITTEN = {
    "positive": "+x",
    "between": "x BETWEEN low AND high",
    "in": "x IN ARRAY[…]",
    "in json": "x IN json_array",
    "not": "NOT x",
    "and": "x AND y",
    "or": "x OR y",
}
"""Operators that are not written between two operands."""

LANGUAGES = {Language.SYNC_RULES: "Sync Rules", Language.SYNC_STREAMS: "Sync Streams"}
HIDDEN = {"is key", *AFFINITY}
"""Records that front ends put in by themselves."""


def page() -> str:
    """The whole page."""
    operators = [each for each in OPERATORS.values() if each.name not in HIDDEN and not each.name.startswith("legacy")]
    legacy = [each for each in OPERATORS.values() if each.name.startswith("legacy")]
    requests = dict.fromkeys([*SYNC_STREAMS_REQUESTS.values(), *SYNC_RULES_REQUESTS.values()])
    sections = [
        INTRODUCTION,
        "## Functions\n",
        *map(entry, sorted(FUNCTIONS.values(), key=lambda each: each.name)),
        "## The request\n",
        "".join(map(request_line, requests)),
        "## Table-valued functions\n",
        *(f"### `{each.name}(document)`\n\n{each.doc} Columns: {codes(each.columns)}.\n" for each in [json_each()]),
        "## Operators\n",
        *map(entry, operators),
        "## Before `fixed_json_extract`, and in Sync Rules\n",
        *map(entry, legacy),
    ]
    return "\n".join(sections)


def json_each() -> TableFunction:
    return TABLE_FUNCTIONS["json_each"]


def request_line(function: RequestFunction) -> str:
    argument = "name" if function.arguments else ""
    trust = "" if function.trusted else " **The client may send what it likes.**"
    return f"- `{function.schema}.{function.name}({argument})`: {function.doc}{trust}\n"


def entry(record: Function) -> str:
    kinds = record.result((ANYTHING,) * max(record.minimum, 1))
    gives = ", ".join(kind.name for kind in Kind if kind in kinds and kind is not Kind.NULL)
    null = "; NULL for NULL" if record.strict else "; never NULL" if Kind.NULL not in kinds else ""
    languages = " and ".join(name for language, name in LANGUAGES.items() if language in record.languages)
    return "\n".join(
        [
            f"### `{written(record)}`",
            "",
            f"{record.doc} Gives {gives}{null}. In {languages}.",
            "",
            *examples(record),
            "",
        ]
    )


def written(record: Function) -> str:
    """How a call or an operation looks."""
    match record.name:
        case name if name in FUNCTIONS:
            return record.signature
        case name if name in WRITTEN:
            return WRITTEN[name]
        case name if name.startswith("cast "):
            return f"CAST(x AS {name[5:]})"
        case name if name.startswith("is "):
            return f"x {name.upper()}"
        case name if name.startswith("legacy json"):
            return record.signature.removeprefix("legacy ")
        case name:
            return f"x {name.removeprefix('legacy ')} y"


def examples(record: Function) -> Iterator[str]:
    """A line for each expression, with one value or one for each semantics."""
    shown: dict[str, dict[Semantics, str]] = {}
    for example in record.examples:
        for semantics in [example.semantics] if example.semantics else Semantics:
            shown.setdefault(example.sql, {})[semantics] = literal(example.value)
    for sql, values in shown.items():
        yield f"- {code(sql)} is {either(values)}"


def either(values: dict[Semantics, str]) -> str:
    if len(set(values.values())) == 1 and len(values) == len(Semantics):
        return code(next(iter(values.values())))
    return ", ".join(f"{code(value)} under {semantics.value}" for semantics, value in values.items())


def literal(value: SqlValue) -> str:
    match value:
        case None:
            return "NULL"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case bytes():
            return f"x'{value.hex()}'"
        case _:
            return repr(value)


def code(text: str) -> str:
    """Code in Markdown, in as many backticks as it takes."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def codes(names: Iterable[str]) -> str:
    return ", ".join(map(code, names))


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
