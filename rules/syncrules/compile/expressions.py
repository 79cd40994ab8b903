"""Syntax to plan expressions: one value at a time, in the language at hand.

Whatever a language lacks is refused by name where it stands. A refused expression becomes `NOTHING`,
so that one mistake is reported once and the rest of the query is still checked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final, Literal

from syncrules.compile.affinity import COMPARISONS, compared, comparison, in_array
from syncrules.compile.dialect import Dialect
from syncrules.compile.findings import Findings
from syncrules.compile.names import NOTHING, Names
from syncrules.compile.sources import BUCKET, REQUEST, Group, Sources
from syncrules.diagnostics import Edit, Span
from syncrules.functions import FUNCTIONS, Function
from syncrules.functions.request import SYNC_RULES_REQUESTS, SYNC_STREAMS_REQUESTS, RequestFunction
from syncrules.plan.expression import Call, Case, Expression, RequestValue, TableName, constant
from syncrules.syntax import nodes as n
from syncrules.values.frozen import through_slots

_NO_CLOCK: Final = "rules have no clock: they must give the same answer until data changes"
_NO_AGGREGATES: Final = "only whole rows sync; aggregate on the client, or keep the figure in a column"

_INSTEAD: Final = {
    "coalesce": "`ifnull(a, b)` does the same for two values",
    "substr": "`substring(text, start, length)` does the same",
    "now": _NO_CLOCK,
    "exists": "write `value IN (SELECT …)` in a stream",
    "count": _NO_AGGREGATES,
    "sum": _NO_AGGREGATES,
    "min": _NO_AGGREGATES,
    "max": _NO_AGGREGATES,
    "avg": _NO_AGGREGATES,
    "array_agg": _NO_AGGREGATES,
    "json_agg": _NO_AGGREGATES,
    "string_agg": _NO_AGGREGATES,
    "unnest": "use `json_each`, or `value IN array`",
    "date_trunc": "use `substring(text, 1, length)`, or `unixepoch(…)`",
    "auth.uid": "it is called `auth.user_id()`",
    "auth.jwt": "it is called `auth.parameters()`",
    "auth.role": "write `auth.parameter('role')`",
    "auth.email": "write `auth.parameter('email')`",
    "request.user_id": "it is called `auth.user_id()` in a stream",
    "request.jwt": "it is called `auth.parameters()` in a stream",
    "request.parameters": "it is called `connection.parameters()` in a stream",
    "request.parameter": "it is called `connection.parameter(…)` in a stream",
    "token_parameters.user_id": "write `request.user_id()`, or `auth.user_id()` in a stream",
    "LIKE": "compare with `=`, or use `instr(text, part) > 0`",
    "NOT LIKE": "compare with `!=`, or use `instr(text, part) = 0`",
    "a `[ ]` subscript": "write `array ->> index`, counted from 0",
    "interval '…'": _NO_CLOCK,
    "date '…'": "write the text alone: times are compared as texts",
    "timestamp '…'": "write the text alone: times are compared as texts",
    "ILIKE": "compare `lower(text)` with `=`",
    "NOT IN": "write `NOT (a = x OR a = y)`",
    "%": "streams of edition 3 have it",
    "BETWEEN": "write `x >= low AND x <= high`",
    "CASE": "`iif(condition, a, b)` does the same for one condition",
    "ARRAY": 'write a JSON array as text: `\'["a", "b"]\'`',
    "unary +": "leave the sign out",
    "unary -": "write `0 - x`",
}


@through_slots
@dataclass(frozen=True, slots=True)
class Expressions:
    """Lowers the expressions of one query."""

    dialect: Dialect
    names: Names
    sources: Sources
    span: Callable[[Span], Span]
    findings: Findings

    def within(self, names: Names) -> "Expressions":
        """The same query, with the names of a subquery."""
        return replace(self, names=names)

    def value(self, node: n.Expression) -> Expression:
        """The expression for a node that is used as a value."""
        match node:
            case n.Literal():
                return constant(node.value)
            case n.Reference():
                return self._reference(node)
            case n.Call():
                return self._call(node)
            case n.Unary():
                return self._unary(node)
            case n.Binary(operator="->" | "->>"):
                return self._member(node)
            case n.Binary() if node.operator == "&&":
                return self.refuse("`&&` as a value", node.span, "it can only be a condition in WHERE")
            case n.Binary():
                return self._operator(node.operator, node.operator, (node.left, node.right), node.span)
            case n.Logical():
                return self._operator(node.operator, node.operator.upper(), node.operands, node.span)
            case n.IsTest():
                return self._operator(node.test, node.test.upper(), (node.operand,), node.span)
            case n.Between():
                between = self._operator("between", "BETWEEN", (node.operand, node.low, node.high), node.span)
                return Call("not", (between,)) if node.negated and between is not NOTHING else between
            case n.In():
                return self._in(node)
            case n.Cast():
                return self._cast(node)
            case n.Case():
                return self._case(node)
            case n.Array():
                return self.refuse("ARRAY", node.span)
            case n.Tuple():
                brackets = (_edge(node.outer.start, "ARRAY["), _edge(node.outer.end - 1, "]"))
                return self.refuse("a list in parentheses", node.span, "after IN, write ARRAY[…]", *brackets)
            case n.Subquery():
                return self.refuse("a subquery", node.span, "subqueries can stand on the right of IN, in a stream")
            case n.Unsupported():
                return self.refuse(node.construct, node.span)

    def refuse(self, construct: str, span: Span, instead: str | None = None, *edits: Edit) -> Expression:
        """Reports something that the language does not have."""
        message = f"{_quoted(construct)} is not supported in {self.dialect.title} here"
        placed = (Edit(self.span(edit.span), edit.text) for edit in edits)
        self.findings.error("not-supported", message, self.span(span), instead or _INSTEAD.get(construct), *placed)
        return NOTHING

    def combine(self, function: str, operands: Sequence[tuple[Expression, Span]]) -> Expression:
        """A call over operands that may be evaluated together; otherwise a finding and `NOTHING`."""
        if any(operand is NOTHING for operand, _ in operands):
            return NOTHING
        expressions = tuple(operand for operand, _ in operands)
        seen: frozenset[Group] = frozenset()
        for expression, span in operands:
            groups = self.sources.groups_of(expression)
            if BUCKET in groups:
                message = "a bucket parameter can only be compared with a value of the row, by `=` or IN"
                self.findings.error("bucket-parameter-in-expression", message, self.span(span))
                return NOTHING
            if len(seen | groups) > 1:
                self.findings.error("mixed-expression", _mixture(seen, groups), self.span(span), _UNMIX)
                return NOTHING
            seen |= groups
        if function == "in json":
            return in_array(expressions[0], expressions[1], self.dialect.semantics)
        if function in COMPARISONS:
            return comparison(function, expressions, self.dialect.semantics)
        return Call(function, expressions)

    def _reference(self, node: n.Reference) -> Expression:
        return self.names.resolve(node)

    def _operator(self, spelling: str, construct: str, operands: Sequence[n.Expression], span: Span) -> Expression:
        function = self.dialect.operators.get(spelling)
        if function is None:
            return self.refuse(construct, span)
        return self.combine(function, [(self.value(operand), operand.span) for operand in operands])

    def _unary(self, node: n.Unary) -> Expression:
        if node.operator == "not":
            return self._operator("not", "NOT", (node.operand,), node.span)
        spelling = f"unary {node.operator}"
        return self._operator(spelling, spelling, (node.operand,), node.span)

    def _member(self, node: n.Binary) -> Expression:
        """`json -> member`: a text, or where the language has it an index."""
        if isinstance(node.right, n.Literal) and isinstance(node.right.value, float):
            return self.refuse(f"{node.operator} with a fraction", node.right.span)
        numeric = isinstance(node.right, n.Literal) and isinstance(node.right.value, int | float)
        if numeric and "json index" not in self.dialect.operators:
            construct = f"{node.operator} with a number"
            return self.refuse(construct, node.span, "streams of edition 3 have it")
        return self._operator(node.operator, node.operator, (node.left, node.right), node.span)

    def _in(self, node: n.In) -> Expression:
        """`x IN list` where all of it can be evaluated at once."""
        if node.negated and "in" not in self.dialect.operators:
            return self.refuse("NOT IN", node.span)
        match node.right:
            case n.Array(items=items) if "in" in self.dialect.operators:
                found = self._operator("in", "IN", (node.operand, *items), node.span)
            case n.Call(name=(n.Name(text="row", quoted=False),), arguments=items) if "in" in self.dialect.operators:
                found = self._operator("in", "IN", (node.operand, *items), node.span)
            case _ if not node.negated and "in" in self.dialect.operators:
                instead = "in a value, write ARRAY[…] after IN; in WHERE, any array can stand there"
                return self.refuse("IN without a list", node.right.span, instead)
            case _:
                found = self._operator("in json", "IN", (node.operand, node.right), node.span)
        return Call("not", (found,)) if node.negated and found is not NOTHING else found

    def _cast(self, node: n.Cast) -> Expression:
        function = self.dialect.operators.get(f"cast {node.type}")
        if function is None:
            message = f"there is no cast to `{node.type}`"
            instead = "the types are text, integer, real, numeric and blob"
            self.findings.error("unknown-cast", message, self.span(node.span), instead)
            return NOTHING
        return self.combine(function, [(self.value(node.operand), node.operand.span)])

    def _case(self, node: n.Case) -> Expression:
        if "case" not in self.dialect.operators:
            return self.refuse("CASE", node.span)
        if not node.whens:
            return self.refuse("CASE without WHEN", node.span)
        subject = None if node.operand is None else (self.value(node.operand), node.operand.span)
        parts: list[tuple[Expression, Span]] = [] if subject is None else [subject]
        branches = []
        for when in node.whens:
            condition, result = self.value(when.condition), self.value(when.result)
            parts += [(condition, when.condition.span), (result, when.result.span)]
            tested = (
                condition if subject is None else Call("=", compared(subject[0], condition, self.dialect.semantics))
            )
            branches.append((tested, result))
        otherwise: Expression = constant(None)
        if node.otherwise is not None:
            otherwise = self.value(node.otherwise)
            parts.append((otherwise, node.otherwise.span))
        if self.combine("case", parts) is NOTHING:
            return NOTHING
        return Case(tuple(branches), otherwise)

    def _call(self, node: n.Call) -> Expression:
        name = ".".join(part.text for part in node.name)
        if len(node.name) == 2 and node.name[1].text in _TABLE_FUNCTIONS and self.dialect.language == "sync-streams":
            return self._table_name(node)
        if len(node.name) == 2:
            key = (node.name[0].text, node.name[1].text)
            request = self.dialect.requests.get(key)
            if request is None:
                return self._unknown_function(name, node)
            return self._request(request, node)
        function = FUNCTIONS.get(name)
        if function is None or self.dialect.language not in function.languages:
            return self._unknown_function(name, node)
        if node.extras:
            construct = f"{node.extras[0].keyword} in a call"
            return self.refuse(construct, node.span)
        if not self._has_right_count(function, node):
            return NOTHING
        arguments = [(self.value(argument), argument.span) for argument in node.arguments]
        called = self.combine(self.dialect.functions.get(name, name), arguments)
        match called:
            case Call(function="iif", arguments=(condition, first, second)):
                return Case(((condition, first),), second)
            case _:
                return called

    def _request(self, function: RequestFunction, node: n.Call) -> Expression:
        name = f"{function.schema}.{function.name}"
        if len(node.arguments) != function.arguments or node.extras:
            count = "no argument" if function.arguments == 0 else "one argument"
            self.findings.error("argument-count", f"`{name}` takes {count}", self.span(node.span))
            return NOTHING
        read = self._request_value(function, node)
        if not function.trusted and read is not NOTHING:
            self.sources.client_calls.append((read, self.span(node.span)))
        return read

    def _request_value(self, function: RequestFunction, node: n.Call) -> Expression:
        name = f"{function.schema}.{function.name}"
        whole = RequestValue(function.part)
        if not node.arguments:
            return whole
        argument = node.arguments[0]
        member = self.value(argument)
        if member is NOTHING:
            return NOTHING
        if not self.sources.groups_of(member) <= {REQUEST}:
            message = f"the argument of `{name}` cannot depend on a row"
            self.findings.error("mixed-expression", message, self.span(argument.span))
            return NOTHING
        return Call(self.dialect.operators["->>"], (whole, member))

    def _table_name(self, node: n.Call) -> Expression:
        """`alias.schema()`, `alias.table_name()` or `alias.table_suffix()` of the table a row comes from."""
        qualifier, function = node.name
        span = self.span(node.span)
        table = self.names.table_called(qualifier.text)
        if table is None:
            self.findings.error("undefined-reference", f"no table is called `{qualifier.written}` here", span)
            return NOTHING
        if node.arguments or node.extras:
            self.findings.error("argument-count", f"`{function.text}` takes no argument", span)
            return NOTHING
        if function.text == "table_suffix" and table.pattern.name.match == "exact":
            message = f"`{qualifier.written}` is no wildcard table, so its suffix is always NULL"
            self.findings.warning("no-suffix", message, span, "end the table's name in `%`")
        return TableName(table.id, _TABLE_FUNCTIONS[function.text])

    def _has_right_count(self, function: Function, node: n.Call) -> bool:
        count = len(node.arguments)
        if count >= function.minimum and (function.maximum is None or count <= function.maximum):
            return True
        message = f"`{function.name}` takes {_count_words(function)}, not {count}"
        self.findings.error("argument-count", message, self.span(node.span), f"write `{function.signature}`")
        return False

    def _unknown_function(self, name: str, node: n.Call) -> Expression:
        if name in _REQUEST_NAMES and not self.dialect.requests:
            message = f"`{name}` cannot be used here: rows are put into buckets without knowing the request"
            instead = "select it in the parameter query, and compare with `bucket.…`"
            self.findings.error("request-in-row-query", message, self.span(node.span), instead)
            return NOTHING
        available = [f.name for f in FUNCTIONS.values() if self.dialect.language in f.languages]
        available += [".".join(key) for key in self.dialect.requests]
        close = get_close_matches(name, available, n=1)
        suggestion = _INSTEAD.get(name) or (f"did you mean `{close[0]}`?" if close else None)
        renamed = _RENAMED.get(name)
        known = renamed is not None and tuple(renamed.split(".")) in self.dialect.requests
        place = self.span(node.name[0].span.cover(node.name[-1].span))
        edits = (Edit(place, renamed),) if renamed is not None and known else ()
        message = f"there is no function `{name}` in {self.dialect.title}"
        self.findings.error("unknown-function", message, self.span(node.span), suggestion, *edits)
        return NOTHING


def _edge(place: int, text: str) -> Edit:
    """One bracket, replaced."""
    return Edit(Span(place, place + 1), text)


_RENAMED: Final = {
    "auth.uid": "auth.user_id",
    "auth.jwt": "auth.parameters",
    "request.user_id": "auth.user_id",
    "request.jwt": "auth.parameters",
    "request.parameters": "connection.parameters",
    "request.parameter": "connection.parameter",
}
"""Functions of other languages that read the same part of the request."""

_TABLE_FUNCTIONS: Final[Mapping[str, Literal["schema", "name", "suffix"]]] = {
    "schema": "schema",
    "table_name": "name",
    "table_suffix": "suffix",
}

_REQUEST_NAMES: Final = frozenset(".".join(key) for key in (*SYNC_RULES_REQUESTS, *SYNC_STREAMS_REQUESTS))

_UNMIX: Final = (
    "compare a value of one with a value of the other by `=` or IN; join several such conditions by AND and OR"
)


def _mixture(seen: frozenset[Group], groups: frozenset[Group]) -> str:
    if REQUEST in seen | groups:
        return "one expression cannot use both a row and the request"
    return "one expression cannot use two tables"


def _quoted(construct: str) -> str:
    return construct if " " in construct or "`" in construct else f"`{construct}`"


def _count_words(function: Function) -> str:
    low, high = function.minimum, function.maximum
    if high is None:
        return f"at least {low} arguments"
    if low == high:
        return f"{low} argument{'' if low == 1 else 's'}"
    return f"{low} to {high} arguments"
