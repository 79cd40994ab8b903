"""The bucket queries of a plan in groups, and what runs a group: what does not depend on who asks is worked out once."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from syncrules.engine.group_code import MakeFunction, ReadFunction, part_numbers
from syncrules.engine.program import Program
from syncrules.plan.nodes import BucketQuery
from syncrules.plan.reading import reads_subscription


@dataclass(frozen=True, slots=True)
class PreparedGroup:
    """The generated functions of a group, and by query: its stream, and the numbers of its parts in the order they are run.

    `own` are the parts that are run for each request. `is_distinct`: no two of its queries give buckets of one family.
    """

    read: ReadFunction
    make: MakeFunction
    queries: tuple[tuple[str, tuple[int, ...]], ...]
    own: frozenset[int]
    is_distinct: bool


@dataclass(frozen=True)
class QueryGroup:
    """Queries that have the same reasons to be run: those of a stream, or all that run by default."""

    stream: str
    subscribable: bool
    auto_subscribe: bool
    queries: tuple[BucketQuery, ...]
    program: Program = field(repr=False)

    @cached_property
    def prepared(self) -> PreparedGroup:
        """What runs them, made when it is first needed."""
        numbers = part_numbers(self.queries)
        by_query = tuple((each.stream, tuple(sorted(numbers[part] for part in each.parts))) for each in self.queries)
        is_distinct = len({query.bucket for query in self.queries}) == len(self.queries)
        own = frozenset(number for part, number in numbers.items() if reads_subscription(part))
        return PreparedGroup(*self.program.group(self.queries), by_query, own, is_distinct)


@dataclass(frozen=True, slots=True)
class QueryGroups:
    """All queries, by stream in the order of the plan. `by_default` are all that run by default.

    Safe to share between threads: what is made twice is made equal.
    """

    streams: tuple[QueryGroup, ...]
    by_default: QueryGroup

    @classmethod
    def of(cls, program: Program) -> "QueryGroups":
        """The queries of a program."""
        order = {name: place for place, name in enumerate(program.plan.streams)}
        queries = sorted(program.plan.bucket_queries, key=lambda query: order[query.stream])
        streams = groupby(queries, lambda query: (query.stream, query.subscribable, query.auto_subscribe))
        by_default = tuple(query for query in queries if query.auto_subscribe)
        return cls(
            tuple(QueryGroup(*alike, tuple(members), program) for alike, members in streams),
            QueryGroup("", subscribable=False, auto_subscribe=True, queries=by_default, program=program),
        )
