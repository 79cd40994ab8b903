"""Diagnostics as single lines, the way compilers write them: editors and grep understand that."""

from syncrules.diagnostics.diagnostic import Diagnostic
from syncrules.diagnostics.source import Source


def render_line(diagnostic: Diagnostic, source: Source) -> str:
    """`file:line:column: severity[code]: message (help)`.

    >>> from syncrules.diagnostics.source import Span
    >>> render_line(Diagnostic("unknown-key", "no key `whre`", Span(2, 6)), Source("r.yaml", "a:whre"))
    'r.yaml:1:3: error[unknown-key]: no key `whre`'
    """
    place = source.position(diagnostic.span.start)
    advice = f" ({diagnostic.help})" if diagnostic.help else ""
    where = f"{source.name}:{place.line}:{place.column}"
    return f"{where}: {diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}{advice}"
