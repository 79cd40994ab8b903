"""The file holds characters that change how the text is shown, or that cannot be seen.

Characters that turn the direction of writing, and those without width, let a text look like another one than the
computer reads: in a review, a condition may seem to be there that is not.

**Avoid** any of U+061C, U+200B, U+200E, U+200F, U+202A to U+202E, U+2060, U+2066 to U+2069 and U+FEFF inside a rules file.
The joiners of emoji and of some scripts are left alone.

**Prefer** escapes in a double-quoted text, such as `"\\u202e"`, where such a character is meant.

**When it is fine**: in a comment written in a language that needs them. Suppress it there with a reason.
"""

import re
from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity, Span
from syncrules.lint.subject import Subject

SEVERITY = Severity.ERROR
_HIDDEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069]|(?<=.)\ufeff")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Each such character of the text."""
    for found in _HIDDEN.finditer(subject.source.text):
        message = f"a character that cannot be seen (U+{ord(found[0]):04X}) changes how this text looks"
        yield Diagnostic("hidden-characters", message, Span(*found.span()), SEVERITY, "remove it, or write an escape")
