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
            tuple([self._lookup_rule(rule) for rule in each.lookup_rules]),
            each.lookup_ids,
            each.lookup_numbers,
            tuple([self._row_rule(rule) for rule in each.row_rules]),
            each.row_ids,
            tuple([self._bucket_query(query) for query in each.bucket_queries]),
            each.uses,
            tuple([self.diagnostic(diagnostic) for diagnostic in each.diagnostics]),
        )

    def diagnostic(self, each: Diagnostic) -> Diagnostic:
        """A finding, moved."""
        edits = tuple(Edit(self._span(edit.span), edit.text) for edit in each.edits)
        return Diagnostic(each.code, each.message, self._span(each.span), each.severity, each.help, each.example, edits)

    def _span(self, span: Span) -> Span:
        return self._spans((span,))[0]

    def _spans(self, spans: Spans) -> Spans:
        after, by = self.after, self.by
        return tuple([Span(span.start + by, span.end + by) if span.start >= after else span for span in spans])

    def _row_rule(self, rule: RowRule) -> RowRule:
        steps, spans = self._steps(rule.steps), self._spans(rule.spans)
        return RowRule(rule.table, steps, rule.bucket, rule.keys, rule.output_table, rule.columns, spans)

    def _lookup_rule(self, rule: LookupRule) -> LookupRule:
        return LookupRule(rule.table, self._steps(rule.steps), rule.keys, rule.outputs, self._spans(rule.spans))

    def _bucket_query(self, query: BucketQuery) -> BucketQuery:
        return BucketQuery(
            query.stream,
            query.bucket,
            query.subscribable,
            query.auto_subscribe,
            query.priority,
            tuple([Part(self._steps(part.steps), part.outputs) for part in query.parts]),
            query.values,
            self._spans(query.spans),
        )

    def _steps(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        if not any(step.spans for step in steps):
            return steps
        return tuple([self._step(step) for step in steps])

    def _step(self, step: Step) -> Step:
        # `dataclasses.replace` takes five times as long, and there are as many steps as streams.
        spans = self._spans(step.spans)
        match step:
            case Filter():
                return Filter(step.condition, spans)
            case Expand():
                return Expand(step.function, step.argument, spans)
            case Lookup():
                return Lookup(step.rule, step.keys, spans)
