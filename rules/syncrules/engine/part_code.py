"""Generated code for a part of a bucket query: a generator that asks for lookups and is sent entries.

It is called as `run(request)`, yields lists of distinct lookup keys, is sent a mapping from them to outputs, and returns the
distinct outputs of the part. Without lookups it is a function that returns them. *Bindings* are tuples of the values that
later steps still need; what no step needs is dropped, with the duplicates that leaves, as soon as it can be. As long as
nothing is bound, there is nothing to go through.
"""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from syncrules.engine.expression_code import ExpressionCode
from syncrules.engine.found import Key, LookupKey
from syncrules.engine.source_code import SourceCode, tuple_code
from syncrules.functions import TABLE_FUNCTIONS
from syncrules.plan.expression import Call, Column, Expression, RequestValue, leaves
from syncrules.plan.nodes import Expand, Filter, Lookup, Part
from syncrules.plan.reading import expressions_of, request_parts
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError, SqlValue

MAXIMUM_BINDINGS: Final = 100_000
"""Combinations of values that one part may hold at once."""


class RequestValues(Protocol):
    """What a part reads of a request: SQL values, the JSON ones as text."""

    @property
    def user_id(self) -> SqlValue: ...
    @property
    def token(self) -> SqlValue: ...
    @property
    def connection(self) -> SqlValue: ...
    @property
    def subscription(self) -> SqlValue: ...


Wanted = list[LookupKey]
Entries = Mapping[LookupKey, Collection[Key]]
PartRun = Generator[Wanted, Entries, list[Key]]
PartFunction = Callable[[RequestValues], PartRun | list[Key]]
"""A part that looks nothing up gives its outputs at once."""


def part_code(part: Part, semantics: Semantics) -> SourceCode:
    """The code of one part; `run` is its entry."""
    writer = _Writer(SourceCode(), semantics)
    writer.write(part)
    return writer.code


def limit_bindings(count: int) -> None:
    """Raises EvaluationError once a part holds more than `MAXIMUM_BINDINGS`."""
    if count > MAXIMUM_BINDINGS:
        message = f"the request leads to more than {MAXIMUM_BINDINGS} combinations of values"
        raise EvaluationError(message)


