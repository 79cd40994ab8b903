"""Scalar expressions of a plan: a handful of leaves, calls of named functions, and CASE.

Operators, casts and functions are all `Call`s by the name of their record in `syncrules.functions`,
so that what an expression means is looked up in one place. Equality is structural: two spellings
that mean the same table, column and constant are the same expression.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from syncrules.plan.tagged import Tagged
from syncrules.values.frozen import through_slots
from syncrules.values.value import SqlValue

RequestPart = Literal["user_id", "token", "connection", "subscription"]


@through_slots
@dataclass(frozen=True, slots=True)
class Constant:
    """A literal. Its type and text keep apart what Python calls equal: 1, 1.0 and -0.0 and 0.0."""

    type: Literal["null", "integer", "real", "text", "blob"]
    text: str
    kind: Literal["constant"] = "constant"

    @property
    def value(self) -> SqlValue:
        """The SQL value.

        >>> Constant("real", "1.0").value
        1.0
        """
        match self.type:
            case "null":
                return None
            case "integer":
                return int(self.text)
            case "real":
                return float(self.text)
            case "text":
                return self.text
            case "blob":
                return bytes.fromhex(self.text)


def constant(value: SqlValue) -> Constant:
    """The constant for a value.

    >>> constant(1) == constant(1.0)
    False
    """
    match value:
        case None:
            return Constant("null", "")
        case int():
            return Constant("integer", str(value))
        case float():
            return Constant("real", repr(value))
        case str():
            return Constant("text", value)
        case bytes():
            return Constant("blob", value.hex())


@through_slots
@dataclass(frozen=True, slots=True)
class Column:
    """A value of a source. In a finished rule, source 0 is the row and source n the n-th expansion;
    in a part of a bucket query, source n is the n-th step that binds, counted from 1, and the
    outputs of a lookup are named "0", "1", …; in a bucket query's values, source n is part n.
    """

    source: int
    name: str
    kind: Literal["column"] = "column"


@through_slots
@dataclass(frozen=True, slots=True)
class TableName:
    """What a source row's table is called: its `schema`, its `name`, or the `suffix` that stands
    for the `%` of a wildcard (NULL without one).
    """

    source: int
    part: Literal["schema", "name", "suffix"]
    kind: Literal["table"] = "table"


@through_slots
@dataclass(frozen=True, slots=True)
class RequestValue:
    """What a request carries: the verified `user_id`, or the JSON text of the token's claims, of
    the connection's or the subscription's parameters.
    """

    part: RequestPart
    kind: Literal["request"] = "request"


@dataclass(frozen=True, slots=True)
class BucketParameter:
    """`bucket.name` in a data query of Sync Rules; gone once the keys are known."""

    name: str
    kind: Literal["parameter"] = "parameter"


@through_slots
@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator by its name in `syncrules.functions`, applied to arguments."""

    function: str
    arguments: tuple["Expression", ...]
    kind: Literal["call"] = "call"


@through_slots
@dataclass(frozen=True, slots=True)
class Case:
    """The result of the first branch whose condition is true, else `otherwise`."""

    branches: tuple[tuple["Expression", "Expression"], ...]
    otherwise: "Expression"
    kind: Literal["case"] = "case"


Expression = Annotated[Constant | Column | TableName | RequestValue | BucketParameter | Call | Case, Tagged()]
Leaf = Constant | Column | TableName | RequestValue | BucketParameter


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct operands."""
    match expression:
        case Call():
            return expression.arguments
        case Case():
            return (*(part for branch in expression.branches for part in branch), expression.otherwise)
        case _:
            return ()


def leaves(expression: Expression) -> Iterator[Leaf]:
    """Every leaf, left to right, repeats included."""
    match expression:
        case Call() | Case():
            for child in children(expression):
                yield from leaves(child)
        case _:
            yield expression


def subexpressions(expression: Expression) -> Iterator[Expression]:
    """The expression and everything inside it."""
    yield expression
    for child in children(expression):
        yield from subexpressions(child)


def substitute(expression: Expression, replace: Callable[[Leaf], Expression]) -> Expression:
    """The same expression with every leaf replaced.

    >>> substitute(Call("upper", (Column(3, "name"),)), lambda leaf: Column(0, "name"))
    Call(function='upper', arguments=(Column(source=0, name='name', kind='column'),), kind='call')
    """
    match expression:
        case Call():
            return Call(expression.function, tuple(substitute(a, replace) for a in expression.arguments))
        case Case():
            branches = tuple((substitute(c, replace), substitute(r, replace)) for c, r in expression.branches)
            return Case(branches, substitute(expression.otherwise, replace))
        case _:
            return replace(expression)
