"""Rules with one thing wrong: what no case notices, no case tests.

A mutant is the rules file with one edit: a condition or a NOT dropped, AND for OR or OR for AND, a join without its
condition. Those that do not compile, or whose plan is the same, are no mutants.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from syncrules.casefile.model import Case
from syncrules.casefile.run import failures_in
from syncrules.casefile.scene import Scene
from syncrules.compile.compiler import compile_rules
from syncrules.diagnostics import Edit, Source, Span
from syncrules.engine.program import Program
from syncrules.resolve.rules import Rules
from syncrules.schema import Schema
from syncrules.syntax import nodes as n
from syncrules.syntax.build import lex
from syncrules.syntax.walk import walk

_SWAPPED: Final = {"and": "OR", "or": "AND"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """Rules with one edit: what it does, where, and the rules that come of it."""

    what: str
    span: Span
    edit: Edit
    rules: Rules


def mutants_of(source: Source, schema: Schema | None = None) -> Iterator[Mutant]:
    """Every mutant of a rules file that compiles, each plan once."""
    made = compile_rules(source, schema=schema)
    plans = {made.plan}
    for what, edit in dict.fromkeys(each for query in made.queries for each in _edits(query)):
        text = source.text[: edit.span.start] + edit.text + source.text[edit.span.end :]
        changed = compile_rules(Source(source.name, text), schema=schema)
        if changed.plan is not None and changed.plan not in plans:
            plans.add(changed.plan)
            yield Mutant(
                what, edit.span, edit, Rules(changed.plan, Program(changed.plan), (), Source(source.name, text))
            )


def is_killed(mutant: Mutant, scene: Scene, cases: Sequence[Case]) -> bool:
    """Whether any case fails under a mutant."""
    changed = scene.with_rules(mutant.rules)
    return any(next(failures_in(changed, case), None) is not None for case in cases)


def _edits(query: n.Query) -> Iterator[tuple[str, Edit]]:
    for node in walk(query.select):
        match node:
            case n.Select(where=condition) if condition is not None:
                yield "without its WHERE", Edit(query.span(condition.span), "true")
            case n.Join(condition=condition) if condition is not None:
                yield "a join without its condition", Edit(query.span(condition.span), "true")
            case n.Logical(operator=operator, operands=operands):
                for operand in operands:
                    neutral = "true" if operator == "and" else "false"
                    yield f"without one side of {operator.upper()}", Edit(query.span(operand.span), neutral)
                for first, second in pairwise(operands):
                    place = _between(query, first, second)
                    if place is not None:
                        yield f"{_SWAPPED[operator]} in place of {operator.upper()}", Edit(place, _SWAPPED[operator])
            case n.Unary(operator="not", operand=operand):
                yield "without NOT", Edit(query.span(node.span), query.text.text[operand.span.start : operand.span.end])
            case _:
                pass


def _between(query: n.Query, first: n.Expression, second: n.Expression) -> Span | None:
    """The word that joins two operands: parentheses may stand around it."""
    words = [
        word
        for word in lex(query.text.text)
        if first.span.end <= word.span.start and word.span.end <= second.span.start
    ]
    return next((query.span(word.span) for word in words if word.kind in {"AND", "OR"}), None)
