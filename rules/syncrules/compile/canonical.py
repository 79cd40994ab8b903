"""One order for what a query may say in any order, so that two spellings of it become one plan."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def canonical(items: Iterable[T], by: Callable[[T], object]) -> list[T]:
    """The items in the order of what `by` makes of each, written out.

    >>> canonical([3, 1, 2], by=lambda number: -number)
    [1, 2, 3]
    """
    found = list(items)
    return sorted(found, key=lambda item: repr(by(item))) if len(found) > 1 else found
