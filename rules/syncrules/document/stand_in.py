"""A text of the same length that makes a YAML 1.1 parser see what YAML 1.2 says.

libyaml finds tokens by the rules of YAML 1.1 and of its own. Where it would differ silently, or
refuse what is valid, the text that it is given has another character in the same place. Only places
are taken from its answer; the values are decoded from the file itself.

- U+0085, U+2028 and U+2029 are no line breaks in YAML 1.2, and a byte order mark after the first
  character is no white space.
- `#` begins a comment only after white space.
- `?` before a character of a plain scalar belongs to it, in flow collections as well.
- A surrogate pair written as two escapes is one character (JSON).
- A line that holds only white space is blank, whether or not the white space has tabs.
- A tab may begin the first line of a block scalar's text after its indentation.
"""

import re

ORDINARY = "\ue000"
"""A character without meaning in YAML."""

_LETTER = re.compile(r"[\x85\u2028\u2029\ufeff]|(?<=\S)#|\?(?=[^\s,\[\]{}])")
_BLANKS = re.compile(r"(?<![^\r\n])[ \t]++(?![^\r\n])")
_ESCAPE = re.compile(r"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|.)")
_SPACES_TAB = re.compile(r" ++\t")
_LINES = re.compile(r"[^\r\n]*+(?:\r\n?|\n)?")


def stand_in(text: str) -> str:
    """The text to parse instead of `text`, which begins after a byte order mark."""
    if "\t" in text:
        text = _hide_first_tabs(_BLANKS.sub(_spaces, text))
    if "\\u" in text:
        text = _ESCAPE.sub(_hide_pair, text)
    return _LETTER.sub(ORDINARY, text)


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _hide_pair(match: re.Match[str]) -> str:
    """An escape of the same length that libyaml takes, and that is as inert outside quotes."""
    return r"\_" * 6 if match["pair"] else match[0]


def _hide_first_tabs(text: str) -> str:
    """Hide the tab that ends the indentation of a line, wherever a block scalar may have begun.

    The line before with text has `|` or `>` then. If that was no block scalar, the tab is found in
    another kind of node: white space inside of one is decoded as such, and a node cannot begin
    with it (see `scalars`).
    """
    lines: list[str] = []
    before = ""
    for line in _LINES.findall(text):
        shown = line
        if line.strip(" \r\n"):
            tab = _SPACES_TAB.match(line)
            if tab and ("|" in before or ">" in before):
                shown = line[: tab.end() - 1] + ORDINARY + line[tab.end() :]
            before = line
        lines.append(shown)
    return "".join(lines)
