"""Operands and operators in the order of the text, made into a tree by how tightly they bind (precedence climbing).

The order is that of deployed services, which is not SQLite's; grammar/expression.lark names it as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lark import Token

from syncrules.syntax import nodes as n
from syncrules.syntax.token_span import between, token_span
from syncrules.syntax.unparsable import Unparsable

_LEVELS: Final = (
    ("OR",),
    ("AND",),
    (),  # NOT before an operand
    ("EQUAL", "UNEQUAL"),
    ("IS", "ISNULL", "NOTNULL"),
    ("COMPARE",),
    ("BETWEEN", "NOT_BETWEEN"),
    ("BITWISE",),
    ("IN", "LIKE", "ILIKE", "NOT"),
    ("PLUS", "MINUS", "CONCAT"),
    ("STAR", "DIVIDE"),
    ("CARET",),
)
"""The types of operators, loosest first. NOT after an operand belongs to IN or LIKE."""

_BINDING: Final = {operator: level for level, operators in enumerate(_LEVELS) for operator in operators}
_NOT: Final = 2
_MEMBER: Final = frozenset({"ARROW", "DOUBLE_COLON", "LSQB"})
"""What follows an operand and binds most tightly: a member, a cast, a subscript."""


def in_order(parts: Sequence[Any]) -> n.Expression:
    """The tree of operands (nodes) and operators (tokens). Raises Unparsable for an operator that cannot stand where it does."""
    return _Reading(parts).expression(0)


@dataclass(slots=True)
class _Reading:
    parts: Sequence[Any]
    place: int = 0

    def expression(self, loosest: int) -> n.Expression:
        """An operand and the operators after it that bind no more loosely than `loosest`; those of one level from left to right."""
        expression, tightest = self._operand(), len(_LEVELS)
        while self.place < len(self.parts):
            operator = self.parts[self.place]
            binding = _BINDING[operator.type]
            if binding < loosest:
                break
            if binding > tightest:
                # Only after IS: what binds more tightly would have to take the word NULL, TRUE or FALSE for its operand.
                raise Unparsable(token_span(operator), str(operator))
            expression, tightest = self._operation(expression, binding), binding
        return expression

    def _operand(self) -> n.Expression:
        negations = self._words("NOT")
        operand = self.expression(_NOT + 1) if negations else self._signed()
        for word in reversed(negations):
            operand = n.Unary("not", operand, between(word, operand))
        return operand

    def _signed(self) -> n.Expression:
        signs = self._words("PLUS", "MINUS")
        operand: n.Expression = self._next()
        while (type_ := self._type()) in _MEMBER:
            operand = self._member(operand, type_)
        for sign in reversed(signs):
            operand = n.Unary(str(sign), operand, between(sign, operand))
        return operand

    def _member(self, operand: n.Expression, operator: str) -> n.Expression:
        word, argument = self._next(), self._next()
        match operator:
            case "ARROW":
                return n.Binary(str(word), operand, argument, between(operand, argument))
            case "DOUBLE_COLON":
                return n.Cast(operand, argument.keyword, argument.span, between(operand, argument))
            case _:
                return n.Unsupported("a `[ ]` subscript", between(operand, self._next()))

    def _words(self, *types: str) -> list[Token]:
        """The tokens of some types at the place."""
        first = self.place
        while self._type() in types:
            self.place += 1
        return [*self.parts[first : self.place]]

    def _operation(self, left: n.Expression, binding: int) -> n.Expression:
        """What stands at the place, applied to what was read before it."""
        operator = self._next()
        match operator.type:
            case "OR" | "AND":
                operands = [left, self.expression(binding + 1)]
                while self._type() == operator.type:
                    self.place += 1
                    operands.append(self.expression(binding + 1))
                return n.Logical(operator.lower(), tuple(operands), between(left, operands[-1]))
            case "IS":
                words = [self._next()]
                if words[0].type == "NOT":
                    words.append(self._next())
                return n.IsTest(" ".join(["is", *words]).lower(), left, between(left, words[-1]))
            case "ISNULL" | "NOTNULL":
                test = "is null" if operator.type == "ISNULL" else "is not null"
                return n.IsTest(test, left, between(left, operator))
            case "BETWEEN" | "NOT_BETWEEN":
                low, _ = self._next(), self._next()
                high = self.expression(binding + 1)
                return n.Between(left, low, high, operator.type == "NOT_BETWEEN", between(left, high))
            case "NOT":
                return self._membership(left, self._next(), binding, negated=True)
            case "IN" | "LIKE" | "ILIKE":
                return self._membership(left, operator, binding, negated=False)
            case _:
                right = self.expression(binding + 1)
                symbol = "!=" if operator == "<>" else str(operator)
                return n.Binary(symbol, left, right, between(left, right))

    def _membership(self, left: n.Expression, operator: Token, binding: int, *, negated: bool) -> n.In | n.Unsupported:
        right = self.expression(binding + 1)
        span = between(left, right)
        if operator.type == "IN":
            return n.In(left, right, negated, span)
        return n.Unsupported(f"{'NOT ' if negated else ''}{operator.upper()}", span)

    def _type(self) -> str | None:
        """The type of the operator at the place, if there is one."""
        part = self.parts[self.place] if self.place < len(self.parts) else None
        return part.type if isinstance(part, Token) else None

    def _next(self) -> Any:
        self.place += 1
        return self.parts[self.place - 1]
