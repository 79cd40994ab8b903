"""The record of a function or an operator: one place for its meaning, type, documentation and examples."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from syncrules.values.kinds import Kind, Kinds
from syncrules.values.semantics import Semantics
from syncrules.values.value import SqlValue


class Language(StrEnum):
    """Which files may call a function: `SYNC_RULES` also stands for streams of edition 2."""

    SYNC_RULES = "sync-rules"
    SYNC_STREAMS = "sync-streams"


EVERYWHERE: Final = frozenset(Language)

Implementation = Callable[..., SqlValue]
ResultKinds = Callable[[tuple[Kinds, ...]], Kinds]


@dataclass(frozen=True, slots=True)
class Example:
    """An expression and its value, under both semantics and in both languages unless one is named.

    Every one is a test.
    """

    sql: str
    value: SqlValue
    semantics: Semantics | None = None
    language: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function that queries call by name, or an operator.

    An implementation of a `strict` function is never called with NULL: the caller answers NULL.
    `maximum` is None where any number of arguments may follow. `result` gives the static type from the
    types of the arguments. An implementation raises EvaluationError where the data has no answer.
    """

    name: str
    minimum: int
    maximum: int | None
    strict: bool
    sqlite: Implementation
    powersync: Implementation
    result: ResultKinds
    doc: str
    examples: tuple[Example, ...]
    languages: frozenset[Language] = EVERYWHERE

    @property
    def signature(self) -> str:
        """How a call is written: the implementation's parameters, and which of them may be left out.

        >>> from syncrules.functions import FUNCTIONS
        >>> FUNCTIONS["substring"].signature, FUNCTIONS["ifnull"].signature
        ('substring(value, start[, length])', 'ifnull(value, value[, value …])')
        """
        from inspect import Parameter, signature

        names: list[str] = []
        more = ""
        for parameter in signature(self.sqlite).parameters.values():
            if parameter.kind is Parameter.VAR_POSITIONAL:
                repeated = parameter.name.removesuffix("s")
                names += [repeated] * (self.minimum - len(names))
                more = f"[, {repeated} …]"
            else:
                names.append(parameter.name)
        optional = "".join(f"[, {name}]" for name in names[self.minimum :])
        return f"{self.name}({', '.join(names[: self.minimum])}{optional}{more})"

    def implementation(self, semantics: Semantics) -> Implementation:
        """The implementation under one semantics."""
        return self.sqlite if semantics is Semantics.SQLITE else self.powersync


def always(*kinds: Kind) -> ResultKinds:
    """The type of a function that gives these storage classes, whatever its arguments are.

    >>> always(Kind.INTEGER)(())
    frozenset({<Kind.INTEGER: 'integer'>})
    """
    fixed = frozenset(kinds)
    return lambda _arguments: fixed


def nullable(*kinds: Kind) -> ResultKinds:
    """The type of a strict function: these, and NULL where an argument may be NULL.

    >>> sorted(nullable(Kind.TEXT)((frozenset({Kind.NULL}),)))
    [<Kind.NULL: 'null'>, <Kind.TEXT: 'text'>]
    """
    fixed = frozenset(kinds)
    with_null = fixed | {Kind.NULL}
    return lambda arguments: with_null if any(Kind.NULL in kinds for kinds in arguments) else fixed


def table(*functions: Function) -> dict[str, Function]:
    """Functions by name. Raises ValueError if two have one name: that is a mistake in this package."""
    named = {function.name: function for function in functions}
    if len(named) != len(functions):
        message = "two functions have one name"
        raise ValueError(message)
    return named
