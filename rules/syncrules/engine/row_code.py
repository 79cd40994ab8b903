"""Generated code for the rows of a table: one function for all rules that the table's name matches.

The function is called as `run(row)` and returns an evaluation, with what was found in the order of the rules. Each rule
stands in its own `try`, so that a row which one rule cannot evaluate is still evaluated by the others: the failing rule
finds nothing, and is told among the errors.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import Final, Literal, NoReturn

from syncrules.engine.bucket_id import id_code, quoted, value_text
from syncrules.engine.expression_code import ExpressionCode
from syncrules.engine.found import (
    Evaluation,
    LookupEntry,
    LookupEvaluation,
    RowError,
    SyncedRow,
)
from syncrules.engine.output_code import OutputCode
from syncrules.engine.source_code import SourceCode, tuple_code
from syncrules.engine.table import SourceTable
from syncrules.functions import TABLE_FUNCTIONS
from syncrules.plan.expression import Column, Expression, TableName, leaves
from syncrules.plan.nodes import Bucket, Expand, Filter, LookupRule, Output, RowRule, RowStep
from syncrules.schema import TablePattern
from syncrules.values.row import Row
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError

RowFunction = Callable[[Row], Evaluation]
EntryFunction = Callable[[Row], LookupEvaluation]


MAXIMUM_ELEMENTS: Final = 50_000
"""Elements of its arrays, and combinations of them, that one rule goes through for one row."""


def too_many_elements() -> NoReturn:
    """Raises EvaluationError: a row has more than `MAXIMUM_ELEMENTS` combinations of elements."""
    message = f"the row's arrays have more than {MAXIMUM_ELEMENTS} combinations of elements"
    raise EvaluationError(message)


def row_code(
    table: SourceTable, rules: Mapping[int, RowRule], buckets: Sequence[Bucket], semantics: Semantics
) -> SourceCode:
    """The code that puts rows of one table into buckets; `run` is its entry."""
    writer = _Writer(SourceCode(), semantics, table)
    writer.code.constants |= {"new": tuple.__new__, "SyncedRow": SyncedRow, "value_text": value_text, "quoted": quoted}
    writer.code.constants |= {"Evaluation": Evaluation, "failed": partial(_failed, "row")}
    with writer.function("Evaluation", rules):
        for number, rule in rules.items():
            with writer.rule(number, rule.table, rule.steps):
                prefix = writer.code.constant(buckets[rule.bucket].name + "[")
                if any(isinstance(step, Expand) for step in rule.steps):
                    writer.code.line("keys = {}")
                    writer.steps(rule.steps, 0, partial(writer.note_key, rule.keys))
                    with writer.code.block("if keys:"):
                        writer.row_in_buckets(number, rule, prefix)
                else:
                    writer.steps(rule.steps, 0, partial(writer.row_in_one_bucket, number, rule, prefix))
    return writer.code


def entry_code(table: SourceTable, rules: Mapping[int, LookupRule], semantics: Semantics) -> SourceCode:
    """The code that makes lookup entries of rows of one table; `run` is its entry."""
    writer = _Writer(SourceCode(), semantics, table)
    writer.code.constants |= {"new": tuple.__new__, "LookupEntry": LookupEntry}
    writer.code.constants |= {"LookupEvaluation": LookupEvaluation, "failed": partial(_failed, "lookup")}
    with writer.function("LookupEvaluation", rules):
        for number, rule in rules.items():
            with writer.rule(number, rule.table, rule.steps):
                if any(isinstance(step, Expand) for step in rule.steps):
                    writer.code.line("entries = {}")
                    writer.steps(rule.steps, 0, partial(writer.entry, rule, "entries[{}] = None"))
                    made = f"new(LookupEntry, ({number}, key, outputs)) for key, outputs in entries"
                    writer.code.line(f"found{number} = tuple([{made}])")
                else:
                    made = f"found{number} = (new(LookupEntry, ({number}, {{}})),)"
                    writer.steps(rule.steps, 0, partial(writer.entry, rule, made))
    return writer.code


def _failed(kind: Literal["row", "lookup"], rule: int, error: EvaluationError) -> RowError:
    return RowError(kind, rule, str(error))


@dataclass(slots=True)
class _Writer:
    """Writes the rules of one table. `columns` are the local names of the columns in use."""

    code: SourceCode
    semantics: Semantics
    table: SourceTable
    columns: dict[str, str] = field(default_factory=dict)
    pattern: TablePattern | None = None
    elements: dict[int, Sequence[str]] = field(default_factory=dict)

    @contextmanager
    def function(self, made: str, rules: Mapping[int, RowRule | LookupRule]) -> Iterator[None]:
        """The frame of the function, whose result is a `made`.

        The columns that rules read are read once, at its head.
        """
        self.code.constants["EvaluationError"] = EvaluationError
        with self.code.block("def run(row):"):
            self.code.line("get = row.get")
            names = sorted({leaf.name for rule in rules.values() for leaf in _row_columns(rule)})
            for number, name in enumerate(names, start=1):
                self.columns[name] = f"c{number}"
                self.code.line(f"c{number} = get({self.code.constant(name)})  # {name!a}")
            found = [f"found{number}" for number in rules]
            self.code.line(" = ".join([*found, "errors", "()"]))
            yield
            all_found = found[0] if len(found) == 1 else tuple_code([f"*{each}" for each in found])
            self.code.line(f"return new({made}, ({all_found}, errors))")

    @contextmanager
    def rule(self, number: int, pattern: TablePattern, steps: Sequence[RowStep]) -> Iterator[None]:
        """The frame of one rule."""
        self.pattern = pattern
        with self.code.block("try:"):
            expansions = sum(isinstance(step, Expand) for step in steps)
            if expansions:
                self.code.constants["too_many_elements"] = too_many_elements
                self.code.line(f"left = {MAXIMUM_ELEMENTS}")
            for inner in range(2, expansions + 1):
                self.code.line(f"rows{inner} = None")
            yield
        with self.code.block("except EvaluationError as error:"):
            self.code.line(f"errors += (failed({number}, error),)")

    def steps(self, steps: Sequence[RowStep], expansions: int, inner: Callable[[], None]) -> None:
        """The filters and expansions, each inside the one before it; `inner` is what they lead to."""
        if not steps:
            inner()
            return
        first, *rest = steps
        match first:
            case Filter():
                leading = [*takewhile(lambda step: isinstance(step, Filter), steps)]
                conditions = [self.expressions.condition(s.condition) for s in leading if isinstance(s, Filter)]
                with self.code.block(f"if {' and '.join(conditions)}:"):
                    self.steps(steps[len(leading) :], expansions, inner)
            case Expand():
                number = expansions + 1
                record = TABLE_FUNCTIONS[first.function]
                self.elements[number] = record.columns
                function = self.code.function(f"rows of {record.name}", record.implementation(self.semantics))
                rows = f"{function}({self.expressions.value(first.argument)})"
                if number > 1:
                    # Read once, but not before a row of the arrays around it needs it.
                    with self.code.block(f"if rows{number} is None:"):
                        self.code.line(f"rows{number} = {rows}")
                    rows = f"rows{number}"
                with self.code.block(f"for x{number} in {rows}:"):
                    self.code.line("left -= 1")
                    with self.code.block("if left < 0:"):
                        self.code.line("too_many_elements()")
                    self.steps(rest, number, inner)

    def note_key(self, keys: Sequence[Expression]) -> None:
        """Notes one key, unless a value of it cannot be one."""
        self._if_key(keys, lambda names: self.code.line(f"keys[{tuple_code(names)}] = None"))

    def row_in_one_bucket(self, number: int, rule: RowRule, prefix: str) -> None:
        """The row in the bucket under the only key that it can have."""

        def write(names: Sequence[str]) -> None:
            OutputCode(self.code, self.expressions).write(rule.columns)
            made = f"{id_code(prefix, names)}, row_id, {self._output_table(rule)}, data"
            self.code.line(f"found{number} = (new(SyncedRow, ({made})),)")

        self._if_key(rule.keys, write)

    def row_in_buckets(self, number: int, rule: RowRule, prefix: str) -> None:
        """The row in the bucket under each of its keys."""
        OutputCode(self.code, self.expressions).write(rule.columns)
        bucket = id_code(prefix, [f"key[{index}]" for index in range(len(rule.keys))])
        made = f"new(SyncedRow, ({bucket}, row_id, {self._output_table(rule)}, data)) for key in keys"
        self.code.line(f"found{number} = tuple([{made}])")

    def entry(self, rule: LookupRule, note: str) -> None:
        """Notes one entry, as `key, outputs`, unless a value of its key cannot be one."""
        outputs = tuple_code(self.expressions.value(output) for output in rule.outputs)
        self._if_key(rule.keys, lambda names: self.code.line(note.format(f"{tuple_code(names)}, {outputs}")))

    def _output_table(self, rule: RowRule) -> str:
        return self.code.constant(rule.output_table or self.table.name)

    @property
    def expressions(self) -> ExpressionCode:
        """Writes expressions over the row and the expansions around."""
        return ExpressionCode(self.code, self.semantics, self._leaf)

    def _if_key(self, keys: Sequence[Expression], then: Callable[[Sequence[str]], None]) -> None:
        """What is done with the names of the values of a key, if all of them can be one."""
        names = [self.expressions.named(key, f"key{index}") for index, key in enumerate(keys, start=1)]
        if not names:
            then(names)
            return
        with self.code.block(f"if {' and '.join(map(self.expressions.is_key, names))}:"):
            then(names)

    def _leaf(self, leaf: Expression) -> str:
        match leaf:
            case Column(source=0, name=name):
                return self.columns[name]
            case Column(source=number, name=name):
                return f"x{number}[{self.elements[number].index(name)}]"
            case TableName(part="schema"):
                return self.code.constant(self.table.schema)
            case TableName(part="name"):
                return self.code.constant(self.table.name)
            case TableName():
                return self._suffix()
            case _:
                message = f"a row has no value for {leaf}"
                raise AssertionError(message)

    def _suffix(self) -> str:
        assert self.pattern is not None
        if self.pattern.name.match == "exact":
            return "None"
        return self.code.constant(self.table.name[len(self.pattern.name.text) :])


def _row_columns(rule: RowRule | LookupRule) -> Iterator[Column]:
    expressions: list[Expression] = [*rule.keys]
    expressions += [step.condition if isinstance(step, Filter) else step.argument for step in rule.steps]
    match rule:
        case RowRule():
            expressions += [column.expression for column in rule.columns if isinstance(column, Output)]
        case LookupRule():
            expressions += rule.outputs
    for expression in expressions:
        for leaf in leaves(expression):
            if isinstance(leaf, Column) and leaf.source == 0:
                yield leaf
