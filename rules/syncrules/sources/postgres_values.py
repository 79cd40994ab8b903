"""What PostgreSQL's values are in SQL as rules see it: a reader of texts for each type of a column.

Integers, floats, booleans and `bytea` become INTEGER, REAL, 1 or 0, and BLOB. Arrays become JSON texts, moments take the
form that the rules file chooses, and all else is the text that the database writes. NULL stays NULL.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from syncrules.plan.source_format import SourceFormat
from syncrules.sources.postgres_text import Items, RangeText, array_items, composite_fields, range_text, range_texts
from syncrules.sources.postgres_time import moment, time_of_day
from syncrules.values.json_text import json_text, read_json
from syncrules.values.value import EvaluationError

Reader = Callable[[str], object]
"""Makes a value of its text: a SQL value, or the lists and mappings that JSON is made of."""

FIRST_CUSTOM_OID: Final = 16384
"""Types with lower numbers come with the server."""
_BOOLEANS: Final = {"t": 1, "f": 0}


@dataclass(frozen=True, slots=True)
class SourceType:
    """A type of the database's catalogue, as `pg_type` has it.

    `kind` is b(ase), c(omposite), d(omain), e(num), r(ange) or m(ultirange). `inner` is the type of an array's elements,
    of a domain's values, or of the bounds of a range or a multirange. `members` are those of a composite type.
    """

    oid: int
    name: str
    kind: str
    inner: int | None = None
    delimiter: str | None = None
    members: tuple[tuple[str, int], ...] = ()

    @property
    def is_array(self) -> bool:
        """Whether it is an array of another type."""
        return self.kind == "b" and self.inner is not None

    @property
    def is_custom(self) -> bool:
        """Whether it is of somebody's making, or of a kind that is made of other types."""
        return self.oid >= FIRST_CUSTOM_OID or self.kind != "b"


@dataclass(slots=True)
class ValueReaders:
    """The readers of a database's types, made once for each type."""

    types: Mapping[int, SourceType]
    form: SourceFormat
    _made: dict[int, Reader] = field(default_factory=dict)

    def column(self, oid: int) -> Reader:
        """The reader of a column of this type: it gives SQL values only."""
        read, found = self._reader(oid), self._base(oid)
        if found.name in ("json", "jsonb") and not found.is_custom:
            return str
        return (lambda text: _stored(read(text))) if found.kind in "crm" or found.is_array else read

    def _base(self, oid: int) -> SourceType:
        """The type that a domain's values are of."""
        found = self.types[oid]
        return self._base(found.inner) if found.kind == "d" and found.inner is not None else found

    def _reader(self, oid: int) -> Reader:
        if oid not in self._made:
            self._made[oid] = self._make(self.types[oid])
        return self._made[oid]

    def _make(self, found: SourceType) -> Reader:
        if found.kind == "b" and found.inner is None:
            return self._scalar(found)
        if self.form.custom_types == "text" and self._is_left(found):
            return str
        match found:
            case SourceType(kind="c"):
                members = [(name, self._reader(oid)) for name, oid in found.members]
                return lambda text: _members(text, members)
            case SourceType(inner=int() as inner):
                read = self._reader(inner)
            case _:
                return str
        match found.kind:
            case "d":
                return read
            case "r":
                return lambda text: _range(range_text(text), read)
            case "m":
                return lambda text: [_range(each, read) for each in range_texts(text)]
            case _:
                delimiter = found.delimiter or ","
                return lambda text: _elements(array_items(text, delimiter), read)

    def _is_left(self, found: SourceType) -> bool:
        """Whether an older service leaves values as the database writes them."""
        inner = None if found.inner is None else self.types[found.inner]
        return inner.is_custom if found.is_array and inner is not None else found.is_custom

    def _scalar(self, found: SourceType) -> Reader:
        if found.is_custom:
            return str
        match found.name:
            case "int2" | "int4" | "int8":
                return int
            case "float4" | "float8":
                return _real
            case "bool":
                return _BOOLEANS.__getitem__
            case "bytea":
                return lambda text: bytes.fromhex(text[2:])
            case "timestamp":
                return lambda text: moment(text, "", self.form)
            case "timestamptz":
                return lambda text: moment(text, "Z", self.form)
            case "time":
                return lambda text: time_of_day(text, self.form)
            case "json" | "jsonb":
                return _document
            case _:
                return str


def _real(text: str) -> float | None:
    """A float; SQL as rules see it has no NaN, which counts as NULL."""
    return None if text == "NaN" else float(text)


def _members(text: str, members: list[tuple[str, Reader]]) -> dict[str, object]:
    fields = composite_fields(text)
    return {name: _inside(value, read) for (name, read), value in zip(members, fields, strict=False)}


def _elements(items: Items, read: Reader) -> list[object]:
    return [_elements(item, read) if isinstance(item, list) else _inside(item, read) for item in items]


def _range(found: RangeText | None, read: Reader) -> object:
    if found is None:
        return "empty"
    return {
        "lower": _inside(found.lower, read),
        "upper": _inside(found.upper, read),
        "lower_exclusive": found.is_lower_exclusive,
        "upper_exclusive": found.is_upper_exclusive,
    }


def _inside(text: str | None, read: Reader) -> object:
    """A value inside of JSON, which has no place for bytes."""
    value = None if text is None else read(text)
    return None if isinstance(value, bytes) else value


def _document(text: str) -> object:
    """A JSON document inside of another; one that is too deep or has a key twice stays a text."""
    try:
        return read_json(text)
    except EvaluationError:
        return text


def _stored(value: object) -> object:
    return json_text(value) if isinstance(value, list | dict) else value
