"""What both languages compile to: rules over source rows, buckets, and queries over requests.

Everything is frozen and compares by structure. Spans point at the rules file and are left out of
equality; where equal nodes are merged, their spans are joined.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from syncrules.diagnostics import Span
from syncrules.plan.expression import Column, Expression
from syncrules.plan.source_format import SourceFormat
from syncrules.plan.tagged import ByName, Tagged
from syncrules.schema import TablePattern
from syncrules.values.frozen import through_slots
from syncrules.values.semantics import Semantics

Spans = tuple[Annotated[Span, ByName()], ...]


@through_slots
@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps what satisfies a condition."""

    condition: Expression
    spans: Spans = field(default=(), compare=False, repr=False)
    kind: Literal["filter"] = "filter"

    def at(self, spans: Spans) -> "Filter":
        """The same step, which stands for other places of the file."""
        return Filter(self.condition, spans)


@through_slots
@dataclass(frozen=True, slots=True)
class Expand:
    """Continues once for each row of a table-valued function, binding its columns."""

    function: str
    argument: Expression
    spans: Spans = field(default=(), compare=False, repr=False)
    kind: Literal["expand"] = "expand"

    def at(self, spans: Spans) -> "Expand":
        """The same step, which stands for other places of the file."""
        return Expand(self.function, self.argument, spans)


@through_slots
@dataclass(frozen=True, slots=True)
class Lookup:
    """Continues once for each entry of a lookup rule under keys that are already bound."""

    rule: int
    keys: tuple[Expression, ...]
    spans: Spans = field(default=(), compare=False, repr=False)
    kind: Literal["lookup"] = "lookup"

    def at(self, spans: Spans) -> "Lookup":
        """The same step, which stands for other places of the file."""
        return Lookup(self.rule, self.keys, spans)


RowStep = Annotated[Filter | Expand, Tagged()]
RequestStep = Annotated[Filter | Expand | Lookup, Tagged()]


@through_slots
@dataclass(frozen=True, slots=True)
class Output:
    """One column of a synced row."""

    name: str
    expression: Expression
    kind: Literal["output"] = "output"


@dataclass(frozen=True, slots=True)
class OutputStar:
    """All columns of the source row, except those whose name starts with `hidden_prefix`."""

    hidden_prefix: str | None = None
    kind: Literal["star"] = "star"


OutputColumn = Annotated[Output | OutputStar, Tagged()]


@through_slots
@dataclass(frozen=True, slots=True)
class RowRule:
    """Which rows of a table go into which buckets, and as what.

    A row that passes the steps is in the bucket `bucket` (an index into the plan's buckets) under
    the values of `keys`. `output_table` None is the source table's own name. Later columns of one
    name replace earlier ones.
    """

    table: TablePattern
    steps: tuple[RowStep, ...]
    bucket: int
    keys: tuple[Expression, ...]
    output_table: str | None
    columns: tuple[OutputColumn, ...]
    spans: Spans = field(default=(), compare=False, repr=False)

    def into(self, bucket: int) -> "RowRule":
        """The same rule, for rows of another bucket."""
        return RowRule(self.table, self.steps, bucket, self.keys, self.output_table, self.columns, self.spans)


@through_slots
@dataclass(frozen=True, slots=True)
class LookupRule:
    """Which rows of a table can be looked up, by which keys, and what they answer with."""

    table: TablePattern
    steps: tuple[RowStep, ...]
    keys: tuple[Expression, ...]
    outputs: tuple[Expression, ...]
    spans: Spans = field(default=(), compare=False, repr=False)


@through_slots
@dataclass(frozen=True, slots=True)
class Bucket:
    """A family of buckets: an id is `name` and then the JSON array of `arity` values."""

    name: str
    arity: int


@through_slots
@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bucket query that runs by itself: its steps, and the values it is run for.

    A part without outputs is a test: it holds or it does not.
    """

    steps: tuple[RequestStep, ...]
    outputs: tuple[Expression, ...]


@through_slots
@dataclass(frozen=True, slots=True)
class BucketQuery:
    """Which buckets a request gets: every combination of the parts' outputs gives one.

    `stream` is the stream or bucket definition; only streams are `subscribable`, definitions are
    always on. `values` are outputs of parts: `Column(n, "0")` is the
    first output of part n, counted from 1.
    """

    stream: str
    bucket: int
    subscribable: bool
    auto_subscribe: bool
    priority: int
    parts: tuple[Part, ...]
    values: tuple[Column, ...]
    spans: Spans = field(default=(), compare=False, repr=False)

    def over(self, bucket: int, parts: tuple[Part, ...], spans: Spans) -> "BucketQuery":
        """The same query, with its bucket, its parts and its places as they are now."""
        return BucketQuery(
            self.stream, bucket, self.subscribable, self.auto_subscribe, self.priority, parts, self.values, spans
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole rules file, compiled. `streams` lists streams and definitions in the file's order.

    `source_format` says how a source database's values are to be written before they are evaluated.
    """

    semantics: Semantics
    streams: tuple[str, ...]
    buckets: tuple[Bucket, ...]
    row_rules: tuple[RowRule, ...]
    lookup_rules: tuple[LookupRule, ...]
    bucket_queries: tuple[BucketQuery, ...]
    version: Literal[1] = 1
    source_format: SourceFormat = field(default_factory=SourceFormat)
