"""How values of a source database's own types become SQL values: what a rules file's `config:` chooses."""

from dataclasses import dataclass
from typing import Literal

Precision = Literal["seconds", "milliseconds", "microseconds", "nanoseconds"]


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """The forms of moments and of types that people define themselves.

    `timestamps` are `2030-01-31T12:00:00.000000Z`, always with as many digits as `precision` says (None is as many as
    the database keeps), or `2030-01-31 12:00:00Z` with the digits there are. Of `custom_types`, a domain is its base
    type and composite types and ranges are JSON objects; or all of them are texts as the database writes them.
    """

    timestamps: Literal["iso8601", "spaced"] = "spaced"
    precision: Precision | None = None
    custom_types: Literal["json", "text"] = "text"
