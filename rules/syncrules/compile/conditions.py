"""WHERE clauses to formulas: which conditions are decided where, and where groups meet."""

from dataclasses import dataclass, replace
from typing import Protocol

from syncrules.compile.affinity import compared, in_array
from syncrules.compile.expressions import Expressions
from syncrules.compile.formula import TRUE, All, Any, Equal, Formula, Predicate, Some, all_of, negate
from syncrules.compile.names import NOTHING
from syncrules.compile.sources import BUCKET, REQUEST, QuerySource
from syncrules.diagnostics import Span
from syncrules.plan.expression import (
    BucketParameter,
    Call,
    Column,
    Constant,
    Expression,
    RequestValue,
    constant,
    leaves,
)
from syncrules.syntax import nodes as n
from syncrules.values.frozen import through_slots
from syncrules.values.json_text import read_json
from syncrules.values.value import EvaluationError, SqlValue


@through_slots
@dataclass(frozen=True, slots=True)
class Selected:
    """What a subquery offers: rows of `sources` where `condition` holds, one `column` of them."""

    sources: tuple[QuerySource, ...]
    condition: Formula
    column: Expression


class Subqueries(Protocol):
    """Reads what stands for a set of rows on the right of IN, or beside `&&`."""

    def is_subquery(self, node: n.Expression) -> bool:
        """Whether a node is a subquery, or the name of a common table expression."""
        ...

    def read(self, node: n.Expression, conditions: "Conditions") -> Selected | None:
        """What the subquery offers; None, with a finding, if the language refuses it."""
        ...


