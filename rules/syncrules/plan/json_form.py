"""A plan as JSON and back, without loss: a server can store it and never needs the compiler again."""

from functools import cache
from typing import TYPE_CHECKING

from syncrules.plan.nodes import Plan
from syncrules.plan.validity import flaws

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class PlanFormatError(Exception):
    """A text is not a plan of a version this package reads, or the plan does not hold together."""


def plan_to_json(plan: Plan) -> str:
    """The plan as JSON text: the same plan always gives the same text."""
    return _adapter().dump_json(plan).decode("utf-8")


def plan_from_json(text: str | bytes) -> Plan:
    """The plan that `plan_to_json` wrote. Raises `PlanFormatError`."""
    from pydantic import ValidationError

    try:
        plan = _adapter().validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the text"
        message = f"not a plan: {place}: {first['msg'].lower()}"
        raise PlanFormatError(message) from None
    except RecursionError:
        message = "not a plan: it is nested too deeply"
        raise PlanFormatError(message) from None
    for flaw in flaws(plan):
        message = f"not a plan: {flaw}"
        raise PlanFormatError(message)
    return plan


@cache
def _adapter() -> "TypeAdapter[Plan]":
    from pydantic import TypeAdapter

    return TypeAdapter(Plan)
