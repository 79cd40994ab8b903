"""Generated code for the rows of a table: one function for all rules that a table's name matches.

The function is called as `run(row, schema, name, errors)` and returns what it found, in the order of
the rules. Each rule stands in its own `try`, so that a row which one rule cannot evaluate is still
evaluated by the others; what the failing rule had found until then is dropped, and it is added to the errors.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import Final, NoReturn

from syncrules.engine.bucket_id import quoted, value_text
from syncrules.engine.expression_code import ExpressionCode
from syncrules.engine.found import LookupEntry, SyncedRow, lookup_entry, synced_row
from syncrules.engine.source_code import SourceCode, tuple_code
from syncrules.functions import OPERATORS, TABLE_FUNCTIONS
from syncrules.plan.expression import Column, Constant, Expression, TableName, leaves
from syncrules.plan.nodes import Bucket, Expand, Filter, LookupRule, Output, OutputStar, RowRule, RowStep
from syncrules.schema import TablePattern
from syncrules.values.row import Row
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError

Errors = list[tuple[int, EvaluationError]]
"""Rules that failed, by number."""

RowFunction = Callable[[Row, str, str, Errors], list[SyncedRow]]
EntryFunction = Callable[[Row, str, str, Errors], list[LookupEntry]]


MAXIMUM_ELEMENTS: Final = 50_000
"""Elements of its arrays, and combinations of them, that one rule goes through for one row."""


def too_many_elements() -> NoReturn:
    """Raises EvaluationError: a row has more than `MAXIMUM_ELEMENTS` combinations of elements."""
    message = f"the row's arrays have more than {MAXIMUM_ELEMENTS} combinations of elements"
    raise EvaluationError(message)


def row_code(rules: Mapping[int, RowRule], buckets: Sequence[Bucket], semantics: Semantics) -> SourceCode:
    """The code that puts rows of one table into buckets; `run` is its entry."""
    writer = _Writer(SourceCode(), semantics, {})
    writer.code.constants |= {"synced_row": synced_row, "value_text": value_text, "quoted": quoted}
    with writer.function(rules.values()):
        for number, rule in rules.items():
            with writer.rule(number, rule.table, rule.steps):
                prefix = writer.code.constant(buckets[rule.bucket].name + "[")
                if any(isinstance(step, Expand) for step in rule.steps):
                    writer.code.line("keys = {}")
                    writer.steps(rule.steps, 0, partial(writer.note_key, rule.keys))
                    with writer.code.block("if keys:"):
                        writer.row_in_buckets(rule, prefix)
                else:
                    writer.steps(rule.steps, 0, partial(writer.row_in_one_bucket, rule, prefix))
    return writer.code


def entry_code(rules: Mapping[int, LookupRule], semantics: Semantics) -> SourceCode:
    """The code that makes lookup entries of rows of one table; `run` is its entry."""
    writer = _Writer(SourceCode(), semantics, {})
    writer.code.constants["lookup_entry"] = lookup_entry
    with writer.function(rules.values()):
        for number, rule in rules.items():
            with writer.rule(number, rule.table, rule.steps):
                if any(isinstance(step, Expand) for step in rule.steps):
                    writer.code.line("entries = {}")
                    writer.steps(rule.steps, 0, partial(writer.entry, rule, "entries[{}] = None"))
                    writer.code.line(f"found += [lookup_entry(({number}, key, outputs)) for key, outputs in entries]")
                else:
                    made = f"found.append(lookup_entry(({number}, {{}})))"
                    writer.steps(rule.steps, 0, partial(writer.entry, rule, made))
    return writer.code


def _bucket(prefix: str, values: Sequence[str]) -> str:
    """The id of a bucket, as `bucket_id` makes it, of the names of its values."""
    texts = " + ',' + ".join(f"(quoted({value}) if type({value}) is str else value_text({value}))" for value in values)
    return f"{prefix} + {texts} + ']'" if texts else f"{prefix} + ']'"


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
        with self.code.block("def run(row, schema, name, errors):"):
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
            self.code.line(f"errors.append(({number}, error))")

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

    def row_in_one_bucket(self, rule: RowRule, prefix: str) -> None:
        """The row in the bucket under the only key that it can have."""

        def write(names: Sequence[str]) -> None:
            self.synced_row(rule)
            self.code.line(f"found.append(synced_row(({_bucket(prefix, names)}, row_id, {self._table(rule)}, data)))")

        self._if_key(rule.keys, write)

    def row_in_buckets(self, rule: RowRule, prefix: str) -> None:
        """The row in the bucket under each of its keys."""
        self.synced_row(rule)
        bucket = _bucket(prefix, [f"key[{index}]" for index in range(len(rule.keys))])
        self.code.line(f"found += [synced_row(({bucket}, row_id, {self._table(rule)}, data)) for key in keys]")

    def entry(self, rule: LookupRule, note: str) -> None:
        """Notes one entry, as `key, outputs`, unless a value of its key cannot be one."""
        outputs = tuple_code(self.expressions.value(output) for output in rule.outputs)
        self._if_key(rule.keys, lambda names: self.code.line(note.format(f"{tuple_code(names)}, {outputs}")))

    def synced_row(self, rule: RowRule) -> None:
        """The row as it syncs, and its id. BLOBs are left out."""
        if rule.columns == (OutputStar(),):
            self._whole_row()
        else:
            self._columns(rule)
        text = self.code.function("cast text", OPERATORS["cast text"].implementation(self.semantics))
        with self.code.block("if type(row_id) is not str:"):
            self.code.line(f'row_id = "" if row_id is None or type(row_id) is bytes else {text}(row_id)')

    def _whole_row(self) -> None:
        self.code.line("data = dict(row)")
        with self.code.block("if bytes in map(type, data.values()):"):
            self.code.line("data = {column: value for column, value in row.items() if type(value) is not bytes}")
        self.code.line(f"row_id = get({self.code.constant('id')})")

    def _columns(self, rule: RowRule) -> None:
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

    def _table(self, rule: RowRule) -> str:
        return self.code.constant(rule.output_table) if rule.output_table else "name"

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

    def _if_key(self, keys: Sequence[Expression], then: Callable[[Sequence[str]], None]) -> None:
        """What is done with the names of the values of a key, if all of them can be one."""
        names = []
        for index, key in enumerate(keys, start=1):
            self.code.line(f"key{index} = {self.expressions.value(key)}")
            names.append(f"key{index}")
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
