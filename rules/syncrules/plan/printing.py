"""A plan as text for people: what each rule filters, what it is keyed by, and how requests find it."""

from collections.abc import Iterable, Iterator, Sequence

from syncrules.plan.expression import (
    BucketParameter,
    Call,
    Case,
    Column,
    Constant,
    Expression,
    RequestValue,
    TableName,
)
from syncrules.plan.nodes import Expand, Filter, Lookup, Output, OutputStar, Part, Plan


def print_plan(plan: Plan) -> str:
    """The whole plan, one paragraph a rule."""
    paragraphs = [[f"semantics: {plan.semantics.value}"], *_row_rules(plan), *_lookup_rules(plan), *_queries(plan)]
    return "\n\n".join("\n".join(lines) for lines in paragraphs) + "\n"


def print_expression(expression: Expression) -> str:
    """An expression in SQL's manner, fully parenthesised. Bound values are `step.column`.

    >>> print_expression(Call("=", (Column(0, "owner"), RequestValue("user_id"))))
    '(owner = user_id)'
    """
    match expression:
        case Constant():
            return _constant(expression)
        case Column(source=0):
            return expression.name
        case Column():
            return f"{expression.source}.{expression.name}"
        case TableName():
            return f"table.{expression.part}"
        case RequestValue():
            return expression.part
        case BucketParameter():
            return f"bucket.{expression.name}"
        case Call(arguments=(left, right)) if not expression.function[0].isalpha():
            return f"({print_expression(left)} {expression.function} {print_expression(right)})"
        case Call():
            return f"{expression.function}({', '.join(map(print_expression, expression.arguments))})"
        case Case():
            whens = (f"WHEN {print_expression(c)} THEN {print_expression(r)}" for c, r in expression.branches)
            return f"CASE {' '.join(whens)} ELSE {print_expression(expression.otherwise)} END"


def _row_rules(plan: Plan) -> Iterator[list[str]]:
    for rule in plan.row_rules:
        yield [
            f"rows of {rule.table}",
            *_steps(rule.steps),
            f"  in bucket {plan.buckets[rule.bucket].name}[{_list(rule.keys)}]",
            f"  as {rule.output_table or rule.table.name}: {', '.join(map(_column, rule.columns))}",
        ]


def _lookup_rules(plan: Plan) -> Iterator[list[str]]:
    for number, rule in enumerate(plan.lookup_rules):
        yield [
            f"lookup {number}: rows of {rule.table}",
            *_steps(rule.steps),
            f"  by ({_list(rule.keys)}) give ({_list(rule.outputs)})",
        ]


def _queries(plan: Plan) -> Iterator[list[str]]:
    for query in plan.bucket_queries:
        default = "by default" if query.auto_subscribe else "on subscription"
        lines = [f"requests to {query.stream}, {default}, priority {query.priority}"]
        for number, part in enumerate(query.parts, start=1):
            lines += _part(number, part)
        values = ", ".join(f"part {value.source}.{value.name}" for value in query.values)
        yield [*lines, f"  get bucket {plan.buckets[query.bucket].name}[{values}]"]


def _part(number: int, part: Part) -> list[str]:
    return [f"  part {number}", *(f"  {line}" for line in _steps(part.steps)), f"    gives ({_list(part.outputs)})"]


def _steps(steps: Sequence[Filter | Expand | Lookup]) -> list[str]:
    lines = []
    bound = 0
    for step in steps:
        bound += not isinstance(step, Filter)
        match step:
            case Filter():
                lines.append(f"  where {print_expression(step.condition)}")
            case Expand():
                lines.append(f"  for each {bound} of {step.function}({print_expression(step.argument)})")
            case Lookup():
                lines.append(f"  for each {bound} of lookup {step.rule} by ({_list(step.keys)})")
    return lines


def _column(column: Output | OutputStar) -> str:
    match column:
        case OutputStar(hidden_prefix=None):
            return "*"
        case OutputStar(hidden_prefix=prefix):
            return f"* except {prefix}…"
        case Output():
            written = print_expression(column.expression)
            return written if written == column.name else f"{written} AS {column.name}"


def _constant(value: Constant) -> str:
    match value.type:
        case "null":
            return "NULL"
        case "text":
            return "'" + value.text.replace("'", "''") + "'"
        case "blob":
            return f"x'{value.text}'"
        case _:
            return value.text


def _list(expressions: Iterable[Expression]) -> str:
    return ", ".join(map(print_expression, expressions))
