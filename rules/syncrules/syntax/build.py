"""The output of Lark's parser, turned into nodes while it parses. Besides grammar.py, no other module sees Lark.

Each method below is named for the grammar rule it builds and receives that rule's children in
order, with None where an optional part is absent.
"""

import codecs
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, Final, TypeVar, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from syncrules.diagnostics import Span
from syncrules.syntax import nodes as n
from syncrules.syntax.grammar import make_parser
from syncrules.syntax.keywords import TOKEN_TYPES
from syncrules.values.value import INTEGER_MAXIMUM, INTEGER_MINIMUM

T = TypeVar("T")
Part = Any  # what Lark passes to a rule: tokens, nodes made by other rules, or None

_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])|''")
_ESCAPED: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Unparsable(Exception):
    """The text is not a query: `token` is where the parser stopped, None at the end of the text."""

    def __init__(self, span: Span, token: str | None, expected: frozenset[str]) -> None:
        super().__init__(token)
        self.span = span
        self.token = token
        self.expected = expected


def parse(language: str, sql: str) -> tuple[n.Select, ...]:
    """The statements of `sql` in "sync_rules" or "sync_streams"; raises `Unparsable`."""
    try:
        return cast("tuple[n.Select, ...]", _parser(language).parse(sql))
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise Unparsable(Span(0, len(sql)), None, frozenset(error.expected)) from None
        raise Unparsable(_token_span(error.token), str(error.token), frozenset(error.expected)) from None
    except UnexpectedCharacters as error:
        start = error.pos_in_stream
        assert start is not None
        raise Unparsable(Span(start, start + 1), sql[start], frozenset(error.allowed)) from None


@cache
def _parser(language: str) -> Lark:
    return make_parser(language, lexer_callbacks={"NAME": _keyword}, transformer=_Builder())


def lex(sql: str) -> tuple[n.Word, ...]:
    """The words of a text, without blanks and comments; raises `Unparsable`."""
    try:
        return tuple(n.Word(token.type, str(token), _token_span(token)) for token in _parser("sync_streams").lex(sql))
    except UnexpectedCharacters as error:
        start = error.pos_in_stream
        assert start is not None
        raise Unparsable(Span(start, start + 1), sql[start], frozenset(error.allowed)) from None


def _keyword(token: Token) -> Token:
    token.type = TOKEN_TYPES.get(token.upper(), "NAME")
    return token


def _token_span(token: Token) -> Span:
    assert token.start_pos is not None
    assert token.end_pos is not None
    return Span(token.start_pos, token.end_pos)


def _span(part: Part) -> Span:
    return _token_span(part) if isinstance(part, Token) else part.span


def _between(first: Part, last: Part) -> Span:
    return Span(_span(first).start, _span(last).end)


def _present(parts: tuple[Part, ...]) -> list[Part]:
    return [part for part in parts if part is not None]


def _name(token: Token) -> n.Name:
    if token.type == "QUOTED_NAME":
        text = token[1:-1].replace('""', '"')
        return n.Name(text, text, quoted=True, span=_token_span(token))
    return n.Name(token.lower(), str(token), quoted=False, span=_token_span(token))


def _extra(keyword: str) -> Callable[..., n.Extra]:
    """A rule for a clause that no language has."""

    def rule(_: object, *parts: Part) -> n.Extra:
        present = [part for part in parts if part is not None and not isinstance(part, tuple)]
        present += [item for part in parts if isinstance(part, tuple) for item in part]
        return n.Extra(keyword, _between(min(present, key=_start), max(present, key=_start)))

    return rule


def _start(part: Part) -> int:
    return _span(part).start


def _spread(builder: type[T]) -> type[T]:
    """Gives a builder's methods their children one by one. (Lark's `v_args` takes three calls to do so.)"""
    for name, method in list(vars(builder).items()):
        if not name.startswith("_"):
            setattr(builder, name, lambda self, children, method=method: method(self, *children))
    return builder


