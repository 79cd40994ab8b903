"""What came of a database's SQL."""

from dataclasses import dataclass

from syncrules.schema.catalogue import Name
from syncrules.schema.tables import Schema


@dataclass(frozen=True, slots=True)
class SchemaNote:
    """A statement that could not be used, where it begins, and why."""

    file: str
    start: int
    message: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """What a database's SQL defines, and what of it could not be read. Views are named in `views`."""

    schema: Schema
    notes: tuple[SchemaNote, ...]
    views: tuple[Name, ...]
