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
    names: dict[str, object] = {}
    parameters, lines = ["self"], []
    for field in fields(cls):  # type: ignore[arg-type]
        name = field.name
        names |= {f"set_{name}": getattr(cls, name).__set__, f"default_{name}": field.default}
        names |= {f"make_{name}": field.default_factory, "MISSING": MISSING}
        default = value = f"default_{name}"
        if field.default_factory is not MISSING:
            default, value = "MISSING", f"make_{name}()"
        if field.init:
            required = field.default is MISSING and field.default_factory is MISSING
            parameters.append(name if required else f"{name}={default}")
            value = f"make_{name}() if {name} is MISSING else {name}" if default == "MISSING" else name
        elif field.default is MISSING and field.default_factory is MISSING:
            continue
        lines.append(f"    set_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("    self.__post_init__()")
    exec("\n".join([f"def __init__({', '.join(parameters)}):", *(lines or ["    pass"])]), names)  # noqa: S102 (names of fields)
    made = names["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"  # type: ignore[attr-defined]
    cls.__init__ = made  # type: ignore[assignment]
    return cls
