"""Collects the pieces of a plan: equal lookup rules become one, and buckets are numbered."""

from dataclasses import dataclass, field, replace

from syncrules.plan.nodes import Bucket, BucketQuery, LookupRule, Plan, RowRule, Spans
from syncrules.plan.source_format import SourceFormat
from syncrules.values.semantics import Semantics


@dataclass(slots=True)
class Assembly:
    """A plan in the making. Rules and queries refer to buckets and lookup rules by their numbers."""

    buckets: list[Bucket] = field(default_factory=list)
    row_rules: dict[RowRule, RowRule] = field(default_factory=dict)
    bucket_queries: dict[BucketQuery, BucketQuery] = field(default_factory=dict)
    lookup_rules: list[LookupRule] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    _numbers: dict[LookupRule, int] = field(default_factory=dict)

    def intern(self, rule: LookupRule) -> int:
        """The number of a lookup rule; an equal one that is there already gets its spans, too."""
        number = self._numbers.setdefault(rule, len(self.lookup_rules))
        if number == len(self.lookup_rules):
            self.lookup_rules.append(rule)
        known = self.lookup_rules[number]
        self.lookup_rules[number] = replace(known, spans=_united(known.spans, rule.spans))
        return number

    def bucket(self, name: str, arity: int) -> int:
        """A new family of buckets."""
        self.buckets.append(Bucket(name, arity))
        return len(self.buckets) - 1

    def add_row_rule(self, rule: RowRule) -> None:
        """A row rule, once."""
        known = self.row_rules.get(rule, rule)
        self.row_rules[rule] = replace(rule, spans=_united(known.spans, rule.spans))

    def add_bucket_query(self, query: BucketQuery) -> None:
        """A bucket query, once."""
        known = self.bucket_queries.get(query, query)
        self.bucket_queries[query] = replace(query, spans=_united(known.spans, query.spans))

    def plan(self, semantics: Semantics, source_format: SourceFormat) -> Plan:
        """The finished plan."""
        return Plan(
            semantics=semantics,
            streams=tuple(self.streams),
            buckets=tuple(self.buckets),
            row_rules=tuple(self.row_rules.values()),
            lookup_rules=tuple(self.lookup_rules),
            bucket_queries=tuple(self.bucket_queries.values()),
            source_format=source_format,
        )


def _united(first: Spans, second: Spans) -> Spans:
    return tuple(dict.fromkeys((*first, *second)))