@dataclass(slots=True)
class _Writer:
    code: SourceCode
    semantics: Semantics
    live: list[Column] = field(default_factory=list)
    locals: dict[Column, str] = field(default_factory=dict)
    alike: frozenset[Column] = frozenset()

    def write(self, part: Part) -> None:
        """The whole function."""
        self.code.constants["limit_bindings"] = limit_bindings
        with self.code.block("def run(request):"):
            for name in sorted(request_parts([*expressions_of(part.steps), *part.outputs])):
                self.code.line(f"{name} = request.{name}")
            self.alike = _read_by_value(part)
            bound = 0
            for place, step in enumerate(part.steps):
                bound += not isinstance(step, Filter)
                later = _columns([*expressions_of(part.steps[place + 1 :]), *part.outputs])
                needed = [column for column in later if column.source <= bound]
                match step:
                    case Filter():
                        self._filter(step, needed)
                    case Expand():
                        self._expand(step, bound, needed)
                    case Lookup():
                        self._look_up(step, bound, needed)
            self._outputs(part.outputs)

    def _filter(self, step: Filter, needed: Sequence[Column]) -> None:
        condition = self._expressions.condition(step.condition)
        if not self.live:
            with self.code.block(f"if not {condition}:"):
                self.code.line("return []")
            return
        self.code.line("after = {}")
        with self._for_each_binding(), self.code.block(f"if {condition}:"):
            self._keep(needed, [self._local(column) for column in needed])
        self._kept(needed)

    def _expand(self, step: Expand, number: int, needed: Sequence[Column]) -> None:
        record = TABLE_FUNCTIONS[step.function]
        function = self.code.function(f"rows of {record.name}", record.implementation(self.semantics))
        argument = self._expressions.value(step.argument)
        names = [
            self._local(column) if column.source != number else _element(record.columns, number, column)
            for column in needed
        ]
        self.code.line("after = {}")
        with self._for_each_binding():
            with self.code.block(f"for x{number} in {function}({argument}):"):
                self._keep(needed, names)
            self.code.line("limit_bindings(len(after))")
        self._kept(needed)

    def _look_up(self, step: Lookup, number: int, needed: Sequence[Column]) -> None:
        names = [
            self._local(column) if column.source != number else f"outputs[{int(column.name)}]" for column in needed
        ]
        if self.live:
            self._wanted_keys(step)
        else:
            self._wanted_key(step)
        self.code.line("after = {}")
        with self._for_each_binding("key"):
            with self.code.block("for outputs in entries[key]:"):
                self._keep(needed, names)
            self.code.line("limit_bindings(len(after))")
        self._kept(needed)

    def _wanted_key(self, step: Lookup) -> None:
        """Asks for the only key that there is, if it can be one."""
        keys = []
        for index, key in enumerate(step.keys, start=1):
            self.code.line(f"key{index} = {self._expressions.value(key)}")
            keys.append(f"key{index}")
        checks = " and ".join(self._expressions.is_key(key) for key in keys)
        if checks:
            with self.code.block(f"if not ({checks}):"):
                self.code.line("return []")
        self.code.line(f"key = ({step.rule}, {tuple_code(keys)})")
        self.code.line("entries = yield [key]")

    def _wanted_keys(self, step: Lookup) -> None:
        """Asks for the key of each binding; bindings without one end here."""
        keys = tuple_code([self._expressions.value(key) for key in step.keys])
        checks = " and ".join(self._expressions.is_key(f"values[{index}]") for index in range(len(step.keys)))
        self.code.line("wanted = []")
        with self._for_each_binding():
            self.code.line(f"values = {keys}")
            with self.code.block(f"if {checks or True}:"):
                self.code.line(f"wanted.append(({', '.join(map(self._local, self.live))}, ({step.rule}, values)))")
        self.code.line("entries = yield list(dict.fromkeys([binding[-1] for binding in wanted]))")
        self.code.line("bindings = wanted")

    @contextmanager
    def _for_each_binding(self, *more: str) -> Iterator[None]:
        """A loop over the bindings, with what was added to each; nothing is repeated as long as nothing is bound."""
        if not self.live:
            yield
            return
        with self.code.block(f"for {tuple_code([*map(self._local, self.live), *more])} in bindings:"):
            yield

    def _keep(self, needed: Sequence[Column], names: Sequence[str]) -> None:
        """Adds a binding, unless there is one like it: what only keys and equalities read is compared as they do."""
        exact = [name if column in self.alike else f"repr({name})" for column, name in zip(needed, names, strict=True)]
        value = "None" if exact == names else tuple_code(names)
        self.code.line(f"after[{tuple_code(exact)}] = {value}")

    def _kept(self, needed: Sequence[Column]) -> None:
        with self.code.block("if not after:"):
            self.code.line("return []")
        if needed:
            self.code.line(f"bindings = list(after{'' if self.alike.issuperset(needed) else '.values()'})")
        self.live = [*needed]

    def _outputs(self, outputs: Sequence[Expression]) -> None:
        if self.live and [*outputs] == self.live and self.alike.issuperset(self.live):
            self.code.line("return bindings")
            return
        values = tuple_code([self._expressions.value(output) for output in outputs])
        if not self.live:
            self.code.line(f"return [{values}]")
            return
        self.code.line("after = {}")
        with self._for_each_binding():
            self.code.line(f"after[{values}] = None")
        self.code.line("return list(after)")

    @property
    def _expressions(self) -> ExpressionCode:
        return ExpressionCode(self.code, self.semantics, self._leaf)

    def _local(self, column: Column) -> str:
        """The local name of a bound value."""
        return self.locals.setdefault(column, f"b{len(self.locals) + 1}")

    def _leaf(self, leaf: Expression) -> str:
        match leaf:
            case RequestValue():
                return leaf.part
            case Column():
                return self._local(leaf)
            case _:
                message = f"a request has no value for {leaf}"
                raise AssertionError(message)


def _element(columns: Sequence[str], number: int, column: Column) -> str:
    return f"x{number}[{columns.index(column.name)}]"


def _read_by_value(part: Part) -> frozenset[Column]:
    """Bound values that only keys, equalities and outputs read, to which 1 and 1.0 are one value."""
    others: set[Column] = set()
    for expression in [*expressions_of(part.steps), *part.outputs]:
        match expression:
            case Column():
                continue
            case Call(function="=" | "is key", arguments=arguments):
                read = [argument for argument in arguments if not isinstance(argument, Column)]
            case _:
                read = [expression]
        others.update(_columns(read))
    return frozenset(_columns([*expressions_of(part.steps), *part.outputs])) - others


def _columns(expressions: Sequence[Expression]) -> list[Column]:
    found = {leaf for expression in expressions for leaf in leaves(expression) if isinstance(leaf, Column)}
    return sorted(found, key=lambda column: (column.source, column.name))
