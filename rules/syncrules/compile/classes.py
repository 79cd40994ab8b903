"""Classes of expressions that must share one value, from the equalities of a branch.

Only keys, and comparisons between members, may use a class's value: to another expression 1 and 1.0
are different, so those read the row's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from syncrules.compile.formula import Equal
from syncrules.compile.sources import Group, Sources
from syncrules.plan.expression import Expression
from syncrules.values.frozen import through_slots


@through_slots
@dataclass(frozen=True, slots=True)
class ValueClass:
    """Expressions with one value. Each reads one group, or none if it is a constant: `groups` says which."""

    members: tuple[Expression, ...]
    groups: tuple[frozenset[Group], ...] = field(compare=False, repr=False)

    def of_group(self, group: Group) -> list[Expression]:
        """The members that read exactly this group."""
        only = {group}
        return [member for place, member in enumerate(self.members) if self.groups[place] == only]


def value_classes(equalities: Iterable[Equal], sources: Sources) -> tuple[ValueClass, ...]:
    """The classes that equalities form: what is linked by a chain of them is in one class."""
    classes: list[list[Expression]] = []
    for equality in equalities:
        pair = (equality.left, equality.right)
        touched = [members for members in classes if any(side in members for side in pair)]
        merged = list(dict.fromkeys([*(member for members in touched for member in members), *pair]))
        classes = [members for members in classes if not any(members is other for other in touched)]
        classes.append(merged)
    return tuple([ValueClass(tuple(members), tuple(map(sources.groups_of, members))) for members in classes])
