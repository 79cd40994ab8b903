"""Where the compiler writes down what it finds, so that one run reports every mistake of a file."""

from dataclasses import dataclass, field

from syncrules.diagnostics import Diagnostic, Edit, Severity, Span


@dataclass(slots=True)
class Findings:
    """Diagnostics in the order they were found."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, message: str, span: Span, instead: str | None = None, *edits: Edit) -> None:
        """The file cannot be used; `instead` says what to do, and `edits` do it."""
        self.diagnostics.append(Diagnostic(code, message, span, Severity.ERROR, instead, edits=edits))

    def warning(self, code: str, message: str, span: Span, instead: str | None = None, *edits: Edit) -> None:
        """The file can be used, but probably does not say what was meant."""
        self.diagnostics.append(Diagnostic(code, message, span, Severity.WARNING, instead, edits=edits))
