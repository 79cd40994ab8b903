"""Collects what is wrong with a document, up to a limit, and knows when to give up."""

from typing import NoReturn

from syncrules.diagnostics import Diagnostic, Source, Span, in_order
from syncrules.document.limits import FINDINGS


class GiveUpError(Exception):
    """No node can be made; the findings say why."""


class Findings:
    """The diagnostics of one document."""

    __slots__ = ("_found", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self._found: list[Diagnostic] = []

    def add(self, code: str, message: str, span: Span, advice: str | None = None) -> None:
        """Report an error. Raises GiveUpError when there are FINDINGS of them already."""
        if len(self._found) == FINDINGS:
            self._found.append(
                Diagnostic(
                    "too-many-findings",
                    f"the file has more than {FINDINGS} errors; those after this place are not shown",
                    span,
                )
            )
            raise GiveUpError
        self._found.append(Diagnostic(code, message, span, help=advice))

    def give_up(self, code: str, message: str, span: Span, advice: str | None = None) -> NoReturn:
        """Report an error after which there is no node. Raises GiveUpError."""
        self.add(code, message, span, advice)
        raise GiveUpError

    def has_any_in(self, span: Span) -> bool:
        """Whether something has been found inside a span."""
        return any(span.start <= each.span.start and each.span.end <= span.end for each in self._found)

    def line(self, offset: int) -> int:
        """The number of the line, from 1, that holds a character of the file."""
        return self.source.position(offset).line

    def in_order(self) -> tuple[Diagnostic, ...]:
        """What was found, by place."""
        return in_order(self._found)
