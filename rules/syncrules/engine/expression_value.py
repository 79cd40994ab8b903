"""The value of an expression, by walking it: the definition that generated code is tested against."""

from collections.abc import Callable

from syncrules.engine.expression_code import TRUTH, function_record
from syncrules.plan.expression import Call, Case, Constant, Expression, Leaf
from syncrules.values.semantics import Semantics
from syncrules.values.value import SqlValue

LeafValue = Callable[[Leaf], SqlValue]
"""What a leaf other than a constant stands for."""


def expression_value(expression: Expression, semantics: Semantics, of_leaf: LeafValue) -> SqlValue:
    """The value. Raises EvaluationError where the data has no answer.

    >>> expression_value(Call("upper", (Constant("text", "ada"),)), Semantics.SQLITE, lambda leaf: None)
    'ADA'
    """
    match expression:
        case Constant():
            return expression.value
        case Call(function="ifnull", arguments=arguments):
            values = (expression_value(argument, semantics, of_leaf) for argument in arguments)
            return next((value for value in values if value is not None), None)
        case Call():
            record = function_record(expression.function)
            operands = [expression_value(argument, semantics, of_leaf) for argument in expression.arguments]
            if record.strict and None in operands:
                return None
            return record.implementation(semantics)(*operands)
        case Case():
            for condition, result in expression.branches:
                if condition_holds(condition, semantics, of_leaf):
                    return expression_value(result, semantics, of_leaf)
            return expression_value(expression.otherwise, semantics, of_leaf)
        case _:
            return of_leaf(expression)


def condition_holds(expression: Expression, semantics: Semantics, of_leaf: LeafValue) -> bool:
    """Whether a condition is true: operands of AND and OR after the one that decides are not evaluated."""
    match expression:
        case Call(function="and", arguments=arguments):
            return all(condition_holds(argument, semantics, of_leaf) for argument in arguments)
        case Call(function="or", arguments=arguments):
            return any(condition_holds(argument, semantics, of_leaf) for argument in arguments)
        case _:
            return TRUTH[semantics](expression_value(expression, semantics, of_leaf))
