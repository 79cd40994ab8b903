"""What to call values of rows and requests when a decision is told."""

from collections.abc import Iterator

from syncrules.plan.expression import Call, Column, Expression, RequestValue, children
from syncrules.plan.printing import print_expression
from syncrules.plan.trust import claim_path

_MEMBERS = frozenset({"->", "->>", "legacy ->", "legacy ->>"})


def name_of(expression: Expression) -> str:
    """A column by its name, a claim by its path, a parameter by whose it is.

    >>> name_of(RequestValue("user_id"))
    'user id'
    """
    match expression:
        case Column(name=name):
            return name
        case RequestValue(part="user_id"):
            return "user id"
        case RequestValue(part=part):
            return f"{part} parameters" if part != "token" else "claims"
        case Call(function=function, arguments=(RequestValue(part="connection" | "subscription" as part), member)):
            if function in _MEMBERS:
                return f"{part} parameter {print_expression(member).strip(chr(39))}"
            return print_expression(expression)
        case _:
            path = claim_path(expression)
            return f"claim {'.'.join(path)}" if path else print_expression(expression)


def named_values(expression: Expression) -> Iterator[Expression]:
    """The columns, claims and parameters that an expression reads, each as far as it has a name."""
    match expression:
        case Column() | RequestValue():
            yield expression
        case Call(function=function, arguments=(RequestValue(part="connection" | "subscription"), _)) if (
            function in _MEMBERS
        ):
            yield expression
        case _ if claim_path(expression):
            yield expression
        case _:
            for child in children(expression):
                yield from named_values(child)
