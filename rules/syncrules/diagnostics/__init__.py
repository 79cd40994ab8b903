"""What can be said about a rules file, and the text it is said of."""

from syncrules.diagnostics.diagnostic import Diagnostic, Edit, RulesError, Severity, has_errors, in_order
from syncrules.diagnostics.render_line import render_line
from syncrules.diagnostics.source import Position, Source, Span

__all__ = [
    "Diagnostic",
    "Edit",
    "Position",
    "RulesError",
    "Severity",
    "Source",
    "Span",
    "has_errors",
    "in_order",
    "render_line",
]
