"""The output of Lark's parser, turned into nodes while it parses. Only it, grammar.py, lexer.py, operators.py and token_span.py see Lark.

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
from lark.exceptions import UnexpectedToken

from syncrules.diagnostics import Span
from syncrules.syntax import nodes as n
from syncrules.syntax.grammar import make_parser
from syncrules.syntax.lexer import QueryLexer
from syncrules.syntax.operators import in_order
from syncrules.syntax.token_span import between, end_of, start_of, token_span
from syncrules.syntax.unparsable import Unparsable
from syncrules.values.value import INTEGER_MAXIMUM, INTEGER_MINIMUM

T = TypeVar("T")
Part = Any  # what Lark passes to a rule: tokens, nodes made by other rules, or None

_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])|''")
_ESCAPED: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def parse(language: str, sql: str) -> tuple[n.Select, ...]:
    """The statements of `sql` in "sync_rules" or "sync_streams"; raises `Unparsable`."""
    try:
        return cast("tuple[n.Select, ...]", _parser(language).parse(sql))
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise Unparsable(Span(0, len(sql)), None, frozenset(error.expected)) from None
        raise Unparsable(token_span(error.token), str(error.token), frozenset(error.expected)) from None


@cache
def _parser(language: str) -> Lark:
    return make_parser(language, transformer=_Builder())


def lex(sql: str) -> tuple[n.Word, ...]:
    """The words of a text, without blanks and comments; raises `Unparsable`."""
    return tuple([n.Word(token.type, str(token), token_span(token)) for token in _lexer().lex(sql)])


@cache
def _lexer() -> QueryLexer:
    return QueryLexer(_parser("sync_streams").lexer_conf)


def _present(parts: tuple[Part, ...]) -> list[Part]:
    return [part for part in parts if part is not None]


def _name(token: Token) -> n.Name:
    if token[0] == '"':
        text = token[1:-1].replace('""', '"')
        return n.Name(text, text, quoted=True, span=token_span(token))
    return n.Name(token.lower(), str(token), quoted=False, span=token_span(token))


def _extra(keyword: str) -> Callable[..., n.Extra]:
    """A rule for a clause that no language has."""

    def rule(_: object, *parts: Part) -> n.Extra:
        present = [part for part in parts if part is not None and not isinstance(part, tuple)]
        present += [item for part in parts if isinstance(part, tuple) for item in part]
        return n.Extra(keyword, between(min(present, key=start_of), max(present, key=start_of)))

    return rule


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
        return replace(core, clauses=clauses, span=between(core, clauses[-1])) if clauses else core

    def core(self, keyword: Token, quantifier: Part, columns: Part, sources: Part, where: Part) -> n.Select:
        last = _present((keyword, quantifier, *(columns or ()), *(sources or ()), where))[-1]
        return n.Select(
            columns=columns or (),
            distinct=quantifier is not None and quantifier.type == "DISTINCT",
            sources=sources or (),
            where=where,
            clauses=(),
            span=between(keyword, last),
        )

    def quantifier(self, keyword: Token, *_: Part) -> Token:
        return keyword

    def columns(self, *columns: Part) -> tuple[Part, ...]:
        return columns

    def unnamed_column(self, expression: n.Expression) -> n.Column:
        return n.Column(expression, None, expression.span)

    def named_column(self, expression: n.Expression, *alias: Token) -> n.Column:
        return n.Column(expression, _name(alias[-1]), between(expression, alias[-1]))

    def star(self, *parts: Token) -> n.Star:
        return n.Star(_name(parts[0]) if len(parts) > 1 else None, between(parts[0], parts[-1]))

    def from_clause(self, _: Token, first: n.Source, *joins: n.Join) -> tuple[n.Join, ...]:
        return (n.Join(",", first, None, None, first.span), *joins)

    def comma_join(self, source: n.Source) -> n.Join:
        return n.Join(",", source, None, None, source.span)

    def word_join(self, kind: Part, keyword: Token, source: n.Source, *rest: Part) -> n.Join:
        last = _present((source, *rest))[-1]
        conditions = [part for part in rest if part is not None and not isinstance(part, Token | Span)]
        using = next((part for part in rest if isinstance(part, Span)), None)
        end = last.end if isinstance(last, Span) else end_of(last)
        first = kind.span if kind is not None else token_span(keyword)
        name = "join" if kind is None or kind.keyword == "INNER" else f"{kind.keyword} JOIN"
        return n.Join(name, source, conditions[0] if conditions else None, using, Span(first.start, end))

    def join_kind(self, word: Token, outer: Token | None = None) -> n.Extra:
        return n.Extra(word.upper(), between(word, outer or word))

    def using(self, keyword: Token, *parts: Token) -> Span:
        return between(keyword, parts[-1])

    def table_source(self, first: Token, second: Token | None, alias: n.Name | None) -> n.TableSource:
        schema, name = (None, _name(first)) if second is None else (_name(first), _name(second))
        return n.TableSource(schema, name, alias, between(first, alias or second or first))

    def function_source(self, call: n.Call, alias: n.Name | None) -> n.FunctionSource:
        return n.FunctionSource(call, alias, between(call, alias or call))

    def subselect_source(self, select: n.Select, alias: n.Name | None) -> n.SubselectSource:
        return n.SubselectSource(select, alias, between(select, alias or select))

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
        return n.Extra(keyword.upper(), between(keyword, parts[-1]))

    def sort_key(self, expression: n.Expression, *_: Part) -> n.Expression:
        return expression

    # expressions

    def operation(self, *parts: Part) -> n.Expression:
        return in_order(parts)

    def cast(self, keyword: Token, operand: n.Expression, _: Token, type_: n.Extra, end: Token) -> n.Cast:
        return n.Cast(operand, type_.keyword, type_.span, between(keyword, end))

    def type(self, word: Token, arguments: Token | None, array: Token | None) -> n.Extra:
        name = _name(word).text.lower() + ("[]" if array else "")
        return n.Extra(name, between(word, array or arguments or word))

    def type_arguments(self, *parts: Token) -> Token:
        return parts[-1]

    def number(self, token: Token) -> n.Literal:
        return n.Literal(_number(token), token_span(token))

    def string(self, token: Token) -> n.Literal:
        return n.Literal(token[1:-1].replace("''", "'"), token_span(token))

    def escaped_string(self, token: Token) -> n.Literal:
        return n.Literal(_ESCAPE.sub(_unescape, token[2:-1]), token_span(token))

    def null(self, token: Token) -> n.Literal:
        return n.Literal(None, token_span(token))

    def true(self, token: Token) -> n.Literal:
        return n.Literal(1, token_span(token))

    def false(self, token: Token) -> n.Literal:
        return n.Literal(0, token_span(token))

    def reference(self, *parts: Token) -> n.Reference:
        return n.Reference(tuple(map(_name, parts)), between(parts[0], parts[-1]))

    def call(self, name: tuple[n.Name, ...], arguments: Part, end: Token, *suffixes: n.Extra) -> n.Call:
        values, extras = arguments or ((), ())
        return n.Call(name, values, (*extras, *suffixes), between(name[0], suffixes[-1] if suffixes else end))

    def function_name(self, *parts: Token) -> tuple[n.Name, ...]:
        return tuple(map(_name, parts))

    def arguments(self, quantifier: Token | None, values: tuple[n.Expression, ...], *order: Part) -> Part:
        distinct = quantifier is not None and quantifier.type == "DISTINCT"
        extras = [n.Extra("DISTINCT", token_span(cast("Token", quantifier)))] if distinct else []
        present = _present(order)
        if present:
            extras.append(n.Extra("ORDER BY", between(present[0], present[-1])))
        return values, tuple(extras)

    def star_argument(self, token: Token) -> Part:
        return (), (n.Extra("*", token_span(token)),)

    def select_argument(self, select: n.Select) -> Part:
        return (n.Subquery(select, select.span),), ()

    def call_suffix(self, keyword: Token, *parts: Part) -> n.Extra:
        return n.Extra(keyword.rstrip("( \t\r\n").upper(), between(keyword, parts[-1]))

    def case(self, keyword: Token, operand: Part, *parts: Part) -> n.Case:
        whens = tuple(part for part in parts if isinstance(part, n.When))
        otherwise = parts[-2] if isinstance(parts[-3], Token) else None
        return n.Case(operand, whens, otherwise, between(keyword, parts[-1]))

    def when(self, _: Token, condition: n.Expression, __: Token, result: n.Expression) -> n.When:
        return n.When(condition, result)

    def array(self, keyword: Token, items: tuple[n.Expression, ...], end: Token) -> n.Array:
        return n.Array(items, between(keyword, end))

    def empty_array(self, keyword: Token, end: Token) -> n.Array:
        return n.Array((), between(keyword, end))

    def expressions(self, *items: n.Expression) -> tuple[n.Expression, ...]:
        return items

    def typed_literal(self, type_: Token, text: Token) -> n.Unsupported:
        name = type_ if type_[0] == '"' else type_.lower()
        return n.Unsupported(f"{name} '…'", between(type_, text))

    def parenthesised(self, expression: n.Expression) -> n.Expression:
        return expression

    def tuple(self, opening: Token, *items: Part) -> n.Tuple:
        *values, closing = items
        return n.Tuple(tuple(values), between(values[0], values[-1]), between(opening, closing))

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
