"""Classes of expressions that must share one value, from the equalities of a branch.

Only keys, and comparisons between members, may use a class's value: to another expression 1 and 1.0
are different, so those read the row's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from syncrules.compile.formula import Equal
from syncrules.compile.sources import Group, Sources
from syncrules.plan.expression import Expression


@dataclass(frozen=True, slots=True)
class ValueClass:
    """Expressions with one value. Each reads one group, or none if it is a constant."""

    members: tuple[Expression, ...]

    def of_group(self, group: Group, sources: Sources) -> tuple[Expression, ...]:
        """The members that read exactly this group."""
        return tuple(member for member in self.members if sources.groups_of(member) == {group})


def value_classes(equalities: Iterable[Equal]) -> tuple[ValueClass, ...]:
    """The classes that equalities form: what is linked by a chain of them is in one class."""
    classes: list[list[Expression]] = []
    for equality in equalities:
        pair = (equality.left, equality.right)
        touched = [members for members in classes if any(side in members for side in pair)]
        merged = list(dict.fromkeys([*(member for members in touched for member in members), *pair]))
        classes = [members for members in classes if not any(members is other for other in touched)]
        classes.append(merged)
    return tuple(ValueClass(tuple(members)) for members in classes)
