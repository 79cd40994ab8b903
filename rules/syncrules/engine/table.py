"""Source tables at run time: where a row comes from, and which rules its table's name matches."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from syncrules.schema import TablePattern


class SourceTable(NamedTuple):
    """The table a source row comes from. `tag` None is the default connection."""

    name: str
    schema: str = "public"
    tag: str | None = None

    @classmethod
    def parse(cls, text: str, default_schema: str = "public") -> Self:
        """The table written `table` or `schema.table`.

        >>> SourceTable.parse("audit.log")
        SourceTable(name='log', schema='audit', tag=None)
        """
        schema, _, name = text.rpartition(".")
        return cls(name, schema or default_schema)

    def matches(self, pattern: TablePattern) -> bool:
        """Whether a rule's pattern means this table."""
        return pattern.tag == self.tag and pattern.schema.matches(self.schema) and pattern.name.matches(self.name)


def matching(table: SourceTable, patterns: Iterable[TablePattern]) -> tuple[int, ...]:
    """The places of the patterns that mean a table."""
    return tuple(place for place, pattern in enumerate(patterns) if table.matches(pattern))
