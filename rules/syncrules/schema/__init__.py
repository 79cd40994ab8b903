"""Source tables and columns: which ones a query names, and what is known of them."""

from syncrules.schema.pattern import NamePattern, TablePattern
from syncrules.schema.tables import Schema

__all__ = ["NamePattern", "Schema", "TablePattern"]