@through_slots
@dataclass(frozen=True, slots=True)
class Conditions:
    """Lowers the conditions of one query."""

    expressions: Expressions
    subqueries: Subqueries

    def formula(self, node: n.Expression) -> Formula:
        """The formula for a node that is used as a condition."""
        match node:
            case n.Unary(operator="not"):
                return negate(self.formula(node.operand))
            case n.Logical(operator="and"):
                return All(tuple(map(self.formula, node.operands)))
            case n.Logical():
                return Any(tuple(map(self.formula, node.operands)))
            case n.Binary(operator="="):
                left, right = self._value(node.left), self._value(node.right)
                return self._equality(left, right, node)
            case n.Binary(operator="&&") if "&&" in self.expressions.dialect.operators:
                return self._overlap(node)
            case n.In():
                found = self._membership(node)
                return negate(found) if node.negated else found
            case _:
                value = self._value(node)
                if isinstance(value, BucketParameter):
                    return Equal(value, constant(1), self._span(node.span))
                return Predicate(value, self._span(node.span))

    def _compared(self, left: Expression, right: Expression) -> tuple[Expression, Expression]:
        return compared(left, right, self.expressions.dialect.semantics)

    def _value(self, node: n.Expression) -> Expression:
        return self.expressions.value(node)

    def _span(self, span: Span) -> Span:
        return self.expressions.span(span)

    def _equality(self, left: Expression, right: Expression, node: n.Binary) -> Formula:
        span = self._span(node.span)
        if left is NOTHING or right is NOTHING:
            return Predicate(NOTHING, span)
        left_groups = self.expressions.sources.groups_of(left)
        right_groups = self.expressions.sources.groups_of(right)
        if BUCKET in left_groups and BUCKET in right_groups:
            message = "bucket parameters cannot stand on both sides of `=`"
            self.expressions.findings.error("two-bucket-parameters", message, span)
            return Predicate(NOTHING, span)
        meets = bool(left_groups and right_groups and left_groups != right_groups)
        if meets or BUCKET in left_groups | right_groups:
            return Equal(*self._compared(left, right), span)
        return Predicate(Call(self.expressions.dialect.operators["="], self._compared(left, right)), span)

    def _membership(self, node: n.In) -> Formula:
        match node.right:
            case right if self.subqueries.is_subquery(right):
                return self._in_subquery(node)
            case n.Array() | n.Call(name=(n.Name(text="row", quoted=False),)):
                return Predicate(self._value(replace(node, negated=False)), self._span(node.span))
            case _:
                return self._in_array(node)

    def _in_subquery(self, node: n.In) -> Formula:
        span = self._span(node.span)
        left = self._value(node.operand)
        selected = self.subqueries.read(node.right, self)
        if selected is None or left is NOTHING:
            return Predicate(NOTHING, span)
        return self._some_equal(selected, left, span)

    def _in_array(self, node: n.In) -> Formula:
        span = self._span(node.span)
        sources = self.expressions.sources
        left, right = self._value(node.operand), self._value(node.right)
        if left is NOTHING or right is NOTHING:
            return Predicate(NOTHING, span)
        if isinstance(right, Constant) and not _has_elements(right.value):
            message = "this is no JSON array, so no row can be evaluated"
            self.expressions.findings.warning(
                "not-an-array", message, self._span(node.right.span), "write `=`, or a JSON array such as `'[\"a\"]'`"
            )
        left_groups, right_groups = sources.groups_of(left), sources.groups_of(right)
        if BUCKET in right_groups:
            message = "a bucket parameter cannot stand on the right of IN"
            instead = "select one value for each row of the parameter query, and compare with `=`"
            self.expressions.findings.error("bucket-parameter-array", message, self._span(node.right.span), instead)
            return Predicate(NOTHING, span)
        if node.negated and "in" not in self.expressions.dialect.operators:
            return Predicate(self._value(node), span)
        together = "in json, both of the request" in self.expressions.dialect.operators or node.negated
        if _asks_the_request(left) and right_groups == {REQUEST} and not together:
            message = "a value of the request is sought in an array of the request"
            instead = "compare the array's elements with a column of the row"
            self.expressions.findings.error("array-meets-too-much", message, span, instead)
            return Predicate(NOTHING, span)
        if left_groups and right_groups and left_groups != right_groups:
            element = self._elements(right, self._span(node.right.span))
            return self._some_equal(element, left, span)
        if BUCKET in left_groups:
            element = self._elements(right, self._span(node.right.span))
            return self._some_equal(element, left, span)
        return Predicate(in_array(left, right, self.expressions.dialect.semantics), span)

    def _overlap(self, node: n.Binary) -> Formula:
        span = self._span(node.span)
        left, right = self._side(node.left), self._side(node.right)
        if left is None or right is None:
            return Predicate(NOTHING, span)
        if "&& in one place" not in self.expressions.dialect.operators and not self._can_overlap(left, right):
            message = "`&&` compares an array of a row, or a subquery, with one that is found elsewhere"
            self.expressions.findings.error("overlap-in-one-place", message, span)
            return Predicate(NOTHING, span)
        both = Selected(left.sources + right.sources, all_of((left.condition, right.condition)), right.column)
        return self._some_equal(both, left.column, span)

    def _can_overlap(self, left: Selected, right: Selected) -> bool:
        """Whether the sides of `&&` are in different places, one of them a row's."""
        groups = self.expressions.sources.groups_of
        first, second = groups(left.column), groups(right.column)
        return first != second and not first | second <= {REQUEST}

    def _side(self, node: n.Expression) -> Selected | None:
        if self.subqueries.is_subquery(node):
            return self.subqueries.read(node, self)
        value = self._value(node)
        return None if value is NOTHING else self._elements(value, self._span(node.span))

    def _elements(self, array: Expression, span: Span) -> Selected:
        """The elements of an array, as a subquery would offer them."""
        dialect, sources = self.expressions.dialect, self.expressions.sources
        in_request = sources.groups_of(array) <= {REQUEST}
        function = dialect.elements_of_request if in_request else dialect.elements
        expansion = sources.expansion(function, array, span)
        return Selected((expansion,), TRUE, Column(expansion.id, "value"))

    def _some_equal(self, selected: Selected, value: Expression, span: Span) -> Formula:
        condition = all_of((selected.condition, self._equal(value, selected.column, span)))
        return Some(selected.sources, condition, span)

    def _equal(self, left: Expression, right: Expression, span: Span) -> Formula:
        groups = self.expressions.sources.groups_of
        if groups(left) and groups(right) and groups(left) != groups(right):
            return Equal(*self._compared(left, right), span)
        return Predicate(Call("=", self._compared(left, right)), span)


def _asks_the_request(expression: Expression) -> bool:
    return any(isinstance(leaf, RequestValue) for leaf in leaves(expression))


def _has_elements(value: SqlValue) -> bool:
    """Whether a constant is the text of a JSON array or object, or NULL."""
    try:
        return value is None or (isinstance(value, str) and isinstance(read_json(value), list | dict))
    except EvaluationError:
        return False
