"""How much a document may hold: every limit, and how a text is cut short in a message."""

CHARACTERS = 5 * 1024 * 1024
"""Length of the file, in characters (`document-too-long`)."""

LINES = 200_000
"""Lines of the file (`too-many-lines`)."""

DEPTH = 100
"""Collections inside each other, counted through aliases (`nested-too-deeply`)."""

NODES = 100_000
"""Scalars and collections as written (`too-many-nodes`)."""

NODES_AFTER_ALIASES = 200_000
"""Scalars and collections after every alias is replaced by its node (`aliases-expand-too-far`)."""

NUMBER_LENGTH = 400
"""Characters of a number (`number-too-long`); the largest double written out has 309 digits."""

FINDINGS = 100
"""Diagnostics for one file (`too-many-findings`)."""

QUOTED_LENGTH = 60
"""Characters of the user's text that a message repeats."""


def quoted(text: str) -> str:
    r"""The user's text in backticks: on one line, visible, and not too long.

    >>> print(quoted("a\tb"), quoted("x" * 100))
    `a\tb` `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`
    """
    shown = text if len(text) <= QUOTED_LENGTH else text[:QUOTED_LENGTH] + "…"
    return f"`{''.join(c if c.isprintable() else _escaped(c) for c in shown)}`"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
