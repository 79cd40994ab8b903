"""What every front end is given: where findings go, what is known of the database, the plan so far."""

from dataclasses import dataclass

from syncrules.compile.assembly import Assembly
from syncrules.compile.findings import Findings
from syncrules.compile.options import Options
from syncrules.diagnostics import Span
from syncrules.schema import Schema


@dataclass(frozen=True, slots=True)
class Context:
    """One compilation. `schema` None means that nothing is known of the source tables."""

    options: Options
    findings: Findings
    assembly: Assembly
    schema: Schema | None
    default_schema: str

    def error(self, code: str, message: str, span: Span, instead: str | None = None) -> None:
        """Reports an error."""
        self.findings.error(code, message, span, instead)
