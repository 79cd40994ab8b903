"""What names in a query refer to: sources by the name in use, and columns of sources.

Unquoted names are folded to lower case when they are read; quoted ones are exact.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from syncrules.compile.findings import Findings
from syncrules.compile.sources import Expansion, QuerySource, Table
from syncrules.diagnostics import Span
from syncrules.plan.expression import (
    BucketParameter,
    Call,
    Column,
    Expression,
    RequestValue,
    TableName,
    constant,
)
from syncrules.syntax import nodes as n
from syncrules.values.frozen import through_slots

ColumnOf = Callable[[str], Expression]
"""The expression for a column of a source, by the column's name."""

NOTHING: Final = constant(None)
"""What stands for an expression that was refused: it reads no group and so causes no second error."""


@through_slots
@dataclass(frozen=True, slots=True)
class Named:
    """A source under the name that the query uses for it.

    `known_columns` None means that nothing is known of its columns, so every name is taken.
    `derived` lists the columns of a subselect or table expression, which is no source by itself.
    """

    name: str
    source: QuerySource | None
    column: ColumnOf
    known_columns: frozenset[str] | None = None
    derived: tuple[tuple[str, Expression], ...] | None = None


class Names(Protocol):
    """Resolves the dotted names of a query."""

    def resolve(self, reference: n.Reference) -> Expression:
        """The expression a name stands for; `NOTHING`, with a finding, if there is none."""
        ...

    def table_called(self, name: str) -> Table | None:
        """The table of a name in reach, None if there is none."""
        ...


def plain_columns(source: QuerySource) -> ColumnOf:
    """Every column is the source's own."""
    return lambda name: Column(source.id, name)


def columns_with_suffix(source: QuerySource) -> ColumnOf:
    """As `plain_columns`, with `_table_suffix` for what a wildcard's `%` stands for."""
    return lambda name: TableName(source.id, "suffix") if name == "_table_suffix" else Column(source.id, name)


@dataclass(frozen=True, slots=True)
class SyncRulesNames:
    """Names in Sync Rules and edition-2 streams: at most one source, and sets of parameters.

    `parameters` maps the set's name (`bucket`, `token_parameters`, …) to what its members are.
    """

    named: Named | None
    parameters: Mapping[str, Callable[[str], Expression]]
    span: Callable[[Span], Span]
    findings: Findings

    def resolve(self, reference: n.Reference) -> Expression:
        """A column, qualified or not, or a parameter."""
        *qualifiers, column = reference.parts
        warn_of_folding(column, self.span, self.findings)
        match qualifiers:
            case []:
                return self._column(column, reference)
            case [qualifier] if qualifier.text in self.parameters:
                return self._parameter(qualifier, column, reference)
            case [qualifier] if self.named is not None and qualifier.text == self.named.name:
                return self._column(column, reference)
            case [_]:
                return self._undefined(reference)
            case _:
                span = self.span(reference.span)
                self.findings.error(
                    "schema-in-column", "a column cannot be qualified by a schema", span, "use the table name alone"
                )
                return NOTHING

    def table_called(self, name: str) -> Table | None:
        """The table of the query, by its name."""
        found = self.named
        return found.source if found and found.name == name and isinstance(found.source, Table) else None

    def _column(self, column: n.Name, reference: n.Reference) -> Expression:
        if self.named is None:
            return self._undefined(reference)
        span = self.span(reference.span)
        if isinstance(self.named.source, Expansion) and column.text not in (self.named.known_columns or ()):
            message = f"`{self.named.name}` has no column `{column.written}`"
            self.findings.error("unknown-column", message, span, "it has `key` and `value`")
            return NOTHING
        report_unknown_column(self.named, column.text, span, self.findings)
        return self.named.column(column.text)

    def _parameter(self, qualifier: n.Name, column: n.Name, reference: n.Reference) -> Expression:
        if self.named is not None and self.named.name == qualifier.text:
            self.findings.error(
                "ambiguous-parameter",
                f"`{qualifier.text}.{column.text}` is a parameter, so the table cannot be called `{qualifier.text}`",
                self.span(reference.span),
                "give the table another alias",
            )
            return NOTHING
        return self.parameters[qualifier.text](column.text)

    def _undefined(self, reference: n.Reference) -> Expression:
        name = ".".join(part.written for part in reference.parts)
        self.findings.error(
            "undefined-reference", f"`{name}` is not defined", self.span(reference.span), self._suggestion(reference)
        )
        return NOTHING

    def _suggestion(self, reference: n.Reference) -> str | None:
        dotted = ".".join(part.text for part in reference.parts)
        if dotted in ("request.user_id", "request.jwt", "request.parameters", "auth.user_id", "auth.parameters"):
            return f"it is a function: `{dotted}()`"
        if reference.parts[0].text == "bucket":
            return "bucket parameters are the columns of the parameter query; they exist in data queries only"
        if self.named is not None and len(reference.parts) > 1:
            return f"the table is called `{self.named.name}` here"
        return None


