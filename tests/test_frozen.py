"""`through_slots` changes how fast a frozen dataclass is made, and nothing else."""

import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, make_dataclass, replace
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import syncrules
from syncrules.values.frozen import through_slots

KINDS: dict[str, dict[str, Any]] = {
    "required": {},
    "default": {"default": 7},
    "none": {"default": None},
    "factory": {"default_factory": list},
    "kept back": {"default": "x", "init": False},
    "left out of equality": {"default": (), "compare": False, "repr": False},
}


def in_order(kinds: list[str]) -> list[str]:
    """The kinds as a dataclass takes them: those without a default first."""
    return sorted(kinds, key=lambda kind: kind != "required")


def outcome(cls: type, arguments: tuple[object, ...], named: dict[str, object]) -> object:
    try:
        made = cls(*arguments, **named)
    except TypeError as error:
        return str(error)
    return repr(made), hash(tuple(map(repr, (getattr(made, each.name) for each in fields(made)))))


@given(st.data())
def test_instances_are_those_of_the_dataclass(data: st.DataObject) -> None:
    kinds = in_order(data.draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=6)))
    names = [f"f{number}" for number in range(len(kinds))]
    spec = [(name, Any, field(**KINDS[kind])) for name, kind in zip(names, kinds, strict=True)]
    plain = make_dataclass("Made", spec, frozen=True, slots=True)
    again = [(name, Any, field(**KINDS[kind])) for name, kind in zip(names, kinds, strict=True)]
    direct = through_slots(make_dataclass("Made", again, frozen=True, slots=True))
    arguments = tuple(data.draw(st.lists(st.integers(), max_size=7)))
    named = data.draw(st.dictionaries(st.sampled_from([*names, "other"]), st.integers(), max_size=3))
    assert outcome(plain, arguments, named) == outcome(direct, arguments, named)


@through_slots
@dataclass(frozen=True, slots=True)
class Point:
    """A class with all that there is."""

    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)
    total: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError(self.x)
        object.__setattr__(self, "total", self.x + self.y)


def test_it_stays_frozen_and_does_what_dataclasses_do() -> None:
    point = Point(1)
    assert point == Point(x=1, y=2, tags=[])
    assert point.total == 3
    assert replace(point, y=5).total == 6
    assert pickle.loads(pickle.dumps(point)) == point
    assert Point(1).tags is not Point(1).tags
    match point:
        case Point(x, y):
            assert (x, y) == (1, 2)
    with pytest.raises(FrozenInstanceError):
        point.x = 5  # type: ignore[misc]
    with pytest.raises(ValueError, match="-1"):
        Point(-1)


def test_every_class_that_is_made_so_takes_what_its_fields_say() -> None:
    found: set[type] = set()
    for module in walk_packages(syncrules.__path__, "syncrules."):
        if not module.name.endswith("__main__"):
            found |= {each for each in vars(import_module(module.name)).values() if is_made_through_slots(each)}
    for cls in found:
        expected = [each.name for each in fields(cls) if each.init]
        assert expected == [*inspect.signature(cls).parameters], cls
    assert len(found) > 30


def is_made_through_slots(value: object) -> bool:
    code = getattr(getattr(value, "__init__", None), "__code__", None)
    return (
        inspect.isclass(value) and code is not None and code.co_filename == "<string>" and "set_" in str(code.co_names)
    )
