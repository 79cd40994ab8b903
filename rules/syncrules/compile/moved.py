"""Fragments of a file in which something before them grew or shrank: the same, with their places as they are now."""

from dataclasses import dataclass
from typing import TypeVar

from syncrules.compile.fragment import Fragment
from syncrules.diagnostics import Diagnostic, Edit, Span
from syncrules.plan.nodes import BucketQuery, Expand, Filter, Lookup, LookupRule, Part, RowRule, Spans

Step = TypeVar("Step", Filter, Filter | Expand, Filter | Expand | Lookup)


@dataclass(frozen=True, slots=True)
class Move:
    """What stands at the offset `after` or behind it has moved `by` characters; nothing stands across it."""

    after: int
    by: int

    def fragment(self, each: Fragment) -> Fragment:
        """A fragment, moved."""
        if self.by == 0:
            return each
        return Fragment(
            each.name,
            each.buckets,
            each.bucket_ids,
            each.bucket_numbers,
            tuple(map(self._lookup_rule, each.lookup_rules)),
            each.lookup_ids,
            each.lookup_numbers,
            tuple(map(self._row_rule, each.row_rules)),
            each.row_ids,
            tuple(map(self._bucket_query, each.bucket_queries)),
            each.uses,
            tuple(map(self.diagnostic, each.diagnostics)),
        )

    def diagnostic(self, each: Diagnostic) -> Diagnostic:
        """A finding, moved."""
        edits = tuple(Edit(self._span(edit.span), edit.text) for edit in each.edits)
        return Diagnostic(each.code, each.message, self._span(each.span), each.severity, each.help, each.example, edits)

    def _span(self, span: Span) -> Span:
        return span if span.start < self.after else Span(span.start + self.by, span.end + self.by)

    def _spans(self, spans: Spans) -> Spans:
        if len(spans) == 1:
            # What most nodes have; a comprehension costs as much again.
            return (self._span(spans[0]),)
        return tuple([self._span(span) for span in spans])

    def _row_rule(self, rule: RowRule) -> RowRule:
        steps, spans = self._steps(rule.steps), self._spans(rule.spans)
        return RowRule(rule.table, steps, rule.bucket, rule.keys, rule.output_table, rule.columns, spans)

    def _lookup_rule(self, rule: LookupRule) -> LookupRule:
        return LookupRule(rule.table, self._steps(rule.steps), rule.keys, rule.outputs, self._spans(rule.spans))

    def _bucket_query(self, query: BucketQuery) -> BucketQuery:
        parts = tuple([Part(self._steps(part.steps), part.outputs) for part in query.parts])
        return query.over(query.bucket, parts, self._spans(query.spans))

    def _steps(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        for step in steps:
            if step.spans:
                return tuple([each.at(self._spans(each.spans)) for each in steps])
        return steps
