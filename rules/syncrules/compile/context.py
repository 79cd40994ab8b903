"""What every front end is given: where findings go, what is known of the database, the fragment so far."""

from dataclasses import dataclass, field

from syncrules.compile.findings import Findings
from syncrules.compile.fragment import Draft
from syncrules.compile.options import Options
from syncrules.diagnostics import Span
from syncrules.document import MappedText
from syncrules.schema import Schema
from syncrules.syntax import Grammar, parse_query
from syncrules.syntax import nodes as n


@dataclass(frozen=True, slots=True)
class Context:
    """One compilation. `schema` None means that nothing is known of the source tables.

    `queries` are those of the file that could be read, by their text.
    """

    options: Options
    findings: Findings
    draft: Draft
    schema: Schema | None
    default_schema: str
    queries: dict[MappedText, n.Query] = field(default_factory=dict)

    def error(self, code: str, message: str, span: Span, instead: str | None = None) -> None:
        """Reports an error."""
        self.findings.error(code, message, span, instead)

    def parse(self, grammar: Grammar, text: MappedText) -> n.Query | None:
        """The query written in a text of the file; None, with findings, if there is none."""
        query, diagnostics = parse_query(grammar, text)
        self.findings.diagnostics.extend(diagnostics)
        if query is not None:
            self.queries[text] = query
        return query
