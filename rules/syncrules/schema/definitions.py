"""A schema from the SQL that defines a database: one file, a folder of migrations in order, or a dump.

sqlglot reads the statements. Those that are about something else are passed over, those that it cannot read are
counted, and none is fatal: what is not known of a table only means that less can be said of it.
"""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from syncrules.schema.catalogue import Catalogue, Columns, Name
from syncrules.schema.notes import Definitions, SchemaNote
from syncrules.schema.sql_columns import column_of, columns_of, folded, table_name, type_of
from syncrules.schema.sql_statements import SqlStatement, statements
from syncrules.schema.tables import SourceColumn

_ABOUT_TABLES: Final = re.compile(
    r"(?:create|alter|drop)\s+(?:(?:or|replace|unlogged|global|local|temp|temporary|foreign|materialized|recursive|if|exists)\s+)*"
    r"(?P<what>table|type|domain|schema|view)\b",
    re.IGNORECASE,
)
_IDENTIFIER: Final = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_DOMAIN: Final = re.compile(
    rf"create\s+domain\s+(?P<name>{_IDENTIFIER}(?:\.{_IDENTIFIER})?)\s+(?:as\s+)?"
    r"(?P<base>[\w.]+(?:\s+(?:precision|varying|with(?:out)?\s+time\s+zone))?(?:\s*\([^)]*\))?(?:\[\])*)",
    re.IGNORECASE,
)
_NOT_NULL: Final = re.compile(r"(?<!is )\bnot\s+null\b", re.IGNORECASE)
_SET_SCHEMA: Final = re.compile(
    rf"alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<name>{_IDENTIFIER}(?:\.{_IDENTIFIER})?)\s+set\s+schema\s+(?P<to>{_IDENTIFIER})",
    re.IGNORECASE,
)
_SEARCH_PATH: Final = re.compile(
    rf"set\s+(?:local\s+|session\s+)?search_path\s*(?:=|to)\s*(?P<first>{_IDENTIFIER})", re.IGNORECASE
)
_LONG_TYPES: Final = re.compile(r"\b(?:bit|national\s+character|national\s+char|nchar)\s+varying\b", re.IGNORECASE)
"""Types that sqlglot does not know; all are stored as text."""
_CREATES_TABLE: Final = re.compile(r"create\s+(?:\w+\s+)*table\b", re.IGNORECASE)


def read_definitions(files: Iterable[tuple[str, str]], default_schema: str = "public") -> Definitions:
    """The schema that SQL texts define when they are run in this order; each comes with its file's name.

    >>> found = read_definitions([("a.sql", "create table lists (id uuid primary key, done boolean)")])
    >>> found.schema.tables["public", "lists"]["done"]
    SourceColumn(type='boolean', nullable=True)
    """
    # It warns of each statement that it reads only as words; what that means here is decided below.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    reader = _Reader(Catalogue(default_schema))
    for name, text in files:
        reader.search_path = default_schema
        for statement in statements(text):
            reader.read(name, statement)
    return Definitions(reader.catalogue.schema(), tuple(reader.notes), tuple(reader.views))


