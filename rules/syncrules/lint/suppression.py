"""Comments that say that a finding is meant: `# syncrules: ignore[code] why`, on its line or the one above.

A suppression without a reason suppresses nothing and is a finding itself, and so is one that nothing needs (which
can be told only of a file that compiles, with a schema).
Errors cannot be suppressed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from syncrules.diagnostics import Diagnostic, Edit, Severity, Source, Span

_COMMENT: Final = re.compile(r"#\s*syncrules:\s*ignore\[(?P<codes>[^\]\n]*)\][ \t]*(?P<reason>[^\n]*)")


@dataclass(frozen=True, slots=True)
class _Suppression:
    codes: frozenset[str]
    lines: frozenset[int]
    reason: str
    span: Span


def suppressed(source: Source, findings: Iterable[Diagnostic], *, complete: bool) -> Iterator[Diagnostic]:
    """The findings that no comment takes away, and what is wrong with the comments.

    Whether a comment is needed is known only where the findings are `complete`.
    """
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
        elif complete and place not in used:
            message = f"nothing here is suppressed by `{', '.join(sorted(comment.codes))}`"
            removed = Edit(_with_blanks(source, comment.span), "")
            yield Diagnostic(
                "unused-suppression", message, comment.span, Severity.WARNING, "remove the comment", edits=(removed,)
            )


def _with_blanks(source: Source, comment: Span) -> Span:
    """A comment with the blanks before it; its whole line if nothing else is on it."""
    text, start, end = source.text, comment.start, comment.end
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    if (start == 0 or text[start - 1] == "\n") and text[end : end + 1] == "\n":
        end += 1
    return Span(start, end)


def _suppressions(source: Source) -> Iterator[_Suppression]:
    for found in _COMMENT.finditer(source.text):
        line = source.position(found.start()).line
        alone = source.line(line).lstrip().startswith("#")
        codes = frozenset(code.strip() for code in found["codes"].split(",") if code.strip())
        lines = frozenset({line + 1}) if alone else frozenset({line})
        yield _Suppression(codes, lines, found["reason"].strip(), Span(found.start(), found.end()))
