"""Reads a file into its node."""

from syncrules.diagnostics import Diagnostic, Source, Span
from syncrules.document.characters import check_characters
from syncrules.document.compose import Composer
from syncrules.document.events import Text
from syncrules.document.findings import Findings, GiveUpError
from syncrules.document.mapped_text import MappedText
from syncrules.document.node import Node, Scalar


def read(source: Source) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    r"""The document in a file, and what is wrong with it, in the order of the file.

    The node is None only if an error says why; a file without content is the scalar None with an
    empty span. Besides None, errors leave a node that lacks the part they speak of. Nothing that
    the text may hold raises an exception.

    >>> node, diagnostics = read(Source("a.yaml", "a: 1\na: 2"))
    >>> diagnostics[0].message, diagnostics[0].help
    ('the key `a` is in this mapping already', 'the first `a` is on line 1; remove or rename one of them')
    """
    findings = Findings(source)
    try:
        check_characters(findings)
        text = Text(findings)
        composer = Composer(text)
        for event in text.events():
            composer.take(event)
    except GiveUpError:
        return None, findings.in_order()
    node = composer.node
    if node is None:
        node = Scalar(None, MappedText("", (), text.offset), Span(text.offset, text.offset))
    return node, findings.in_order()
