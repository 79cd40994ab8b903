"""Demands on a connection, met: what it would have to send, and a whole connection made up to have it."""

from collections.abc import Iterator

from syncrules.auth import VerifiedClaims
from syncrules.engine.domain import answers, compared_value
from syncrules.explain.edits import ClaimEdit, ParameterEdit, edited
from syncrules.explain.who import Access, is_met, request_leaves
from syncrules.plan.expression import Call, Constant, Expression, RequestValue, subexpressions
from syncrules.plan.reading import is_written
from syncrules.plan.trust import claim_path
from syncrules.resolve.request import BoundRequest, Request, Subscription
from syncrules.values.semantics import Semantics
from syncrules.values.value import SqlValue

_SOMEBODY = "somebody"
"""Who a made-up connection belongs to where it may be anybody."""


def sent(
    stream: str, expression: Expression, value: SqlValue, *, among: bool = False
) -> Iterator[ClaimEdit | ParameterEdit]:
    """The edit that gives a connection a value where an expression reads it, or one more in the array that it reads."""
    match expression:
        case RequestValue(part="user_id"):
            yield ClaimEdit(("sub",), value)
        case Call(
            function="->>" | "legacy ->>" | "->" | "legacy ->",
            arguments=(RequestValue(part="connection" | "subscription" as part), Constant(text=name)),
        ):
            yield ParameterEdit(stream if part == "subscription" else None, name.removeprefix("$."), value, among)
        case _:
            path = claim_path(expression)
            if path:
                yield ClaimEdit(path, value, among)


def passing(condition: Expression, semantics: Semantics) -> list[tuple[SqlValue, Expression]]:
    """Values with which a condition on one value holds, those that it names first; none if it is on several."""
    value = compared_value(condition)
    if value is None:
        return []
    tried = [each for each, holds in answers(value, [condition], semantics) if holds and each is not None]
    constants = [each.value for each in subexpressions(condition) if isinstance(each, Constant)]
    return [(each, value) for each in sorted(tried, key=lambda each: each not in constants)[:6]]


def connection_for(access: Access, semantics: Semantics) -> Request | None:
    """A connection that has what a way to see a row demands, and nothing else; None if none can be thought of."""
    query = access.query
    claims = VerifiedClaims.unverified_for_testing({"sub": _SOMEBODY})
    request = Request(claims, {}, (Subscription(query.stream),) if query.subscribable else ())
    wanted = [
        *((sent(query.stream, expression, value)) for expression, value in access.equal),
        *((sent(query.stream, each.argument, each.value, among=True)) for each in access.members),
    ]
    for edits in wanted:
        edit = next(edits, None)
        if edit is None:
            return None
        request = edited(request, edit)
    for condition in filter(is_written, access.conditions):
        if not _meets(request, condition, semantics):
            edits = (edit for value, read in passing(condition, semantics) for edit in sent(query.stream, read, value))
            changed = (edited(request, edit) for edit in edits)
            found = next((each for each in changed if _meets(each, condition, semantics)), None)
            if found is None:
                return None
            request = found
    return request


def _meets(request: Request, condition: Expression, semantics: Semantics) -> bool:
    subscription = request.subscriptions[0] if request.subscriptions else None
    return is_met(condition, semantics, request_leaves(BoundRequest(request, subscription)))