@through_slots
@dataclass(frozen=True, slots=True)
class StreamNames:
    """Names in Sync Streams: the sources of this SELECT, then those of the query around it."""

    named: tuple[Named, ...]
    outer: "StreamNames | None"
    span: Callable[[Span], Span]
    findings: Findings

    def resolve(self, reference: n.Reference) -> Expression:
        """A column, qualified by its source or of the only source there is."""
        *qualifiers, column = reference.parts
        match qualifiers:
            case []:
                return self._unqualified(column, reference)
            case [qualifier] | [_, qualifier]:
                return self._qualified(qualifier, column, reference)
            case _:
                return NOTHING

    def table_called(self, name: str) -> Table | None:
        """The table of a name, here or around."""
        found = self.find(name)
        return found.source if found and isinstance(found.source, Table) else None

    def find(self, name: str) -> Named | None:
        """The source called `name`, regardless of case, here or around."""
        for candidate in self.named:
            if candidate.name.lower() == name.lower():
                return candidate
        return self.outer.find(name) if self.outer else None

    def _unqualified(self, column: n.Name, reference: n.Reference) -> Expression:
        match self.named:
            case [only]:
                return self._column_of(only, column, reference)
            case []:
                message = f"there is no table that `{column.written}` could be a column of"
                self.findings.error("undefined-reference", message, self.span(reference.span))
            case _:
                names = ", ".join(f"`{named.name}`" for named in self.named)
                message = f"`{column.written}` could be a column of several tables: {names}"
                instead = f"write `{self.named[0].name}.{column.written}`"
                self.findings.error("ambiguous-column", message, self.span(reference.span), instead)
        return NOTHING

    def _qualified(self, qualifier: n.Name, column: n.Name, reference: n.Reference) -> Expression:
        named = self.find(qualifier.text)
        if named is None:
            message = f"no table is called `{qualifier.written}` here"
            known = ", ".join(f"`{each.name}`" for each in self.named)
            instead = _OF_REQUEST.get(qualifier.text) or (f"the tables here are {known}" if known else None)
            self.findings.error("undefined-reference", message, self.span(reference.span), instead)
            return NOTHING
        return self._column_of(named, column, reference)

    def _column_of(self, named: Named, column: n.Name, reference: n.Reference) -> Expression:
        span = self.span(reference.span)
        if isinstance(named.source, Expansion) and column.text not in (named.known_columns or ()):
            instead = f"it has {', '.join(f'`{name}`' for name in sorted(named.known_columns or ()))}"
            self.findings.error("unknown-column", f"`{named.name}` has no column `{column.written}`", span, instead)
            return NOTHING
        if named.derived is None:
            report_unknown_column(named, column.text, span, self.findings)
            return named.column(column.text)
        columns = dict(named.derived)
        if column.text not in columns:
            instead = f"it selects {', '.join(f'`{name}`' for name in columns)}"
            self.findings.error("unknown-column", f"`{named.name}` has no column `{column.written}`", span, instead)
            return NOTHING
        return columns[column.text]


_OF_REQUEST: Final = {
    "auth": "request functions have parentheses: `auth.user_id()`",
    "request": "in a stream, write `auth.user_id()`, `auth.parameter(…)` or `connection.parameter(…)`",
    "token_parameters": "in a stream, write `auth.user_id()`, or `auth.parameter(…)`",
    "user_parameters": "in a stream, write `connection.parameter(…)`, which the client may send as it likes",
    "bucket": "streams have no bucket parameters: compare with the request's value itself",
    "connection": "request functions have parentheses: `connection.parameter(…)`",
    "subscription": "request functions have parentheses: `subscription.parameter(…)`",
}
"""What somebody meant who took a part of the request for a table."""


def warn_of_folding(name: n.Name, span: Callable[[Span], Span], findings: Findings) -> None:
    """Sync Rules users meet case folding often enough that it is worth a warning."""
    if name.quoted or name.written == name.text:
        return
    findings.warning(
        "folded-name",
        f"the unquoted name `{name.written}` means `{name.text}`",
        span(name.span),
        f'write "{name.written}" in quotes to keep the capitals',
    )


def report_unknown_column(named: Named, column: str, span: Span, findings: Findings) -> None:
    """Warn of a column that the schema does not have; `_table_suffix` is none of its own."""
    known = named.known_columns
    if known is not None and column not in known and isinstance(named.column(column), Column):
        message = f"`{named.name}` has no column `{column}`"
        findings.warning("unknown-column", message, span, _closest(column, known))


def _closest(name: str, known: frozenset[str]) -> str | None:
    from difflib import get_close_matches

    close = get_close_matches(name, sorted(known), n=1)
    return f"did you mean `{close[0]}`?" if close else None


def token_parameter(name: str) -> Expression:
    """`token_parameters.name`: a member of the claim `parameters`; `user_id` is the verified user."""
    if name == "user_id":
        return RequestValue("user_id")
    parameters = Call("->", (RequestValue("token"), constant("parameters")))
    return Call("->>", (parameters, constant(name)))


def user_parameter(name: str) -> Expression:
    """`user_parameters.name`: a member of what the client sent on connecting."""
    return Call("->>", (RequestValue("connection"), constant(name)))


def bucket_parameter(name: str) -> Expression:
    """`bucket.name` in a data query."""
    return BucketParameter(name)
