"""Which source tables a query reads: exact names, or wildcards that end in `%`."""

from dataclasses import dataclass
from typing import Literal

from syncrules.values.frozen import through_slots


@through_slots
@dataclass(frozen=True, slots=True)
class NamePattern:
    """One name exactly, or every name that starts with `text`. Case matters, and `_` is itself.

    >>> NamePattern("log_", "prefix").matches("log_2030")
    True
    """

    text: str
    match: Literal["exact", "prefix"] = "exact"

    def matches(self, name: str) -> bool:
        """Whether a name fits."""
        return name.startswith(self.text) if self.match == "prefix" else name == self.text

    def suffix(self, name: str) -> str | None:
        """What the wildcard stands for in a name that fits; None without a wildcard."""
        return name[len(self.text) :] if self.match == "prefix" else None

    def __str__(self) -> str:
        """The name as a rules file writes it, `%` standing for the rest of a wildcard."""
        return self.text if self.match == "exact" else f"{self.text}%"


@through_slots
@dataclass(frozen=True, slots=True)
class TablePattern:
    """Which source tables. `tag` names a source connection; None is the default one."""

    schema: NamePattern
    name: NamePattern
    tag: str | None = None

    def __str__(self) -> str:
        """`schema.name`, after `tag.` where there is one."""
        return f"{self.tag}.{self.schema}.{self.name}" if self.tag else f"{self.schema}.{self.name}"
