"""Generated code for the rows of a table: one function for all rules that a table's name matches.

The function is called as `run(row, schema, name, fail)` and returns what it found, in the order of
the rules. Each rule stands in its own `try`, so that a row which one rule cannot evaluate is still
evaluated by the others; what the failing rule had found until then is dropped.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import Final, NoReturn

from syncrules.engine.expression_code import ExpressionCode
from syncrules.engine.source_code import SourceCode, tuple_code
from syncrules.functions import OPERATORS, TABLE_FUNCTIONS
from syncrules.plan.expression import Column, Constant, Expression, TableName, leaves
from syncrules.plan.nodes import Expand, Filter, LookupRule, Output, OutputStar, RowRule, RowStep
from syncrules.schema import TablePattern
from syncrules.values.row import Row
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError, SqlValue

Key = tuple[SqlValue, ...]

FoundRow = tuple[int, Key, str, dict[str, SqlValue]]
"""A rule's number, the bucket's key, the row's id, and the row as it syncs."""

FoundEntry = tuple[int, Key, Key]
"""A rule's number, the lookup's key, and the outputs."""

Fail = Callable[[int, EvaluationError], None]
RowFunction = Callable[[Row, str, str, Fail], list[FoundRow]]
EntryFunction = Callable[[Row, str, str, Fail], list[FoundEntry]]


MAXIMUM_ELEMENTS: Final = 50_000
"""Elements of its arrays, and combinations of them, that one rule goes through for one row."""


def too_many_elements() -> NoReturn:
    """Raises EvaluationError: a row has more than `MAXIMUM_ELEMENTS` combinations of elements."""
    message = f"the row's arrays have more than {MAXIMUM_ELEMENTS} combinations of elements"
    raise EvaluationError(message)


def row_code(rules: Mapping[int, RowRule], semantics: Semantics) -> SourceCode:
    """The code that puts rows of one table into buckets; `run` is its entry."""
    writer = _Writer(SourceCode(), semantics, {})
    with writer.function(rules.values()):
        for number, rule in rules.items():
            with writer.rule(number, rule.table, rule.steps):
                writer.code.line("keys = {}")
                writer.steps(rule.steps, 0, partial(writer.keys, rule.keys))
                with writer.code.block("if keys:"):
                    writer.synced_row(rule)
                    writer.code.line(f"found += [({number}, key, row_id, data) for key in keys]")
    return writer.code


def entry_code(rules: Mapping[int, LookupRule], semantics: Semantics) -> SourceCode:
    """The code that makes lookup entries of rows of one table; `run` is its entry."""
    writer = _Writer(SourceCode(), semantics, {})
    with writer.function(rules.values()):
        for number, rule in rules.items():
            with writer.rule(number, rule.table, rule.steps):
                writer.code.line("entries = {}")
                writer.steps(rule.steps, 0, partial(writer.entry, rule))
                writer.code.line(f"found += [({number}, key, outputs) for key, outputs in entries]")
    return writer.code


@dataclass(slots=True)
class _Writer:
    """Writes the rules of one table. `columns` are the local names of the columns in use."""

    code: SourceCode
    semantics: Semantics
    columns: dict[str, str]
    pattern: TablePattern | None = None
    elements: dict[int, Sequence[str]] = field(default_factory=dict)

    @contextmanager
    def function(self, rules: Iterable[RowRule | LookupRule]) -> Iterator[None]:
        """The frame of the function: the columns that rules read are read once, at its head."""
        self.code.constants["EvaluationError"] = EvaluationError
        with self.code.block("def run(row, schema, name, fail):"):
            self.code.line("get = row.get")
            names = sorted({leaf.name for rule in rules for leaf in _row_columns(rule)})
            for number, name in enumerate(names, start=1):
                self.columns[name] = f"c{number}"
                self.code.line(f"c{number} = get({self.code.constant(name)})  # {name!a}")
            self.code.line("found = []")
            yield
            self.code.line("return found")

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
            self.code.line(f"fail({number}, error)")

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

    def keys(self, keys: Sequence[Expression]) -> None:
        """Notes one key, unless a value of it cannot be one."""
        self._noting(keys, lambda names: f"keys[{names}] = None")

    def entry(self, rule: LookupRule) -> None:
        """Notes one entry, unless a value of its key cannot be one."""
        outputs = tuple_code(self.expressions.value(output) for output in rule.outputs)
        self._noting(rule.keys, lambda names: f"entries[{names}, {outputs}] = None")

    def synced_row(self, rule: RowRule) -> None:
        """The row as it syncs, and its id. BLOBs are left out."""
        self.code.line("row_id = None")
        self.code.line("data = {}")
        for column in rule.columns:
            match column:
                case OutputStar(hidden_prefix=prefix):
                    hidden = "" if prefix is None else f" and not column.startswith({self.code.constant(prefix)})"
                    keep = f"if type(value) is not bytes{hidden}"
                    if rule.columns[0] is not column:
                        self._forget_overwritten(hidden)
                    self.code.line(f"data |= {{column: value for column, value in row.items() {keep}}}")
                    self.code.line(f"row_id = get({self.code.constant('id')}, row_id)")
                case Output():
                    self._output(column)
        text = self.code.function("cast text", OPERATORS["cast text"].implementation(self.semantics))
        self.code.line(f'row_id = "" if row_id is None or type(row_id) is bytes else {text}(row_id)')

    @property
    def expressions(self) -> ExpressionCode:
        """Writes expressions over the row and the expansions around."""
        return ExpressionCode(self.code, self.semantics, self._leaf)

    def _forget_overwritten(self, hidden: str) -> None:
        """Drops earlier columns that the star replaces by a BLOB, which does not sync."""
        with self.code.block("for column, value in row.items():"), self.code.block(f"if type(value) is bytes{hidden}:"):
            self.code.line("data.pop(column, None)")

    def _output(self, column: Output) -> None:
        name = self.code.constant(column.name)
        self.code.line(f"value = {self.expressions.value(column.expression)}")
        if column.name == "id":
            self.code.line("row_id = value")
        with self.code.block("if type(value) is bytes:"):
            self.code.line(f"data.pop({name}, None)")
        with self.code.block("else:"):
            self.code.line(f"data[{name}] = value")

    def _noting(self, keys: Sequence[Expression], note: Callable[[str], str]) -> None:
        names = []
        for index, key in enumerate(keys, start=1):
            self.code.line(f"key{index} = {self.expressions.value(key)}")
            names.append(f"key{index}")
        line = note(tuple_code(names))
        if not names:
            self.code.line(line)
            return
        is_key = self.code.function("is key", OPERATORS["is key"].implementation(self.semantics))
        with self.code.block(f"if {' and '.join(f'{is_key}({name})' for name in names)}:"):
            self.code.line(line)

    def _leaf(self, leaf: Expression) -> str:
        match leaf:
            case Column(source=0, name=name):
                return self.columns[name]
            case Column(source=number, name=name):
                return f"x{number}[{self.elements[number].index(name)}]"
            case TableName(part="schema"):
                return "schema"
            case TableName(part="name"):
                return "name"
            case TableName():
                return self._suffix()
            case Constant() | _:
                message = f"a row has no value for {leaf}"
                raise AssertionError(message)

    def _suffix(self) -> str:
        assert self.pattern is not None
        if self.pattern.name.match == "exact":
            return "None"
        return f"name[{len(self.pattern.name.text)}:]"


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
