"""Frozen dataclasses that are made often: the same, in little more than half the time.

The `__init__` that `dataclass(frozen=True)` writes goes by name through `object.__setattr__` for each field, because the class
refuses assignments. A slot's own descriptor does without the name, and without the refusal.
"""

from dataclasses import MISSING, fields
from typing import TypeVar

T = TypeVar("T")


def through_slots(cls: type[T]) -> type[T]:
    """Has instances of a `dataclass(frozen=True, slots=True)` made through its slots. Nothing else about it changes.

    >>> from dataclasses import dataclass
    >>> @through_slots
    ... @dataclass(frozen=True, slots=True)
    ... class Point:
    ...     x: int
    ...     y: int = 0
    >>> Point(1), Point(1) == Point(y=0, x=1)
    (Point(x=1, y=0), True)
    """
    names: dict[str, object] = {"MISSING": MISSING}
    parameters, lines = ["self"], []
    for field in fields(cls):  # type: ignore[arg-type]
        assert not field.kw_only, "fields are told apart by their place"
        name = field.name
        names |= {f"set_{name}": getattr(cls, name).__set__, f"default_{name}": field.default}
        names[f"make_{name}"] = field.default_factory
        if not field.init:
            assert field.default_factory is MISSING, "what is made anew is made by __post_init__"
            if field.default is not MISSING:
                lines.append(f"    set_{name}(self, default_{name})")
        elif field.default_factory is not MISSING:
            parameters.append(f"{name}=MISSING")
            lines.append(f"    set_{name}(self, make_{name}() if {name} is MISSING else {name})")
        else:
            parameters.append(name if field.default is MISSING else f"{name}=default_{name}")
            lines.append(f"    set_{name}(self, {name})")
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    exec("\n".join([f"def __init__({', '.join(parameters)}):", *(lines or ["    pass"])]), names)  # noqa: S102 (names of fields)
    made = names["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"  # type: ignore[attr-defined]
    cls.__init__ = made  # type: ignore[assignment]
    return cls
