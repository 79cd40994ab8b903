"""Foreign text inside messages and log lines: on one line, printable ASCII, clipped, in backticks."""

import json
from typing import Final

SHORT: Final = 64
LONG: Final = 200


def quoted(value: object, limit: int = SHORT) -> str:
    r"""A value as JSON writes it, without the quotes of a string, at most `limit` characters.

    >>> quoted("a\nb`c")
    "`a\\nb'c`"
    >>> quoted("x" * 100, 5)
    '`xxxxx…`'
    >>> quoted(["a", 1])
    '`["a", 1]`'
    """
    try:
        text = json.dumps(value[: limit + 1])[1:-1] if isinstance(value, str) else json.dumps(value, default=_plain)
    except (TypeError, ValueError, RecursionError):
        # YAML can hold what JSON cannot: a list that holds itself, or keys that are no texts.
        text = f"<{type(value).__name__}>"
    text = text.replace("`", "'")
    return f"`{text[:limit]}…`" if len(text) > limit else f"`{text}`"


def _plain(value: object) -> object:
    match value:
        case dict():
            return value
        case _ if hasattr(value, "items"):
            return dict(value.items())
        case _:
            return f"<{type(value).__name__}>"
