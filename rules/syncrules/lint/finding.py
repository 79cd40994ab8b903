"""A finding with the file it is in, and how much findings weigh."""

import hashlib
from dataclasses import dataclass
from typing import Final

from syncrules.diagnostics import Diagnostic, Position, Severity, Source

LEVELS: Final = {Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, in which text."""

    source: Source
    diagnostic: Diagnostic

    @property
    def start(self) -> Position:
        """Where it begins."""
        return self.source.position(self.diagnostic.span.start)

    @property
    def end(self) -> Position:
        """Where it ends, behind its last character."""
        return self.source.position(self.diagnostic.span.end)

    @property
    def fingerprint(self) -> str:
        """A name for the finding that lines added elsewhere do not change: its code, file, text and message."""
        parts = (
            self.diagnostic.code,
            self.source.name,
            self.source.slice(self.diagnostic.span),
            self.diagnostic.message,
        )
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
