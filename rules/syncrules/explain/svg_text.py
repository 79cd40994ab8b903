"""Text inside an SVG picture."""

import re
from typing import Final
from xml.sax.saxutils import escape

_NOT_IN_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Text in XML, which has no control characters.

    >>> xml_text("a < b")
    'a &lt; b'
    """
    return escape(_NOT_IN_XML.sub("\ufffd", text))


def cut(text: str, letters: int) -> str:
    """A text of so many letters at most.

    >>> cut("members", 4)
    'mem…'
    """
    return text if len(text) <= letters else text[: letters - 1] + "…"
