"""What one stream or bucket definition adds to a plan.

A fragment depends on nothing that stands elsewhere in the file, but for the table expressions that all streams share. That
is why it can be kept when something else changes: `link.py` puts fragments together.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import NamedTuple, TypeVar

from syncrules.diagnostics import Diagnostic, Span
from syncrules.plan.nodes import Bucket, BucketQuery, Lookup, LookupRule, Part, RowRule, Spans


@dataclass(slots=True)
class Identities:
    """Numbers for values, equal for equal ones, so that they are compared structure by structure only once."""

    _known: dict[Hashable, int] = field(default_factory=dict)
    _next: Iterator[int] = field(default_factory=count)

    def of(self, value: Hashable) -> int:
        """The number of a value. Two threads may ask: a number is given out once."""
        return self._known.setdefault(value, next(self._next))

    def new(self) -> int:
        """The number of something that is like nothing else."""
        return next(self._next)

    def __len__(self) -> int:
        return len(self._known)


class Fragment(NamedTuple):
    """Rules and queries, which refer to buckets and lookup rules by `bucket_numbers` and `lookup_numbers`.

    Those stand beside `buckets` and `lookup_rules`; they are places in a plan once the fragment is linked. Buckets of one
    identity (`bucket_ids`) are one bucket, and so it is with lookup rules and row rules. `uses` names shared table
    expressions.
    """

    name: str
    buckets: tuple[Bucket, ...]
    bucket_ids: tuple[int, ...]
    bucket_numbers: tuple[int, ...]
    lookup_rules: tuple[LookupRule, ...]
    lookup_ids: tuple[int, ...]
    lookup_numbers: tuple[int, ...]
    row_rules: tuple[RowRule, ...]
    row_ids: tuple[int, ...]
    bucket_queries: tuple[BucketQuery, ...]
    uses: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]

    def numbered(self, bucket_numbers: tuple[int, ...], lookup_numbers: tuple[int, ...]) -> "Fragment":
        """The same, with other numbers for its buckets and lookup rules."""
        if bucket_numbers == self.bucket_numbers and lookup_numbers == self.lookup_numbers:
            return self
        buckets = dict(zip(self.bucket_numbers, bucket_numbers, strict=True))
        lookups = dict(zip(self.lookup_numbers, lookup_numbers, strict=True))
        return self._replace(
            bucket_numbers=bucket_numbers,
            lookup_numbers=lookup_numbers,
            row_rules=tuple([rule.into(buckets[rule.bucket]) for rule in self.row_rules]),
            bucket_queries=tuple(
                [
                    query.over(
                        buckets[query.bucket], tuple([_numbered(part, lookups) for part in query.parts]), query.spans
                    )
                    for query in self.bucket_queries
                ]
            ),
        )


def _numbered(part: Part, lookups: dict[int, int]) -> Part:
    steps = [
        Lookup(lookups[step.rule], step.keys, step.spans) if isinstance(step, Lookup) else step for step in part.steps
    ]
    return Part(tuple(steps), part.outputs)


@dataclass(slots=True)
class Draft:
    """A fragment in the making. Rules and queries refer to its own buckets and lookup rules, numbered as they come."""

    identities: Identities
    buckets: list[Bucket] = field(default_factory=list)
    bucket_ids: list[int] = field(default_factory=list)
    row_rules: dict[RowRule, RowRule] = field(default_factory=dict)
    bucket_queries: dict[BucketQuery, BucketQuery] = field(default_factory=dict)
    lookup_rules: dict[LookupRule, LookupRule] = field(default_factory=dict)
    _numbers: dict[LookupRule, int] = field(default_factory=dict)

    def intern(self, rule: LookupRule) -> int:
        """The number of a lookup rule; an equal one that is there already gets its spans, too."""
        known = self.lookup_rules.get(rule, rule)
        self.lookup_rules[rule] = with_spans(known, rule.spans)
        return self._numbers.setdefault(rule, len(self._numbers))

    def bucket(self, bucket: Bucket, same: Hashable = None) -> int:
        """A new family of buckets; it is one with others in the file that are given the same `same`, if any."""
        self.buckets.append(bucket)
        self.bucket_ids.append(self.identities.new() if same is None else self.identities.of(same))
        return len(self.buckets) - 1

    def add_row_rule(self, rule: RowRule) -> None:
        """A row rule, once."""
        self.row_rules[rule] = with_spans(self.row_rules.get(rule, rule), rule.spans)

    def add_bucket_query(self, query: BucketQuery) -> None:
        """A bucket query, once."""
        self.bucket_queries[query] = with_spans(self.bucket_queries.get(query, query), query.spans)

    def fragment(self, name: str, uses: frozenset[str], diagnostics: Sequence[Diagnostic]) -> Fragment:
        """The finished fragment."""
        rules, rows = tuple(self.lookup_rules.values()), tuple(self.row_rules.values())
        return Fragment(
            name=name,
            buckets=tuple(self.buckets),
            bucket_ids=tuple(self.bucket_ids),
            bucket_numbers=tuple(range(len(self.buckets))),
            lookup_rules=rules,
            lookup_ids=tuple(map(self.identities.of, rules)),
            lookup_numbers=tuple(range(len(rules))),
            row_rules=rows,
            row_ids=tuple([self.identities.of(rule.into(-1)) for rule in rows]),
            bucket_queries=tuple(self.bucket_queries.values()),
            uses=uses,
            diagnostics=tuple(diagnostics),
        )


Node = TypeVar("Node", RowRule, LookupRule, BucketQuery)


def with_spans(node: Node, spans: Spans) -> Node:
    """A node that stands for more places of the file."""
    united: tuple[Span, ...] = tuple(dict.fromkeys((*node.spans, *spans)))
    return node if united == node.spans else replace(node, spans=united)
