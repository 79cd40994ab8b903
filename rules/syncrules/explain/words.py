"""What each stream or definition asks for, and which of its buckets are shared, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from syncrules.plan.nodes import BucketQuery, Plan
from syncrules.plan.printing import print_bucket, print_part, print_row_rule, print_when


@dataclass(frozen=True, slots=True)
class BucketUse:
    """One family of buckets that a stream gets: how, what is in it, and why it is shared, if it is."""

    bucket: str
    steps: tuple[str, ...]
    rows: tuple[str, ...]
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StreamWords:
    """A stream or definition in words."""

    name: str
    when: str
    buckets: tuple[BucketUse, ...]

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.when}"]
        for use in self.buckets:
            lines.append(f"  bucket {use.bucket}")
            lines += [f"    {line}" for line in (*use.steps, *use.rows, *(f"shared: {why}" for why in use.shared))]
        return "\n".join(lines)


def explain_streams(plan: Plan) -> tuple[StreamWords, ...]:
    """Every stream and definition of a plan that a request can get, in the file's order."""
    order = {name: place for place, name in enumerate(plan.streams)}
    queries = sorted(plan.bucket_queries, key=lambda query: order[query.stream])
    return tuple(_stream(plan, name, [*group]) for name, group in groupby(queries, key=lambda query: query.stream))


def _stream(plan: Plan, name: str, queries: list[BucketQuery]) -> StreamWords:
    return StreamWords(name, print_when(queries[0]), tuple(_use(plan, query) for query in queries))


def _use(plan: Plan, query: BucketQuery) -> BucketUse:
    steps = [line for part in query.parts for line in print_part(part)] or ["for every request"]
    rows = [line for rule in plan.row_rules if rule.bucket == query.bucket for line in print_row_rule(rule)]
    shared = tuple(_reasons(plan, query))
    return BucketUse(print_bucket(plan, query), tuple(steps), tuple(rows), shared)


def _reasons(plan: Plan, query: BucketQuery) -> Iterator[str]:
    if len(query.spans) > 1:
        yield f"{len(query.spans)} queries of this stream ask the same of the request"
    tables = sum(rule.bucket == query.bucket for rule in plan.row_rules)
    if tables > 1:
        yield f"{tables} kinds of rows are found under the same values"
    others = dict.fromkeys(other.stream for other in plan.bucket_queries if other.bucket == query.bucket)
    others.pop(query.stream, None)
    if others:
        yield f"with {', '.join(others)}, which sync the same rows under the same keys"
    alike = [q for q in plan.bucket_queries if q.bucket == query.bucket and q.stream == query.stream]
    if len(alike) > 1:
        yield f"{len(alike)} ways of asking lead to the same rows"
