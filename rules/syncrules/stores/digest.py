"""What a store was made for: the lookups of a plan and how source values are written, and nothing else of it."""

from dataclasses import replace
from hashlib import sha256

from syncrules.plan.json_form import plan_to_json
from syncrules.plan.nodes import Plan


def lookups_digest(plan: Plan) -> str:
    """The same text for plans whose lookup entries mean the same, so that they can share a store.

    Where a rules file says something else of buckets and columns, but looks up the same, its store stays.
    """
    lookups = tuple(
        replace(rule, steps=tuple(replace(step, spans=()) for step in rule.steps), spans=())
        for rule in plan.lookup_rules
    )
    alone = replace(plan, streams=(), buckets=(), row_rules=(), bucket_queries=(), lookup_rules=lookups)
    return sha256(plan_to_json(alone).encode()).hexdigest()
