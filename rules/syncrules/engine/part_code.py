"""Generated code for a part of a bucket query, inside the function of a group of queries.

A part is written stage by stage: a stage goes up to the next lookup, where it leaves the keys that it wants, or to the end,
where it leaves the part's distinct outputs. *Bindings* are tuples of the values that later steps still need; what no step
needs is dropped, with the duplicates that leaves, as soon as it can be. As long as nothing is bound, there is nothing to go
through. A part that comes to nothing, or fails, leaves no keys and no outputs.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, NoReturn, TypeGuard

from syncrules.engine.expression_code import ExpressionCode
from syncrules.engine.source_code import SourceCode, tuple_code
from syncrules.functions import TABLE_FUNCTIONS
from syncrules.plan.expression import Column, Expression, RequestValue
from syncrules.plan.nodes import Expand, Filter, Lookup, Part, Plan, RequestStep
from syncrules.plan.reading import columns_in, expressions_of, read_by_value, request_parts
from syncrules.values.value import EvaluationError

MAXIMUM_BINDINGS: Final = 100_000
"""Combinations of values that one part may hold at once."""


def too_many_bindings() -> NoReturn:
    """Raises EvaluationError: a part holds more than `MAXIMUM_BINDINGS`."""
    message = f"the request leads to more than {MAXIMUM_BINDINGS} combinations of values"
    raise EvaluationError(message)


@dataclass(slots=True)
class PartCode:
    """Writes one part. Its outputs are `outputs1`, if it has the number 1, and the keys of its lookups `wanted1_1` and so on.

    A part that reads the subscription is run for each: then these are lists, by the `place` of the subscription's request.
    """

    code: SourceCode
    plan: Plan
    number: int
    part: Part
    bound: int = 0
    place: int = 0
    live: list[Column] = field(default_factory=list)
    locals: dict[Column, str] = field(default_factory=dict)
    alike: frozenset[Column] = field(init=False)
    of_request: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.alike = read_by_value(self.part)
        self.of_request = tuple(sorted(request_parts([*expressions_of(self.part.steps), *self.part.outputs])))
        self.code.constants["too_many_bindings"] = too_many_bindings

    @property
    def is_own(self) -> bool:
        """Whether the part is run for each subscription."""
        return "subscription" in self.of_request

    @property
    def at(self) -> str:
        """Where its values stand, after their names."""
        return "[place]" if self.is_own else ""

    @property
    def lookups(self) -> list[Lookup]:
        """The lookups, of which each ends a stage."""
        return [step for step in self.part.steps if isinstance(step, Lookup)]

    @property
    def outputs(self) -> str:
        """The name of the outputs."""
        return f"outputs{self.number}"

    def wanted(self, lookup: int) -> str:
        """The name of the keys that a lookup asks for; lookups are counted from 1."""
        return f"wanted{self.number}_{lookup}"

    def declare(self) -> None:
        """Its values before it is run: nothing."""
        names = [self.outputs, *(self.wanted(number) for number in range(1, len(self.lookups) + 1))]
        if self.is_own:
            for name in (*names, f"bindings{self.number}"):
                self.code.line(f"{name} = [()] * len(requests)")
        else:
            self.code.line(" = ".join([*names, "()"]))

    def start(self) -> None:
        """The stage up to the first lookup, or to the end."""
        self._read_request()
        with ExitStack() as inside:
            self._stage(0, inside)

    def go_on(self, lookup: int) -> None:
        """The stage that begins with what a lookup found in `answers`."""
        step = self.part.steps[self.place - 1]
        assert isinstance(step, Lookup)
        if self.is_own:
            self._read_request()
        needed = self._needed()
        names = [
            self._local(column) if column.source != self.bound else f"outputs[{int(column.name)}]" for column in needed
        ]
        if not self.live:
            self.code.line(f"(key,) = {self.wanted(lookup)}{self.at}")
        if not self.live and self.alike.issuperset(needed) and names == self._outputs_of(step):
            self.code.line("after = answers[key]")
            self._limit()
        else:
            self.code.line("after = {}")
            with self._for_each_binding("key"):
                with self.code.block("for outputs in answers[key]:"):
                    self._keep(needed, names)
                self._limit()
        with ExitStack() as inside:
            self._kept(needed, inside)
            self._stage(lookup, inside)

    def _stage(self, lookup: int, inside: ExitStack) -> None:
        """The steps up to the next lookup. What depends on a condition is written inside it."""
        while self.place < len(self.part.steps):
            step = self.part.steps[self.place]
            self.place += 1
            match step:
                case Filter():
                    self._filter(step, inside)
                case Expand():
                    self._expand(step, inside)
                case Lookup():
                    self._look_up(step, lookup + 1, inside)
                    return
        self._outputs()

    def _read_request(self) -> None:
        for name in self.of_request:
            self.code.line(f"{name} = {'request' if name == 'subscription' else 'first'}.{name}")

    def _outputs_of(self, step: Lookup) -> list[str]:
        """The outputs of a lookup, if all of them are read."""
        return [f"outputs[{index}]" for index in range(len(self.plan.lookup_rules[step.rule].outputs))]

    def _needed(self) -> list[Column]:
        """The bound values that later steps, or the outputs, read."""
        later = columns_in([*expressions_of(self.part.steps[self.place :]), *self.part.outputs])
        return [column for column in later if column.source <= self.bound]

    def _filter(self, step: Filter, inside: ExitStack) -> None:
        if not self.live:
            more = [*takewhile(_is_filter, self.part.steps[self.place :])]
            self.place += len(more)
            conditions = [self._expressions.condition(each.condition) for each in (step, *filter(_is_filter, more))]
            inside.enter_context(self.code.block(f"if {' and '.join(conditions)}:"))
            return
        needed = self._needed()
        condition = self._expressions.condition(step.condition)
        self.code.line("after = {}")
        with self._for_each_binding(), self.code.block(f"if {condition}:"):
            self._keep(needed, [self._local(column) for column in needed])
        self._kept(needed, inside)

    def _expand(self, step: Expand, inside: ExitStack) -> None:
        self.bound += 1
        number, needed = self.bound, self._needed()
        record = TABLE_FUNCTIONS[step.function]
        function = self.code.function(f"rows of {record.name}", record.implementation(self.plan.semantics))
        argument = self._expressions.value(step.argument)
        names = [
            self._local(column) if column.source != number else _element(record.columns, number, column)
            for column in needed
        ]
        self.code.line("after = {}")
        with self._for_each_binding():
            with self.code.block(f"for x{number} in {function}({argument}):"):
                self._keep(needed, names)
            self._limit()
        self._kept(needed, inside)

    def _look_up(self, step: Lookup, lookup: int, inside: ExitStack) -> None:
        self.bound += 1
        wanted = f"{self.wanted(lookup)}{self.at}"
        if not self.live:
            # The only key that there is, if it can be one.
            keys = [self._expressions.named(key, f"key{index}") for index, key in enumerate(step.keys, start=1)]
            if keys:
                inside.enter_context(self.code.block(f"if {' and '.join(map(self._expressions.is_key, keys))}:"))
            self.code.line(f"{wanted} = (({step.rule}, {tuple_code(keys)}),)")
            return
        # The key of each binding; bindings without one end here.
        values = tuple_code([self._expressions.value(key) for key in step.keys])
        checks = " and ".join(self._expressions.is_key(f"values[{index}]") for index in range(len(step.keys)))
        self.code.line("keyed = []")
        with self._for_each_binding():
            self.code.line(f"values = {values}")
            with self.code.block(f"if {checks or True}:"):
                self.code.line(f"keyed.append(({', '.join(map(self._local, self.live))}, ({step.rule}, values)))")
        self.code.line(f"{self._bindings} = keyed")
        self.code.line(f"{wanted} = list(dict.fromkeys([binding[-1] for binding in keyed]))")

    @property
    def _bindings(self) -> str:
        return f"bindings{self.number}{self.at}"

    @contextmanager
    def _for_each_binding(self, *more: str) -> Iterator[None]:
        """A loop over the bindings, with what was added to each; nothing is repeated as long as nothing is bound."""
        if not self.live:
            yield
            return
        with self.code.block(f"for {tuple_code([*map(self._local, self.live), *more])} in {self._bindings}:"):
            yield

    def _keep(self, needed: Sequence[Column], names: Sequence[str]) -> None:
        """Adds a binding, unless there is one like it: what only keys and equalities read is compared as they do."""
        exact = [name if column in self.alike else f"repr({name})" for column, name in zip(needed, names, strict=True)]
        value = "None" if exact == names else tuple_code(names)
        self.code.line(f"after[{tuple_code(exact)}] = {value}")

    def _limit(self) -> None:
        with self.code.block(f"if len(after) > {MAXIMUM_BINDINGS}:"):
            self.code.line("too_many_bindings()")

    def _kept(self, needed: Sequence[Column], inside: ExitStack) -> None:
        """Goes on with the bindings that were kept; where none needs a value any more, if there are some."""
        if needed:
            self.code.line(f"{self._bindings} = list(after{'' if self.alike.issuperset(needed) else '.values()'})")
        else:
            inside.enter_context(self.code.block("if after:"))
        self.live = [*needed]

    def _outputs(self) -> None:
        outputs = self.part.outputs
        if self.live and [*outputs] == self.live and self.alike.issuperset(self.live):
            self.code.line(f"{self.outputs}{self.at} = {self._bindings}")
            return
        values = tuple_code([self._expressions.value(output) for output in outputs])
        if not self.live:
            self.code.line(f"{self.outputs}{self.at} = ({values},)")
            return
        self.code.line("after = {}")
        with self._for_each_binding():
            self.code.line(f"after[{values}] = None")
        self.code.line(f"{self.outputs}{self.at} = list(after)")

    @property
    def _expressions(self) -> ExpressionCode:
        return ExpressionCode(self.code, self.plan.semantics, self._leaf)

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


def _is_filter(step: RequestStep) -> TypeGuard[Filter]:
    return isinstance(step, Filter)


def _element(columns: Sequence[str], number: int, column: Column) -> str:
    return f"x{number}[{columns.index(column.name)}]"
