"""Lints one text: what the compiler says, and, where it compiles, what the rules find."""

from collections.abc import Iterable
from dataclasses import dataclass

from syncrules.compile.compiler import compile_rules
from syncrules.diagnostics import Diagnostic, Source, in_order
from syncrules.lint.rule import Rule, all_rules
from syncrules.lint.subject import Subject
from syncrules.lint.suppression import suppressed
from syncrules.plan.nodes import Plan
from syncrules.schema import Schema


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and the plan, None where the text does not compile."""

    findings: tuple[Diagnostic, ...]
    plan: Plan | None


def lint(source: Source, schema: Schema | None = None, rules: Iterable[Rule] | None = None) -> tuple[Diagnostic, ...]:
    """Everything that is to be said of a rules file, in the order of its text.

    What a comment suppresses, with a reason, is left out. Nothing is known of the database without a `schema`.

    >>> text = "config: {edition: 3}\\nstreams: {s: {auto_subscribe: true, query: SELECT * FROM secrets}}"
    >>> [found.code for found in lint(Source("r.yaml", text))]
    ['unfiltered-table']
    """
    return report(source, schema, rules).findings


def report(source: Source, schema: Schema | None = None, rules: Iterable[Rule] | None = None) -> Report:
    """The findings of `lint`, with the plan that they speak of."""
    made = compile_rules(source, schema=schema)
    found = [*made.diagnostics]
    if made.plan is not None:
        subject = Subject(source, made.plan, schema, made.options, made.queries)
        for rule in all_rules() if rules is None else rules:
            found.extend(rule.check(subject))
    # Without a plan or a schema, not every rule has spoken.
    complete = made.plan is not None and schema is not None
    return Report(in_order(suppressed(source, found, complete=complete)), made.plan)
