"""The typed form of a query. Nodes are plain frozen values; spans count characters of the SQL text.

Nothing here knows Lark or YAML: `Query` pairs a tree with the text it came from, and maps spans of
the text to spans of the file.
"""

from dataclasses import dataclass

from syncrules.diagnostics import Span
from syncrules.document import MappedText
from syncrules.values.frozen import through_slots


@dataclass(frozen=True, slots=True)
class Word:
    """A token of a query: `kind` is the grammar's name for it, a keyword's own name for keywords."""

    kind: str
    text: str
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Name:
    """An identifier. `text` is folded to lower case unless quoted; `written` is as in the file."""

    text: str
    written: str
    quoted: bool
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, NULL, or TRUE and FALSE (1 and 0)."""

    value: int | float | str | None
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Reference:
    """A dotted name: a column, perhaps qualified by a table or a parameter set."""

    parts: tuple[Name, ...]
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Call:
    """A function call. `extras` are the parts no language has (`DISTINCT`, `OVER`, `*`, …)."""

    name: tuple[Name, ...]
    arguments: tuple["Expression", ...]
    extras: tuple["Extra", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Extra:
    """A construct that is recognised to be refused by name."""

    keyword: str
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Unary:
    """`+` or `-` before an operand, or NOT (`operator` is "+", "-" or "not")."""

    operator: str
    operand: "Expression"
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two operands, by its symbol (`<>` is written `!=`)."""

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Logical:
    """AND or OR over two or more operands; chains of one operator are one node."""

    operator: str
    operands: tuple["Expression", ...]
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class IsTest:
    """`IS [NOT] NULL | TRUE | FALSE`; `test` is "is null", "is not true", ..."""

    test: str
    operand: "Expression"
    span: Span


@dataclass(frozen=True, slots=True)
class Between:
    """`operand [NOT] BETWEEN low AND high`."""

    operand: "Expression"
    low: "Expression"
    high: "Expression"
    negated: bool
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class In:
    """`operand [NOT] IN right`, whatever stands on the right."""

    operand: "Expression"
    right: "Expression"
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Cast:
    """`CAST(operand AS type)` or `operand::type`; `type` in lower case without its arguments."""

    operand: "Expression"
    type: str
    type_span: Span
    span: Span


@dataclass(frozen=True, slots=True)
class When:
    """One `WHEN condition THEN result`."""

    condition: "Expression"
    result: "Expression"


@dataclass(frozen=True, slots=True)
class Case:
    """`CASE [operand] WHEN … THEN … [ELSE otherwise] END`."""

    operand: "Expression | None"
    whens: tuple[When, ...]
    otherwise: "Expression | None"
    span: Span


@dataclass(frozen=True, slots=True)
class Array:
    """`ARRAY[a, b]`."""

    items: tuple["Expression", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Tuple:
    """`(a, b)`; one parenthesised expression is just that expression. `outer` is the span with the parentheses."""

    items: tuple["Expression", ...]
    span: Span
    outer: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Subquery:
    """`(SELECT …)` inside an expression."""

    select: "Select"
    span: Span


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An expression that is recognised to be refused by name (`x LIKE y`, `a[1]`, `date 'x'`)."""

    construct: str
    span: Span


Expression = (
    Literal
    | Reference
    | Call
    | Unary
    | Binary
    | Logical
    | IsTest
    | Between
    | In
    | Cast
    | Case
    | Array
    | Tuple
    | Subquery
    | Unsupported
)


@through_slots
@dataclass(frozen=True, slots=True)
class Column:
    """A result column: `expression [AS alias]`."""

    expression: Expression
    alias: Name | None
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Star:
    """`*` or `table.*`."""

    table: Name | None
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class TableSource:
    """`[schema.]table [alias]` in FROM."""

    schema: Name | None
    name: Name
    alias: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """`json_each(…) [alias]` in FROM."""

    call: Call
    alias: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class SubselectSource:
    """`(SELECT …) alias` in FROM."""

    select: "Select"
    alias: Name | None
    span: Span


Source = TableSource | FunctionSource | SubselectSource


@through_slots
@dataclass(frozen=True, slots=True)
class Join:
    """A source after the first: `kind` is "," or "join", or names a join that is refused."""

    kind: str
    source: Source
    condition: Expression | None
    using: Span | None
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Select:
    """One SELECT. `clauses` are those no language has (`LIMIT`, `GROUP BY`, …)."""

    columns: tuple[Column | Star, ...]
    distinct: bool
    sources: tuple[Join, ...]
    where: Expression | None
    clauses: tuple[Extra, ...]
    span: Span


@through_slots
@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query beside its text."""

    select: Select
    text: MappedText

    def span(self, node_span: Span) -> Span:
        """Where a span of the SQL text lies in the file."""
        return self.text.span(node_span.start, node_span.end)