@_spread
class _Builder(Transformer[Token, Any]):
    """One method a grammar rule."""

    # statements

    def start(self, *selects: n.Select) -> tuple[n.Select, ...]:
        return selects

    def select(self, core: n.Select, *clauses: n.Extra) -> n.Select:
        return replace(core, clauses=clauses, span=_between(core, clauses[-1])) if clauses else core

    def core(self, keyword: Token, quantifier: Part, columns: Part, sources: Part, where: Part) -> n.Select:
        last = _present((keyword, quantifier, *(columns or ()), *(sources or ()), where))[-1]
        return n.Select(
            columns=columns or (),
            distinct=quantifier is not None and quantifier.type == "DISTINCT",
            sources=sources or (),
            where=where,
            clauses=(),
            span=_between(keyword, last),
        )

    def quantifier(self, keyword: Token, *_: Part) -> Token:
        return keyword

    def columns(self, *columns: Part) -> tuple[Part, ...]:
        return columns

    def unnamed_column(self, expression: n.Expression) -> n.Column:
        return n.Column(expression, None, expression.span)

    def named_column(self, expression: n.Expression, *alias: Token) -> n.Column:
        return n.Column(expression, _name(alias[-1]), _between(expression, alias[-1]))

    def star(self, *parts: Token) -> n.Star:
        return n.Star(_name(parts[0]) if len(parts) > 1 else None, _between(parts[0], parts[-1]))

    def from_clause(self, _: Token, first: n.Source, *joins: n.Join) -> tuple[n.Join, ...]:
        return (n.Join(",", first, None, None, first.span), *joins)

    def comma_join(self, source: n.Source) -> n.Join:
        return n.Join(",", source, None, None, source.span)

    def word_join(self, kind: Part, keyword: Token, source: n.Source, *rest: Part) -> n.Join:
        last = _present((source, *rest))[-1]
        conditions = [part for part in rest if part is not None and not isinstance(part, Token | Span)]
        using = next((part for part in rest if isinstance(part, Span)), None)
        end = last.end if isinstance(last, Span) else _span(last).end
        first = kind.span if kind is not None else _token_span(keyword)
        name = "join" if kind is None or kind.keyword == "INNER" else f"{kind.keyword} JOIN"
        return n.Join(name, source, conditions[0] if conditions else None, using, Span(first.start, end))

    def join_kind(self, word: Token, outer: Token | None = None) -> n.Extra:
        return n.Extra(word.upper(), _between(word, outer or word))

    def using(self, keyword: Token, *parts: Token) -> Span:
        return _between(keyword, parts[-1])

    def table_source(self, table: tuple[Token, Token | None], alias: n.Name | None) -> n.TableSource:
        first, second = table
        schema, name = (None, _name(first)) if second is None else (_name(first), _name(second))
        return n.TableSource(schema, name, alias, _between(first, alias or second or first))

    def table_name(self, first: Token, second: Token | None) -> tuple[Token, Token | None]:
        return first, second

    def function_source(self, call: n.Call, alias: n.Name | None) -> n.FunctionSource:
        return n.FunctionSource(call, alias, _between(call, alias or call))

    def subselect_source(self, select: n.Select, alias: n.Name | None) -> n.SubselectSource:
        return n.SubselectSource(select, alias, _between(select, alias or select))

    def alias(self, *parts: Token | None) -> n.Name:
        return _name(next(part for part in parts if part is not None and part.type != "AS"))

    def alias_columns(self, *_: Token) -> None:
        return None

    def where_clause(self, _: Token, condition: n.Expression) -> n.Expression:
        return condition

    group_by = _extra("GROUP BY")
    having = _extra("HAVING")
    order_by = _extra("ORDER BY")
    limit = _extra("LIMIT")
    for_update = _extra("FOR")

    def compound(self, keyword: Token, *parts: Part) -> n.Extra:
        return n.Extra(keyword.upper(), _between(keyword, parts[-1]))

    def sort_key(self, expression: n.Expression, *_: Part) -> n.Expression:
        return expression

    # expressions

    def or_(self, *parts: Part) -> n.Logical:
        return n.Logical("or", parts[::2], _between(parts[0], parts[-1]))

    def and_(self, *parts: Part) -> n.Logical:
        return n.Logical("and", parts[::2], _between(parts[0], parts[-1]))

    def not_(self, keyword: Token, operand: n.Expression) -> n.Unary:
        return n.Unary("not", operand, _between(keyword, operand))

    def binary(self, left: n.Expression, operator: Token, right: n.Expression) -> n.Binary:
        symbol = "!=" if operator == "<>" else str(operator)
        return n.Binary(symbol, left, right, _between(left, right))

    def unary(self, operator: Token, operand: n.Expression) -> n.Unary:
        return n.Unary(str(operator), operand, _between(operator, operand))

    def is_test(self, operand: n.Expression, _: Token, negation: Token | None, what: Token) -> n.IsTest:
        test = f"is not {what.lower()}" if negation else f"is {what.lower()}"
        return n.IsTest(test, operand, _between(operand, what))

    def is_null(self, operand: n.Expression, keyword: Token) -> n.IsTest:
        return n.IsTest("is null", operand, _between(operand, keyword))

    def is_not_null(self, operand: n.Expression, keyword: Token) -> n.IsTest:
        return n.IsTest("is not null", operand, _between(operand, keyword))

    def between(self, operand: n.Expression, keyword: Token, low: Part, _: Token, high: Part) -> n.Between:
        return n.Between(operand, low, high, keyword.type == "NOT_BETWEEN", _between(operand, high))

    def in_(self, operand: n.Expression, negation: Part, _: Token, right: n.Expression) -> n.In:
        return n.In(operand, right, negation is not None, _between(operand, right))

    def like(self, left: n.Expression, negation: Part, keyword: Token, right: n.Expression) -> n.Unsupported:
        return n.Unsupported(f"{'NOT ' if negation else ''}{keyword.upper()}", _between(left, right))

    def cast(self, keyword: Token, operand: n.Expression, _: Token, type_: n.Extra, end: Token) -> n.Cast:
        return n.Cast(operand, type_.keyword, type_.span, _between(keyword, end))

    def cast_suffix(self, operand: n.Expression, _: Token, type_: n.Extra) -> n.Cast:
        return n.Cast(operand, type_.keyword, type_.span, _between(operand, type_))

    def type(self, word: Token, arguments: Token | None, array: Token | None) -> n.Extra:
        name = _name(word).text.lower() + ("[]" if array else "")
        return n.Extra(name, _between(word, array or arguments or word))

    def type_arguments(self, *parts: Token) -> Token:
        return parts[-1]

    def subscript(self, operand: n.Expression, _: n.Expression, end: Token) -> n.Unsupported:
        return n.Unsupported("a `[ ]` subscript", _between(operand, end))

    def number(self, token: Token) -> n.Literal:
        return n.Literal(_number(token), _token_span(token))

    def string(self, token: Token) -> n.Literal:
        return n.Literal(token[1:-1].replace("''", "'"), _token_span(token))

    def escaped_string(self, token: Token) -> n.Literal:
        return n.Literal(_ESCAPE.sub(_unescape, token[2:-1]), _token_span(token))

    def null(self, token: Token) -> n.Literal:
        return n.Literal(None, _token_span(token))

    def true(self, token: Token) -> n.Literal:
        return n.Literal(1, _token_span(token))

    def false(self, token: Token) -> n.Literal:
        return n.Literal(0, _token_span(token))

    def reference(self, *parts: Token) -> n.Reference:
        return n.Reference(tuple(map(_name, parts)), _between(parts[0], parts[-1]))

    def call(self, name: tuple[n.Name, ...], arguments: Part, end: Token, *suffixes: n.Extra) -> n.Call:
        values, extras = arguments or ((), ())
        return n.Call(name, values, (*extras, *suffixes), _between(name[0], suffixes[-1] if suffixes else end))

    def function_name(self, *parts: Token) -> tuple[n.Name, ...]:
        return tuple(map(_name, parts))

    def arguments(self, quantifier: Token | None, values: tuple[n.Expression, ...], *order: Part) -> Part:
        distinct = quantifier is not None and quantifier.type == "DISTINCT"
        extras = [n.Extra("DISTINCT", _token_span(cast("Token", quantifier)))] if distinct else []
        present = _present(order)
        if present:
            extras.append(n.Extra("ORDER BY", _between(present[0], present[-1])))
        return values, tuple(extras)

    def star_argument(self, token: Token) -> Part:
        return (), (n.Extra("*", _token_span(token)),)

    def select_argument(self, select: n.Select) -> Part:
        return (n.Subquery(select, select.span),), ()

    def call_suffix(self, keyword: Token, *parts: Part) -> n.Extra:
        return n.Extra(keyword.rstrip("( \t\r\n").upper(), _between(keyword, parts[-1]))

    def case(self, keyword: Token, operand: Part, *parts: Part) -> n.Case:
        whens = tuple(part for part in parts if isinstance(part, n.When))
        otherwise = parts[-2] if isinstance(parts[-3], Token) else None
        return n.Case(operand, whens, otherwise, _between(keyword, parts[-1]))

    def when(self, _: Token, condition: n.Expression, __: Token, result: n.Expression) -> n.When:
        return n.When(condition, result)

    def array(self, keyword: Token, items: tuple[n.Expression, ...], end: Token) -> n.Array:
        return n.Array(items, _between(keyword, end))

    def empty_array(self, keyword: Token, end: Token) -> n.Array:
        return n.Array((), _between(keyword, end))

    def expressions(self, *items: n.Expression) -> tuple[n.Expression, ...]:
        return items

    def typed_literal(self, type_: Token, text: Token) -> n.Unsupported:
        return n.Unsupported(f"{type_.lower()} '…'", _between(type_, text))

    def parenthesised(self, expression: n.Expression) -> n.Expression:
        return expression

    def tuple(self, opening: Token, *items: Part) -> n.Tuple:
        *values, closing = items
        return n.Tuple(tuple(values), _between(values[0], values[-1]), _between(opening, closing))

    def subquery(self, select: n.Select) -> n.Subquery:
        return n.Subquery(select, select.span)


def _number(text: str) -> int | float:
    """INTEGER where it fits 64 bits, else REAL, as SQLite reads literals."""
    if "." in text:
        return float(text)
    value = int(text)
    return value if INTEGER_MINIMUM <= value <= INTEGER_MAXIMUM else float(text)


def _unescape(match: re.Match[str]) -> str:
    text = match[0]
    if text == "''":
        return "'"
    if text[1] in "uUx01234567":
        return codecs.decode(text, "unicode_escape")
    return _ESCAPED.get(text[1], text[1])
