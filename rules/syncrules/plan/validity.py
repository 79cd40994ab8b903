"""Whether a plan holds together: everything it refers to exists, and is used with the right counts.

The compiler makes only such plans. A plan that comes from outside is checked before anything runs.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from syncrules.functions import FUNCTIONS, OPERATORS, TABLE_FUNCTIONS
from syncrules.plan.expression import Call, Case, Column, Constant, Expression, RequestValue, TableName, subexpressions
from syncrules.plan.nodes import BucketQuery, Expand, Filter, Lookup, LookupRule, Output, Part, Plan, RowRule
from syncrules.values.value import INTEGER_MAXIMUM, INTEGER_MINIMUM

MAXIMUM_EXPANSIONS: Final = 16
"""Arrays of one rule or part: each is a loop in the loop before it."""

Step = Filter | Expand | Lookup


def flaws(plan: Plan) -> Iterator[str]:
    """What is wrong with a plan, in words; nothing for a plan that the compiler made."""
    for name, count in Counter(bucket.name for bucket in plan.buckets).items():
        if count > 1:
            yield f"{count} buckets are called `{name}`"
    for number, rule in enumerate(plan.row_rules):
        yield from _in(f"row rule {number}", _row_rule(rule, plan))
    for number, lookup in enumerate(plan.lookup_rules):
        yield from _in(f"lookup rule {number}", _lookup_rule(lookup))
    for number, query in enumerate(plan.bucket_queries):
        yield from _in(f"bucket query {number}", _bucket_query(query, plan))


def _in(place: str, found: Iterable[str]) -> Iterator[str]:
    return (f"{place}: {flaw}" for flaw in found)


def _row_rule(rule: RowRule, plan: Plan) -> Iterator[str]:
    scope = _Scope(of_row=True)
    yield from scope.steps(rule.steps)
    yield from scope.expressions(rule.keys)
    outputs = [column.expression for column in rule.columns if isinstance(column, Output)]
    yield from _Scope(of_row=True).expressions(outputs)
    yield from _bucket(rule.bucket, len(rule.keys), plan)


def _lookup_rule(rule: LookupRule) -> Iterator[str]:
    scope = _Scope(of_row=True)
    yield from scope.steps(rule.steps)
    yield from scope.expressions((*rule.keys, *rule.outputs))


def _bucket_query(query: BucketQuery, plan: Plan) -> Iterator[str]:
    yield from _bucket(query.bucket, len(query.values), plan)
    if query.stream not in plan.streams:
        yield f"there is no stream `{query.stream}`"
    if query.priority not in range(4):
        yield f"there is no priority {query.priority}"
    for number, part in enumerate(query.parts, start=1):
        yield from _in(f"part {number}", _part(part, plan))
    for value in query.values:
        given = query.parts[value.source - 1].outputs if 0 < value.source <= len(query.parts) else ()
        if not _is_place(value.name, len(given)):
            yield f"part {value.source} gives no value {value.name}"


def _part(part: Part, plan: Plan) -> Iterator[str]:
    scope = _Scope(of_row=False, lookup_rules=plan.lookup_rules)
    yield from scope.steps(part.steps)
    yield from scope.expressions(part.outputs)


def _bucket(number: int, values: int, plan: Plan) -> Iterator[str]:
    if not 0 <= number < len(plan.buckets):
        yield f"there is no bucket {number}"
    elif plan.buckets[number].arity != values:
        yield f"bucket {number} takes {plan.buckets[number].arity} values, not {values}"


@dataclass(slots=True)
class _Scope:
    """What expressions may read: the row or the request, and the columns bound so far, by step."""

    of_row: bool
    lookup_rules: Sequence[LookupRule] = ()
    bound: list[tuple[str, ...]] = field(default_factory=list)

    def steps(self, steps: Iterable[Step]) -> Iterator[str]:
        for step in steps:
            match step:
                case Filter():
                    yield from self.expressions([step.condition])
                case Expand():
                    yield from self.expressions([step.argument])
                    if step.function not in TABLE_FUNCTIONS:
                        yield f"there is no table-valued function `{step.function}`"
                        return
                    self.bound.append(TABLE_FUNCTIONS[step.function].columns)
                case Lookup():
                    yield from self.expressions(step.keys)
                    if not 0 <= step.rule < len(self.lookup_rules):
                        yield f"there is no lookup rule {step.rule}"
                        return
                    rule = self.lookup_rules[step.rule]
                    if len(rule.keys) != len(step.keys):
                        yield f"lookup rule {step.rule} takes {len(rule.keys)} keys, not {len(step.keys)}"
                    self.bound.append(tuple(map(str, range(len(rule.outputs)))))
        if self.of_row and len(self.bound) > MAXIMUM_EXPANSIONS:
            yield f"there are more than {MAXIMUM_EXPANSIONS} arrays"

    def expressions(self, expressions: Iterable[Expression]) -> Iterator[str]:
        for expression in expressions:
            for each in subexpressions(expression):
                yield from self._expression(each)

    def _expression(self, expression: Expression) -> Iterator[str]:
        match expression:
            case Constant() if not _is_constant(expression):
                yield f"`{expression.text}` is no {expression.type}"
            case Column(source=0) | TableName(source=0) if self.of_row:
                pass
            case Column(source=source, name=name) if 0 < source <= len(self.bound) and name in self.bound[source - 1]:
                pass
            case RequestValue() if not self.of_row:
                pass
            case Call():
                yield from _call(expression)
            case Constant():
                pass
            case Case():
                pass
            case _:
                yield f"there is no value for {expression}"


def _call(call: Call) -> Iterator[str]:
    record = OPERATORS.get(call.function) or FUNCTIONS.get(call.function)
    if record is None:
        yield f"there is no function `{call.function}`"
    elif len(call.arguments) < record.minimum or len(call.arguments) > (record.maximum or len(call.arguments)):
        yield f"`{call.function}` does not take {len(call.arguments)} arguments"


def _is_constant(constant: Constant) -> bool:
    try:
        value = constant.value
    except ValueError:
        return False
    return not isinstance(value, int) or INTEGER_MINIMUM <= value <= INTEGER_MAXIMUM


def _is_place(name: str, count: int) -> bool:
    return name in map(str, range(count))
