"""A word mixes letters of several alphabets that look alike.

The Cyrillic `а` and the Latin `a` look the same and are not: a condition on `\u0430dmin` is not one on `admin`. Whoever
reviews the file cannot see it.

**Avoid** (the first letter is Cyrillic)

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind = 'аdmin'
```

**Prefer**

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id() AND kind = 'admin'
```

**When it is fine**: never, in a name; a brand that is really spelled so can be suppressed.
"""

import re
import unicodedata
from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity, Span
from syncrules.lint.subject import Subject

SEVERITY = Severity.ERROR
_WORD = re.compile(r"\w+")
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Words with letters of two alphabets or more, in queries and in names of streams."""
    for query in subject.queries:
        for word in () if query.text.text.isascii() else _WORD.finditer(query.text.text):
            yield from _mixed(word[0], query.text.span(*word.span()))
    for stream in subject.plan.streams:
        place = subject.source.text.find(stream)
        yield from _mixed(stream, Span(max(place, 0), max(place, 0) + len(stream)))


def _mixed(word: str, span: Span) -> Iterator[Diagnostic]:
    scripts = set() if word.isascii() else {unicodedata.name(letter, "").partition(" ")[0] for letter in word} & _ALIKE
    if len(scripts) > 1:
        named = " and ".join(sorted(script.capitalize() for script in scripts))
        message = f"`{word}` mixes {named} letters"
        yield Diagnostic("mixed-scripts", message, span, SEVERITY, "write it in the letters of one alphabet")
