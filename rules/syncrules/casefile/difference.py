"""What changes for whom when one rules file takes the place of another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from syncrules.auth import TokenError
from syncrules.casefile.model import Case
from syncrules.casefile.scene import Scene
from syncrules.plan.nodes import BucketQuery, Plan, RowRule
from syncrules.resolve.limits import LimitExceeded
from syncrules.resolve.request import Request
from syncrules.resolve.rules import Rules

Kind = Literal["same", "narrower", "wider", "different"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a connection gains and loses: rows as `table id`, and buckets by id."""

    who: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    gained_buckets: tuple[str, ...]
    lost_buckets: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        """How the rows differ; another choice of buckets for the same rows is the same."""
        return kind_of(self.gained, self.lost)


def kind_of(gained: Iterable[object], lost: Iterable[object]) -> Kind:
    """The class of a change.

    >>> kind_of(["a"], []), kind_of([], ["a"]), kind_of(["a"], ["b"]), kind_of([], [])
    ('wider', 'narrower', 'different', 'same')
    """
    match any(True for _ in gained), any(True for _ in lost):
        case True, True:
            return "different"
        case True, False:
            return "wider"
        case False, True:
            return "narrower"
        case _:
            return "same"


def changed_streams(old: Plan, new: Plan) -> dict[str, str]:
    """How each stream or definition differs in its plan: `added`, `removed` or `changed`; equal ones are left out."""
    before, after = _by_stream(old), _by_stream(new)
    found = {}
    for name in dict.fromkeys((*old.streams, *new.streams)):
        if name not in before or name not in after:
            found[name] = "added" if name in after else "removed"
        elif before[name] != after[name]:
            found[name] = "changed"
    return found


def _by_stream(plan: Plan) -> dict[str, object]:
    """What each stream does, without numbers that other streams move."""
    return {
        name: [_query(plan, query) for query in plan.bucket_queries if query.stream == name] for name in plan.streams
    }


def _query(plan: Plan, query: BucketQuery) -> object:
    lookups = [plan.lookup_rules[step.rule] for part in query.parts for step in part.steps if step.kind == "lookup"]
    parts = [
        (
            [(step.kind, getattr(step, "condition", None), getattr(step, "keys", None)) for step in part.steps],
            part.outputs,
        )
        for part in query.parts
    ]
    rules = {_unplaced(rule) for rule in plan.row_rules if rule.bucket == query.bucket}
    return query.auto_subscribe, query.priority, parts, lookups, query.values, rules


def _unplaced(rule: RowRule) -> RowRule:
    return RowRule(rule.table, rule.steps, 0, rule.keys, rule.output_table, rule.columns)


def differences(scene: Scene, rules: Rules, cases: Iterable[Case]) -> Iterator[Difference]:
    """What changes under other rules for each person of a scene, and for each case's connection."""
    other = scene.with_rules(rules)
    for who, request in _requests(scene, cases):
        before, after = _seen(scene, request), _seen(other, request)
        yield Difference(
            who,
            tuple(sorted(after[0] - before[0])),
            tuple(sorted(before[0] - after[0])),
            tuple(sorted(after[1] - before[1])),
            tuple(sorted(before[1] - after[1])),
        )


def _requests(scene: Scene, cases: Iterable[Case]) -> Iterator[tuple[str, Request]]:
    for person, claims in scene.people.items():
        if not isinstance(claims, TokenError):
            yield person, scene.request(person)
    for case in cases:
        if case.parameters or case.subscriptions or not case.default_streams:
            try:
                yield f"{case.person} ({case.name})", scene.request_of(case)
            except TokenError:
                continue


def _seen(scene: Scene, request: Request) -> tuple[set[str], set[str]]:
    """The rows and the buckets of a connection; one that is refused has none."""
    try:
        resolution = scene.resolve(request)
    except LimitExceeded:
        return set(), set()
    rows = {f"{table} {row_id}" for table, ids in scene.rows(resolution).items() for row_id in ids}
    return rows, {bucket.id for bucket in resolution.buckets}
