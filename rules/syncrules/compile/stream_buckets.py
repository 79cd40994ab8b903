"""Merges the alternatives of a stream into as few buckets as possible.

Within a stream, alternatives with one request side share a bucket, whatever their tables. Across
streams, buckets that hold the same rows under the same keys are one, which has the id that the first gave it.
"""

from collections.abc import Sequence
from dataclasses import replace

from syncrules.compile.config import Stream
from syncrules.compile.fragment import Draft
from syncrules.compile.stream_query import StreamBranch
from syncrules.plan.nodes import Bucket, BucketQuery, RowRule


def add_stream(stream: Stream, branches: Sequence[StreamBranch], draft: Draft) -> None:
    """Adds a stream's alternatives."""
    groups: dict[object, list[tuple[int, StreamBranch]]] = {}
    for number, branch in enumerate(branches):
        groups.setdefault((branch.parts, branch.values), []).append((number, branch))
    by_rows: dict[frozenset[RowRule], list[list[tuple[int, StreamBranch]]]] = {}
    for group in map(_in_order_of_rows, groups.values()):
        by_rows.setdefault(frozenset(branch.rule for _, branch in group), []).append(group)
    for rules, same in by_rows.items():
        number, first = same[0][0]
        bucket = draft.bucket(Bucket(f"{stream.name}|{number}", len(first.rule.keys)), rules)
        for group in same:
            for _, branch in group:
                draft.add_row_rule(branch.rule.into(bucket))
            branch = group[0][1]
            query = BucketQuery(
                stream=stream.name,
                bucket=bucket,
                subscribable=True,
                auto_subscribe=stream.auto_subscribe,
                priority=stream.priority,
                parts=branch.parts,
                values=branch.values,
                spans=tuple(dict.fromkeys(each.span for _, each in group)),
            )
            draft.add_bucket_query(query)


def _in_order_of_rows(group: list[tuple[int, StreamBranch]]) -> list[tuple[int, StreamBranch]]:
    """The same alternatives with their values in an order that the rows decide.

    What they are asked by is the same, so that all can be put in one new order; and groups that hold the
    same rows under the same keys get the same order, however each is asked.
    """
    places = range(len(group[0][1].values))
    if len(places) < 2:
        return group
    order = sorted(places, key=lambda place: sorted(repr((_rows(each), each.rule.keys[place])) for _, each in group))
    return [(number, _reordered(each, order)) for number, each in group]


def _rows(branch: StreamBranch) -> RowRule:
    return replace(branch.rule, keys=(), spans=())


def _reordered(branch: StreamBranch, order: Sequence[int]) -> StreamBranch:
    rule = replace(branch.rule, keys=tuple(branch.rule.keys[place] for place in order))
    return replace(branch, rule=rule, values=tuple(branch.values[place] for place in order))
