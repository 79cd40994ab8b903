"""The events of a YAML text, from libyaml, with places in the file."""

from collections.abc import Iterator

import yaml

from syncrules.diagnostics import Span
from syncrules.document.findings import Findings
from syncrules.document.marks import index
from syncrules.document.stand_in import stand_in
from syncrules.document.syntax_errors import report

BYTE_ORDER_MARK = "\ufeff"


class Text:
    """A file's text as the parser sees it.

    `shown` has the length of the file's own text, so that places agree; `offset` is what lies
    before the first character that the parser sees.
    """

    __slots__ = ("_seen", "findings", "offset", "own", "shown")

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.own = findings.source.text
        self.offset = 1 if self.own.startswith(BYTE_ORDER_MARK) else 0
        self._seen = stand_in(self.own[self.offset :])
        self.shown = BYTE_ORDER_MARK * self.offset + self._seen

    def events(self) -> Iterator[yaml.Event]:
        """The events in the order of the file. Raises GiveUpError at a syntax error."""
        try:
            yield from yaml.parse(self._seen, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            report(error, self.offset, self.findings)

    def span(self, event: yaml.Event) -> Span:
        """What an event covers, with tag and anchor."""
        return Span(index(event.start_mark) + self.offset, index(event.end_mark) + self.offset)
