"""Characters that no YAML file may hold (YAML 1.2.2, section 5.1), and how long a file may be."""

import re

from syncrules.diagnostics import Span
from syncrules.document.findings import Findings, GiveUpError
from syncrules.document.limits import CHARACTERS, LINES

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_characters(findings: Findings) -> None:
    """Report each forbidden character. Raises GiveUpError when there is one, or the file is too long."""
    text = findings.source.text
    if len(text) > CHARACTERS:
        findings.give_up(
            "document-too-long",
            f"the file has {len(text)} characters; at most {CHARACTERS} are read",
            Span(CHARACTERS, CHARACTERS + 1),
            "split the file, or check that it is the right one",
        )
    _check_lines(findings)
    last = None
    for last in _FORBIDDEN.finditer(text):
        code_point = f"U+{ord(last[0]):04X}"
        findings.add(
            "forbidden-character",
            f"the character {code_point} may not be in a YAML file",
            Span(*last.span()),
            "delete it, or write it as an escape between double quotes",
        )
    if last is not None:
        raise GiveUpError


def _check_lines(findings: Findings) -> None:
    text = findings.source.text
    lines = text.count("\n") + text.count("\r") - text.count("\r\n")
    if lines > LINES:
        findings.give_up(
            "too-many-lines",
            f"the file has {lines} lines; at most {LINES} are read",
            Span(0, 0),
            "split the file, or check that it is the right one",
        )
