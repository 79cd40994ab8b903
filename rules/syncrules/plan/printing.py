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
from syncrules.plan.nodes import (
    BucketQuery,
    Expand,
    Filter,
    Lookup,
    Output,
    OutputColumn,
    OutputStar,
    Part,
    Plan,
    RowRule,
)
from syncrules.plan.reading import expressions_of
from syncrules.plan.trust import print_trust


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


def print_expressions(expressions: Iterable[Expression]) -> str:
    """Several expressions with commas between them."""
    return ", ".join(map(print_expression, expressions))


def print_steps(steps: Sequence[Filter | Expand | Lookup]) -> list[str]:
    """A line for each step; what binds values is numbered, so that later steps can name it."""
    lines = []
    bound = 0
    for step in steps:
        bound += not isinstance(step, Filter)
        match step:
            case Filter():
                line = f"where {print_expression(step.condition)}"
            case Expand():
                line = f"for each {bound} of {step.function}({print_expression(step.argument)})"
            case Lookup():
                line = f"for each {bound} of lookup {step.rule} by ({print_expressions(step.keys)})"
        lines.append(line + _trust(expressions_of([step])))
    return lines


def _trust(expressions: Iterable[Expression]) -> str:
    """Who decides what is read of the request, if anything is."""
    trust = print_trust(expressions)
    return f"  [{trust}]" if trust else ""


def print_part(part: Part) -> list[str]:
    """The steps of a part, and what it gives."""
    gives = [f"gives ({print_expressions(part.outputs)}){_trust(part.outputs)}"] if part.outputs else []
    return [*print_steps(part.steps), *gives]


def print_columns(columns: Iterable[OutputColumn]) -> str:
    """The columns of a synced row."""
    return ", ".join(map(_column, columns))


def print_row_rule(rule: RowRule) -> list[str]:
    """The rows of a table that a rule puts into its bucket, and their form."""
    return [
        f"rows of {rule.table}",
        *(f"  {line}" for line in print_steps(rule.steps)),
        f"  as {rule.output_table or rule.table.name}: {print_columns(rule.columns)}",
    ]


def print_bucket(plan: Plan, query: BucketQuery) -> str:
    """The bucket that a query leads to, its values by the parts that give them."""
    values = ", ".join(f"part {value.source}.{value.name}" for value in query.values)
    return f"{plan.buckets[query.bucket].name}[{values}]"


def print_when(query: BucketQuery) -> str:
    """When a request gets what a query leads to, and how urgently."""
    when = "always" if not query.subscribable else "by default" if query.auto_subscribe else "on subscription"
    return f"{when}, priority {query.priority}"


def _row_rules(plan: Plan) -> Iterator[list[str]]:
    for rule in plan.row_rules:
        first, *steps, form = print_row_rule(rule)
        bucket = f"  in bucket {plan.buckets[rule.bucket].name}[{print_expressions(rule.keys)}]"
        yield [first, *steps, bucket, form]


def _lookup_rules(plan: Plan) -> Iterator[list[str]]:
    for number, rule in enumerate(plan.lookup_rules):
        yield [
            f"lookup {number}: rows of {rule.table}",
            *(f"  {line}" for line in print_steps(rule.steps)),
            f"  by ({print_expressions(rule.keys)}) give ({print_expressions(rule.outputs)})",
        ]


def _queries(plan: Plan) -> Iterator[list[str]]:
    for query in plan.bucket_queries:
        lines = [f"requests to {query.stream}, {print_when(query)}"]
        for number, part in enumerate(query.parts, start=1):
            lines += [f"  part {number}", *(f"    {line}" for line in print_part(part))]
        yield [*lines, f"  get bucket {print_bucket(plan, query)}"]


def _column(column: OutputColumn) -> str:
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
