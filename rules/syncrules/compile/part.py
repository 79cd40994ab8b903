"""Orders the units of one part: from the request outward, most keys first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from syncrules.compile.canonical import canonical
from syncrules.compile.classes import ValueClass
from syncrules.compile.formula import Predicate
from syncrules.compile.join import Join, Target, Unit
from syncrules.compile.sources import REQUEST, Expansion, Table
from syncrules.compile.table_side import equal_to_representative, representative, table_side
from syncrules.diagnostics import Span
from syncrules.plan.expression import Call, Column, Expression, Leaf, substitute
from syncrules.plan.nodes import Expand, Filter, Lookup, LookupRule, Part, RequestStep
from syncrules.values.frozen import through_slots

Intern = Callable[[LookupRule], int]
"""Gives a lookup rule its number in the plan; equal rules share one."""


@through_slots
@dataclass(frozen=True, slots=True)
class TargetedPart:
    """A part, and which target each of its outputs is the value of."""

    part: Part
    targets: tuple[Target, ...]


def plan_part(join: Join, units: Sequence[Unit], targets: Sequence[Target], intern: Intern) -> TargetedPart:
    """The steps that bind all `units`, and the values of the targets they give."""
    run = _Run(join, targets, intern)
    remaining = list(units)
    while remaining:
        unit = min(remaining, key=run.rank)
        remaining.remove(unit)
        match unit:
            case Table():
                run.look_up(unit)
            case Expansion():
                run.expand(unit)
    own = {unit.id for unit in units}
    reached = [target for target in targets if run.gives(target, own)]
    outputs = tuple(run.value(target) for target in reached)
    return TargetedPart(Part(tuple(run.steps), outputs), tuple(reached))


def is_key(expression: Expression) -> Expression:
    """The condition that a value can be a key: not NULL, not a BLOB, not infinite."""
    return Call("is key", (expression,))


@dataclass(slots=True)
class _Run:
    """The steps so far, and what they have bound."""

    join: Join
    targets: Sequence[Target]
    intern: Intern
    steps: list[RequestStep] = field(default_factory=list)
    bound: set[int] = field(default_factory=set)
    class_values: dict[ValueClass, Expression] = field(default_factory=dict)
    step_of: dict[int, int] = field(default_factory=dict)
    selected: dict[Expression, Expression] = field(default_factory=dict)

    def rank(self, unit: Unit) -> tuple[int, int, int]:
        """Smaller is better: request values, then tables by how many keys are known, then scans."""
        match unit:
            case Expansion():
                ready = self.join.needs(unit.argument) <= self.bound
                return (0 if ready else 3, 0, unit.id)
            case Table():
                keys = sum(1 for cls in self.join.classes if self._key_of(cls, unit) is not None)
                return (1 if keys else 2, -keys, unit.id)

    def look_up(self, table: Table) -> None:
        """Adds a lookup of a table under everything that is known about it."""
        keys: list[tuple[Expression, Expression]] = []
        outputs: list[Expression] = []
        given: dict[Expression, list[ValueClass]] = {}
        predicates = self.join.predicates_of(table.id)
        for cls in self.join.classes:
            members = cls.of_group(table.id)
            if not members:
                continue
            first = representative(members)
            predicates += [Predicate(condition, table.span) for condition in equal_to_representative(members)]
            known = self._class_value(cls)
            if known is not None:
                keys.append((first, known))
            elif self._is_needed(cls, table):
                predicates.append(Predicate(is_key(first), table.span))
                outputs.append(first)
                given.setdefault(first, []).append(cls)
        selected = [t for t in self.targets if not isinstance(t, ValueClass) and self.join.needs(t) == {table.id}]
        side = table_side(table.id, self.join.expansions_of(table), predicates)
        keys = canonical(keys, by=lambda key: side.rename(key[0]))
        distinct = canonical(dict.fromkeys([*outputs, *selected]), by=side.rename)
        rule = LookupRule(
            table.pattern,
            side.steps,
            tuple(side.rename(own) for own, _ in keys),
            tuple(side.rename(output) for output in distinct),
            (table.span,),
        )
        number = self._bind(Lookup(self.intern(rule), tuple(known for _, known in keys), (table.span,)), table.id)
        for index, output in enumerate(distinct):
            value = Column(number, str(index))
            self.selected[output] = value
            self.class_values |= dict.fromkeys(given.get(output, ()), value)

    def expand(self, expansion: Expansion) -> None:
        """Adds an expansion of a request value, and the tests it makes possible."""
        before = frozenset(self.bound)
        number = self._bind(
            Expand(expansion.function, self._write(expansion.argument), (expansion.span,)), expansion.id
        )
        self.step_of[expansion.id] = number
        for cls in self.join.classes:
            for member in cls.members:
                if self._is_new(member, before):
                    self._meet(cls, self._write(member), expansion.span)
        for predicate in self.join.conjuncts:
            if self._is_new(predicate.condition, before):
                self.steps.append(Filter(self._write(predicate.condition), (predicate.span,)))

    def gives(self, target: Target, units: set[int]) -> bool:
        """Whether a target's value comes from these units."""
        if isinstance(target, ValueClass):
            return target in self.class_values
        needs = self.join.needs(target)
        return bool(needs) and needs <= units

    def value(self, target: Target) -> Expression:
        """The value of a target that these steps give."""
        if isinstance(target, ValueClass):
            return self.class_values[target]
        return self.selected[target] if target in self.selected else self._write(target)

    def _bind(self, step: Lookup | Expand, unit: int) -> int:
        self.steps.append(step)
        self.bound.add(unit)
        return sum(1 for each in self.steps if not isinstance(each, Filter))

    def _meet(self, cls: ValueClass, value: Expression, span: Span) -> None:
        known = self._class_value(cls)
        if known is None:
            self.class_values[cls] = value
            self.steps.append(Filter(is_key(value), (span,)))
        else:
            self.steps.append(Filter(Call("=", (known, value)), (span,)))

    def _class_value(self, cls: ValueClass) -> Expression | None:
        plain = self.join.plain_value(cls)
        return plain if plain is not None else self.class_values.get(cls)

    def _key_of(self, cls: ValueClass, table: Table) -> Expression | None:
        return self._class_value(cls) if cls.of_group(table.id) else None

    def _is_needed(self, cls: ValueClass, table: Table) -> bool:
        elsewhere = (self.join.needs(member) - {table.id} for member in cls.members)
        known = {unit.id for unit in self.join.units}
        return cls in self.targets or any(needs & known for needs in elsewhere)

    def _is_new(self, expression: Expression, before: frozenset[int]) -> bool:
        needs = self.join.needs(expression)
        on_request = self.join.sources.groups_of(expression) == {REQUEST}
        return on_request and bool(needs) and needs <= self.bound and not needs <= before

    def _write(self, expression: Expression) -> Expression:
        return substitute(expression, self._write_leaf)

    def _write_leaf(self, leaf: Leaf) -> Expression:
        return Column(self.step_of[leaf.source], leaf.name) if isinstance(leaf, Column) else leaf
