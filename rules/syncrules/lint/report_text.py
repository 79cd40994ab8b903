"""Findings for people: the line itself, what is wrong with it, and what to do."""

from collections import Counter
from collections.abc import Callable, Sequence

from syncrules.diagnostics import Severity
from syncrules.lint.finding import Finding

Style = Callable[[str, Severity], str]
"""Puts colour on a text by how bad it is; does nothing where there is no terminal."""


def report_text(findings: Sequence[Finding], style: Style = lambda text, _: text) -> str:
    """Each finding as an excerpt with carets under it, and a summary.

    >>> from syncrules.diagnostics import Diagnostic, Source, Span
    >>> found = Finding(Source("r.yaml", "a: whre"), Diagnostic("unknown-key", "no key `whre`", Span(3, 7), help="`where`?"))
    >>> print(report_text([found]))
    error[unknown-key]: no key `whre`
      --> r.yaml:1:4
      |
    1 | a: whre
      |    ^^^^
      = `where`?
    <BLANKLINE>
    1 error
    """
    blocks = [_block(finding, style) for finding in findings]
    return "\n".join([*blocks, _summary(findings)])


def _block(finding: Finding, style: Style) -> str:
    diagnostic, start, end = finding.diagnostic, finding.start, finding.end
    line = finding.source.line(start.line)
    last = end.column - 1 if end.line == start.line else len(line)
    visible = line[: start.column - 1]
    # A tab takes the same room in the line of carets.
    indent = "".join("\t" if character == "\t" else " " for character in visible)
    carets = "^" * max(last - start.column + 1, 1)
    gutter = " " * len(str(start.line))
    lines = [
        f"{style(f'{diagnostic.severity}[{diagnostic.code}]', diagnostic.severity)}: {diagnostic.message}",
        f"{gutter} --> {finding.source.name}:{start.line}:{start.column}",
        f"{gutter} |",
        f"{start.line} | {line}",
        f"{gutter} | {indent}{style(carets, diagnostic.severity)}",
    ]
    if diagnostic.example:
        lines.append(f"{gutter} = for example, {diagnostic.example}")
    if diagnostic.help:
        lines.append(f"{gutter} = {diagnostic.help}")
    return "\n".join([*lines, ""])


def _summary(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.diagnostic.severity for finding in findings)
    words = [f"{counts[level]} {level}{'' if counts[level] == 1 else 's'}" for level in Severity if counts[level]]
    return ", ".join(words) or "nothing found"
