"""Python expressions for plan expressions.

NULL rules are written out, so that functions which give NULL for NULL are never called with it.
Conditions become Python conditions; CASE, AND and OR evaluate only what decides them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from syncrules.engine.source_code import SourceCode
from syncrules.functions import FUNCTIONS, OPERATORS, Function
from syncrules.plan.expression import Call, Case, Constant, Expression, children
from syncrules.values import powersync, sqlite
from syncrules.values.kinds import Kind
from syncrules.values.semantics import Semantics

_INLINE_DEPTH: Final = 12
"""Nesting written as one Python expression; what is deeper becomes a local function, because
CPython bounds nested parentheses."""

TRUTH: Final = {Semantics.SQLITE: sqlite.truth, Semantics.POWERSYNC: powersync.truth}
"""Whether a value, as the condition of a WHERE, is true."""

LeafCode = Callable[[Expression], str]
"""The Python name or expression that holds the value of a leaf."""


def function_record(name: str) -> Function:
    """The record of a function or operator of a plan."""
    return OPERATORS.get(name) or FUNCTIONS[name]


@dataclass(slots=True)
class ExpressionCode:
    """Writes expressions into a module, under one semantics."""

    code: SourceCode
    semantics: Semantics
    leaf: LeafCode

    def value(self, expression: Expression) -> str:
        """A Python expression for the value; may add local functions before the current line."""
        match expression:
            case Constant():
                return "None" if expression.type == "null" else self.code.constant(expression.value)
            case Call():
                return self._hoisted(expression, self._call)
            case Case():
                return self._hoisted(expression, self._case)
            case _:
                return self.leaf(expression)

    def named(self, expression: Expression, name: str) -> str:
        """The name of the value: a local that holds it already, or `name`, which is set to it before the current line."""
        value = self.value(expression)
        if value.isidentifier() and value != "None":
            return value
        self.code.line(f"{name} = {value}")
        return name

    def condition(self, expression: Expression) -> str:
        """A Python condition that holds if the expression is true."""
        match expression:
            case Call(function="and" | "or" as operator, arguments=arguments):
                return self._hoisted(expression, lambda _: self._joined(operator, arguments))
            case Call(function="is key", arguments=(argument,)) if (name := self.value(argument)).isidentifier():
                return self.is_key(name)
            case Call(function=name) if _gives_integer(name):
                return self.value(expression)
            case _:
                truth = self.code.function("truth", TRUTH[self.semantics])
                return f"{truth}({self.value(expression)})"

    def is_key(self, name: str) -> str:
        """A Python condition that holds if a value, given by its name, can be a key. Most keys are texts."""
        function = self.code.function("is key", OPERATORS["is key"].implementation(self.semantics))
        return f"(type({name}) is str or {function}({name}))"

    def _joined(self, operator: str, operands: tuple[Expression, ...]) -> str:
        return f"({f' {operator} '.join(map(self.condition, operands))})"

    def _hoisted(self, expression: Expression, write: Callable[[Expression], str]) -> str:
        if _depth(expression) % _INLINE_DEPTH:
            return write(expression)
        name = self.code.fresh("e")
        with self.code.block(f"def {name}():"):
            self.code.line(f"return {write(expression)}")
        return f"{name}()"

    def _call(self, expression: Expression) -> str:
        assert isinstance(expression, Call)
        if expression.function == "ifnull":
            return self._first_known(expression.arguments)
        record = function_record(expression.function)
        name = self.code.function(record.name, record.implementation(self.semantics))
        if not record.strict:
            return f"{name}({', '.join(map(self.value, expression.arguments))})"
        checks, operands = [], []
        for argument in expression.arguments:
            written = self.value(argument)
            if isinstance(argument, Constant) and argument.type != "null":
                operands.append(written)
            elif written.isidentifier():
                checks.append(f"{written} is None")
                operands.append(written)
            else:
                temporary = self.code.fresh("t")
                checks.append(f"({temporary} := {written}) is None")
                operands.append(temporary)
        called = f"{name}({', '.join(operands)})"
        return f"(None if {_any_of(checks)} else {called})" if checks else called

    def _first_known(self, operands: tuple[Expression, ...]) -> str:
        """`ifnull`: an operand is evaluated only if all before it are NULL."""
        *firsts, last = operands
        names = [self.code.fresh("t") for _ in firsts]
        tests = [
            f"{name} if ({name} := {self.value(first)}) is not None else"
            for name, first in zip(names, firsts, strict=True)
        ]
        return f"({' '.join(tests)} {self.value(last)})"

    def _case(self, expression: Expression) -> str:
        assert isinstance(expression, Case)
        branches = [
            f"{self.value(result)} if {self.condition(condition)} else" for condition, result in expression.branches
        ]
        return f"({' '.join(branches)} {self.value(expression.otherwise)})"


def _any_of(checks: list[str]) -> str:
    """The checks joined so that every operand is evaluated: one that fails is an error even beside NULL."""
    if any(":=" in check for check in checks[1:]):
        return " | ".join(f"({check})" for check in checks)
    return " or ".join(checks)


def _depth(expression: Expression) -> int:
    return 1 + max((_depth(child) for child in children(expression)), default=0)


@cache
def _gives_integer(name: str) -> bool:
    """Whether a function gives INTEGER or NULL whatever it is given, so that Python's truth is SQL's."""
    record = function_record(name)
    anything = frozenset(Kind)
    return record.result((anything,) * max(record.minimum, 1)) <= {Kind.INTEGER, Kind.NULL}
