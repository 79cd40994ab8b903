"""Comments that say that a finding is meant: `# syncrules: ignore[code] why`, on its line or the one above.

A suppression without a reason suppresses nothing and is a finding itself, and so is one that nothing needs.
Errors cannot be suppressed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from syncrules.diagnostics import Diagnostic, Severity, Source, Span

_COMMENT: Final = re.compile(r"#\s*syncrules:\s*ignore\[(?P<codes>[^\]\n]*)\][ \t]*(?P<reason>[^\n]*)")


@dataclass(frozen=True, slots=True)
class _Suppression:
    codes: frozenset[str]
    lines: frozenset[int]
    reason: str
    span: Span


def suppressed(source: Source, findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings that no comment takes away, and what is wrong with the comments."""
    comments = [*_suppressions(source)]
    used: set[int] = set()
    for finding in findings:
        line = source.position(finding.span.start).line
        by = [
            place
            for place, comment in enumerate(comments)
            if comment.reason and line in comment.lines and finding.code in comment.codes
        ]
        used.update(by)
        if not by or finding.severity is Severity.ERROR:
            yield finding
    for place, comment in enumerate(comments):
        if not comment.reason:
            message = "the suppression gives no reason, so it suppresses nothing"
            advice = "write why after the bracket: `# syncrules: ignore[code] because …`"
            yield Diagnostic("suppression-without-reason", message, comment.span, Severity.WARNING, advice)
        elif place not in used:
            message = f"nothing here is suppressed by `{', '.join(sorted(comment.codes))}`"
            yield Diagnostic("unused-suppression", message, comment.span, Severity.WARNING, "remove the comment")


def _suppressions(source: Source) -> Iterator[_Suppression]:
    for found in _COMMENT.finditer(source.text):
        line = source.position(found.start()).line
        alone = source.line(line).lstrip().startswith("#")
        codes = frozenset(code.strip() for code in found["codes"].split(",") if code.strip())
        lines = frozenset({line + 1}) if alone else frozenset({line})
        yield _Suppression(codes, lines, found["reason"].strip(), Span(found.start(), found.end()))
