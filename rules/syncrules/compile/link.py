"""Puts fragments together: equal lookup rules become one, streams share buckets, and everything is numbered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from syncrules.compile.fragment import Fragment, with_spans
from syncrules.plan.nodes import Bucket, LookupRule, Plan, RowRule
from syncrules.plan.source_format import SourceFormat
from syncrules.values.semantics import Semantics


@dataclass(frozen=True, slots=True)
class Linked:
    """Fragments whose numbers are places in `buckets` and `lookup_rules`."""

    fragments: tuple[Fragment, ...]
    buckets: tuple[Bucket, ...]
    row_rules: tuple[RowRule, ...]
    lookup_rules: tuple[LookupRule, ...]

    def plan(self, streams: Sequence[str], semantics: Semantics, source_format: SourceFormat) -> Plan:
        """The plan of a file with these streams and definitions."""
        return Plan(
            semantics=semantics,
            streams=tuple(streams),
            buckets=self.buckets,
            row_rules=self.row_rules,
            lookup_rules=self.lookup_rules,
            bucket_queries=tuple(query for fragment in self.fragments for query in fragment.bucket_queries),
            source_format=source_format,
        )


def link(fragments: Iterable[Fragment]) -> Linked:
    """Numbers buckets and lookup rules in the order in which fragments name them first.

    A bucket keeps the name that the first stream gave it; what is shared stands for the places of all that share it.
    """
    linked: list[Fragment] = []
    buckets: dict[int, Bucket] = {}
    bucket_numbers: dict[int, int] = {}
    lookups: dict[int, LookupRule] = {}
    lookup_numbers: dict[int, int] = {}
    rows: dict[tuple[int, int], RowRule] = {}
    for fragment in fragments:
        for place, number in enumerate(fragment.bucket_ids):
            if number not in buckets:
                bucket_numbers[number], buckets[number] = len(buckets), fragment.buckets[place]
        for place, number in enumerate(fragment.lookup_ids):
            lookup = fragment.lookup_rules[place]
            if number in lookups:
                lookups[number] = with_spans(lookups[number], lookup.spans)
            else:
                lookup_numbers[number], lookups[number] = len(lookups), lookup
        placed = fragment.numbered(
            tuple(map(bucket_numbers.__getitem__, fragment.bucket_ids)),
            tuple(map(lookup_numbers.__getitem__, fragment.lookup_ids)),
        )
        for place, row in enumerate(placed.row_rules):
            known = (placed.row_ids[place], row.bucket)
            rows[known] = with_spans(rows[known], row.spans) if known in rows else row
        linked.append(placed)
    return Linked(tuple(linked), tuple(buckets.values()), tuple(rows.values()), tuple(lookups.values()))
