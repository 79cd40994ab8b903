"""The side of a branch that runs when a client connects: what the request alone says, then lookups."""

from collections.abc import Sequence
from dataclasses import dataclass

from syncrules.compile.canonical import canonical
from syncrules.compile.classes import ValueClass
from syncrules.compile.join import Join, Target
from syncrules.compile.part import Intern, TargetedPart, is_key, plan_part
from syncrules.compile.sources import REQUEST
from syncrules.compile.table_side import equal_to_representative
from syncrules.plan.expression import Column, Expression
from syncrules.plan.nodes import Filter, Part
from syncrules.plan.reading import request_parts
from syncrules.values.frozen import through_slots


@through_slots
@dataclass(frozen=True, slots=True)
class RequestSide:
    """The parts to run, and where the value of each target comes from, in the order asked for."""

    parts: tuple[Part, ...]
    values: tuple[Column, ...]


def request_side(join: Join, targets: Sequence[Target], intern: Intern) -> RequestSide:
    """Plans what must be known of the request, and looked up, to have the value of each target."""
    planned = [plan_part(join, units, targets, intern) for units in join.components(targets)]
    planned.sort(key=lambda each: bool(each.targets))
    planned = [*_plain_parts(join, targets), *planned]
    place = {
        target: Column(number, str(index))
        for number, each in enumerate(planned, start=1)
        for index, target in enumerate(each.targets)
    }
    return RequestSide(tuple(each.part for each in planned), tuple(place[target] for target in targets))


def _plain_parts(join: Join, targets: Sequence[Target]) -> list[TargetedPart]:
    """What the request alone decides and gives: of the connection in one part, of subscriptions in another."""
    filters = canonical(dict.fromkeys(_filters(join, targets)), by=lambda step: step.condition)
    known = {target: value for target in targets if (value := _plain_value(join, target)) is not None}
    parts = []
    for of_subscription in (False, True):
        steps = tuple(step for step in filters if _reads_subscription(step.condition) is of_subscription)
        own = [target for target, value in known.items() if _reads_subscription(value) is of_subscription]
        given = tuple(canonical(own, by=known.__getitem__))
        if steps or given:
            parts.append(TargetedPart(Part(steps, tuple(known[target] for target in given)), given))
    return parts


def _filters(join: Join, targets: Sequence[Target]) -> list[Filter]:
    plain = [p for p in join.predicates_of(REQUEST) if not join.needs(p.condition)]
    filters = [Filter(predicate.condition, (predicate.span,)) for predicate in plain]
    for cls in join.classes:
        members = join.plain_members(cls)
        filters += [Filter(condition) for condition in equal_to_representative(members)] if members else []
        value = join.plain_value(cls)
        if value is not None and cls in targets:
            filters.append(Filter(is_key(value)))
    return filters


def _plain_value(join: Join, target: Target) -> Expression | None:
    """The value of a target that no step has to bind."""
    if isinstance(target, ValueClass):
        return join.plain_value(target)
    return None if join.needs(target) else target


def _reads_subscription(expression: Expression) -> bool:
    return "subscription" in request_parts([expression])
