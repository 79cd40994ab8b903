"""The static type of an expression: every storage class that its value can have."""

from collections.abc import Callable
from typing import Final

from syncrules.functions import FUNCTIONS, OPERATORS
from syncrules.plan.expression import Call, Case, Column, Constant, Expression, Leaf, RequestValue, TableName
from syncrules.schema import Schema, TablePattern
from syncrules.values.kinds import ANYTHING, Kind, Kinds, kind_of

LeafType = Callable[[Leaf], Kinds]
"""What a leaf other than a constant can be."""

_NULL: Final = frozenset({Kind.NULL})
_TEXT: Final = frozenset({Kind.TEXT})


def static_type(expression: Expression, of_leaf: LeafType) -> Kinds:
    """The storage classes that an expression can have, under either semantics, given those of its leaves.

    >>> sum_of_integers = Call("+", (Column(0, "n"), Column(0, "n")))
    >>> sorted(static_type(sum_of_integers, lambda leaf: frozenset({Kind.INTEGER})))
    [<Kind.INTEGER: 'integer'>, <Kind.NULL: 'null'>, <Kind.REAL: 'real'>]
    """
    match expression:
        case Constant():
            return frozenset({kind_of(expression.value)})
        case Call():
            record = OPERATORS.get(expression.function) or FUNCTIONS[expression.function]
            arguments = tuple(static_type(argument, of_leaf) for argument in expression.arguments)
            return _NULL if record.strict and _NULL in arguments else record.result(arguments)
        case Case():
            results = (*(result for _, result in expression.branches), expression.otherwise)
            return frozenset().union(*(static_type(result, of_leaf) for result in results))
        case _:
            return of_leaf(expression)


def type_of_row_leaf(table: TablePattern, schema: Schema | None) -> LeafType:
    """The types of a row rule's leaves: what the schema says of the columns, anything without one.

    A column that no table of the pattern has is NULL.
    """
    columns = None if schema is None else schema.stored_types(table)

    def of_leaf(leaf: Leaf) -> Kinds:
        match leaf:
            case Column(source=0, name=name):
                return ANYTHING if columns is None else columns.get(name, _NULL)
            case _:
                return type_of_leaf(leaf)

    return of_leaf


def type_of_leaf(leaf: Leaf) -> Kinds:
    """The type of a leaf of which nothing else is known; what a verified request carries is text."""
    match leaf:
        case Constant():
            return frozenset({kind_of(leaf.value)})
        case RequestValue(part="subscription") | TableName(part="suffix"):
            return _TEXT | _NULL
        case RequestValue() | TableName():
            return _TEXT
        case _:
            return ANYTHING
