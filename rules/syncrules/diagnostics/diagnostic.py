"""What can be said about a rules file: one value a finding, made into text only by a renderer.

Messages start in lower case, have no final stop and no line break, and put the user's own text in
backticks. The message says the fact; advice goes into `help`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from syncrules.diagnostics.source import Source, Span


class Severity(StrEnum):
    """How bad a finding is; an error means that no plan is made."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Edit:
    """The characters of a span, replaced."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding: a stable code, a message, the place, and what to do about it.

    `code` is kebab-case and names the pattern that was found (`unknown-key`), never the fix. `example` shows it:
    a row or a token, and what becomes of it. `edits` do what `help` says, where nothing else can have been meant.
    """

    code: str
    message: str
    span: Span
    severity: Severity = Severity.ERROR
    help: str | None = None
    example: str | None = None
    edits: tuple[Edit, ...] = ()


class RulesError(Exception):
    """A rules file cannot be used. `diagnostics` holds every finding, in the order of the text."""

    def __init__(self, source: Source, diagnostics: Iterable[Diagnostic]) -> None:
        self.source = source
        self.diagnostics = in_order(diagnostics)
        errors = [d for d in self.diagnostics if d.severity is Severity.ERROR]
        where = source.position(errors[0].span.start)
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{source.name}:{where.line}:{where.column}: {errors[0].message}{more}")


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Findings by place in the text, each once.

    >>> a, b = Diagnostic("x", "b", Span(5, 6)), Diagnostic("x", "a", Span(1, 2))
    >>> [d.message for d in in_order([a, b, a])]
    ['a', 'b']
    """
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span, d.code, d.message)))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any finding is an error."""
    return any(d.severity is Severity.ERROR for d in diagnostics)