class _Reader:
    """Applies statements to a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.search_path = catalogue.default_schema
        self.notes: list[SchemaNote] = []
        self.views: list[Name] = []

    def read(self, file: str, statement: SqlStatement) -> None:
        text = statement.text
        if found := _SEARCH_PATH.match(text):
            self.search_path = self._name_of(found["first"])[1]
        elif found := _DOMAIN.match(text):
            nullable = _NOT_NULL.search(text, found.end()) is None
            self.catalogue.define_type(self._name_of(found["name"]), SourceColumn(found["base"].lower(), nullable))
        elif found := _SET_SCHEMA.match(text):
            name = self._name_of(found["name"])
            self.catalogue.move(name, (self._name_of(found["to"])[1], name[1]))
        elif _ABOUT_TABLES.match(text):
            try:
                parsed = sqlglot.parse_one(
                    _LONG_TYPES.sub("varchar", text), dialect="postgres", error_level=sqlglot.ErrorLevel.RAISE
                )
                assert isinstance(parsed, exp.Expression)
                self._apply(parsed)
            except (SqlglotError, RecursionError, _UnusableError) as problem:
                reason = "cannot be read" if not isinstance(problem, _UnusableError) else str(problem)
                self.notes.append(SchemaNote(file, statement.start, f"this statement {reason}, and is left out"))

    def _apply(self, parsed: exp.Expression) -> None:
        match parsed.args.get("kind"), parsed:
            case "TABLE", exp.Create():
                self._create_table(parsed)
            case "TYPE", exp.Create():
                self.catalogue.define_type(self._name(parsed.this))
            case "VIEW", exp.Create():
                self.views.append(self._name(parsed.this))
            case "TABLE" | "FOREIGN TABLE", exp.Drop():
                for table in parsed.args.get("tables") or ():
                    self.catalogue.drop(self._name(table))
            case "SCHEMA", exp.Drop():
                for table in parsed.args.get("tables") or ():
                    self.catalogue.drop_schema(folded(table.args["db"]))
            case "TABLE", exp.Alter():
                self._alter_table(parsed)
            case _ if isinstance(parsed, exp.Command) and _CREATES_TABLE.match(parsed.sql("postgres")):
                raise _UnusableError("is of a form that is not known here")
            case _:
                pass

    def _create_table(self, create: exp.Create) -> None:
        if any(isinstance(one, exp.TemporaryProperty) for one in _properties(create)):
            return
        columns: Columns = {}
        for one in _properties(create):
            if isinstance(one, exp.PartitionedOfProperty | exp.InheritsProperty):
                for parent in one.find_all(exp.Table):
                    columns |= self.catalogue.tables.get(self._name(parent), {})
        definitions = create.this.expressions if isinstance(create.this, exp.Schema) else []
        for definition in definitions:
            if isinstance(definition, exp.LikeProperty):
                columns |= self.catalogue.tables.get(self._name(definition.this), {})
        columns |= columns_of(definitions)
        if not columns and create.args.get("expression") is not None:
            raise _UnusableError("takes its columns from a query")
        self.catalogue.create(self._name(create.this), columns)

    def _alter_table(self, alter: exp.Alter) -> None:
        name = self._name(alter.this)
        target = next(
            (one.this for one in alter.args.get("options") or () if isinstance(one, exp.ToTableProperty)), None
        )
        for action in alter.args["actions"]:
            match action:
                case exp.AlterRename() if target is not None:
                    # `RENAME a TO b` without the word COLUMN.
                    self.catalogue.change(name, _renamed(folded(action.this), folded(target)))
                case exp.AlterRename():
                    self.catalogue.move(name, (name[0], folded(action.this.this)))
                case _:
                    self.catalogue.change(name, _edit(action))

    def _name(self, node: exp.Expression) -> Name:
        return table_name(node, self.search_path)

    def _name_of(self, text: str) -> Name:
        return table_name(exp.to_table(text, dialect="postgres"), self.search_path)


def _properties(create: exp.Create) -> list[exp.Expression]:
    properties = create.args.get("properties")
    return properties.expressions if properties is not None else []


def _edit(action: exp.Expression) -> Callable[[Columns], None]:
    """What one action of ALTER TABLE does to the columns."""

    def edit(columns: Columns) -> None:
        match action:
            case exp.ColumnDef():
                name, column = column_of(action)
                columns.setdefault(name, column)
            case exp.Drop(args={"kind": "COLUMN"}):
                for dropped in action.args["tables"]:
                    columns.pop(folded(dropped), None)
            case exp.RenameColumn():
                _renamed(folded(action.this), folded(action.args["to"]))(columns)
            case exp.AlterColumn() if (name := folded(action.this)) in columns:
                changed, allow_null = action.args.get("dtype"), action.args.get("allow_null")
                old = columns[name]
                new_type = type_of(changed) if isinstance(changed, exp.DataType) else old.type
                columns[name] = SourceColumn(new_type, old.nullable if allow_null is None else bool(allow_null))
            case exp.AddConstraint():
                for key in action.find_all(exp.PrimaryKey):
                    for part in key.expressions:
                        if (name := folded(part)) in columns:
                            columns[name] = SourceColumn(columns[name].type, nullable=False)
            case _:
                pass

    return edit


def _renamed(old: str, new: str) -> Callable[[Columns], None]:
    def edit(columns: Columns) -> None:
        if old in columns:
            columns[new] = columns.pop(old)

    return edit


class _UnusableError(Exception):
    """A statement about a table that does not say what the table is."""
