"""Edits of a text: applied together where they do not touch each other, and shown as a unified diff."""

import difflib
from collections.abc import Iterable

from syncrules.diagnostics import Edit


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with each edit made; of edits that overlap, the first stands.

    >>> from syncrules.diagnostics import Span
    >>> apply_edits("a b c", [Edit(Span(0, 1), "x"), Edit(Span(4, 5), "")])
    'x b '
    """
    pieces: list[str] = []
    done = 0
    for edit in sorted(set(edits), key=lambda each: (each.span, each.text)):
        if edit.span.start >= done:
            pieces += [text[done : edit.span.start], edit.text]
            done = edit.span.end
    return "".join([*pieces, text[done:]])


def diff(name: str, before: str, after: str) -> str:
    """A unified diff that `patch` takes; empty if nothing changed."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, name, name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
