"""Rows of Arrow record batches, with the values that a database's rows of the same types would have.

Columns are converted one by one, and rows are put together at the end. Needs the extra `arrow`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from syncrules.plan.source_format import SourceFormat
from syncrules.sources.postgres_time import moment, time_of_day
from syncrules.values.json_text import json_text
from syncrules.values.row import Row, checked_value

if TYPE_CHECKING:
    import pyarrow as pa

Values = list[Any]


class ColumnTypeError(Exception):
    """A column of a batch has a type that no source database has."""

    def __init__(self, column: str, kind: object) -> None:
        super().__init__(f"the column `{column}` has the type {kind}, which no value of SQL is made of")
        self.column: Final = column


class _NoValue(Exception):
    """A type without a meaning here."""


def batch_rows(batch: "pa.RecordBatch", form: SourceFormat) -> Iterator[Row]:
    """The rows of a batch. Raises ColumnTypeError.

    Whole numbers, floats, booleans and binary values become INTEGER, REAL, 1 or 0, and BLOB; NaN is NULL. Decimals,
    dates, times and moments (in UTC) are texts in the form that the rules choose, UUIDs texts in lower case; lists,
    structs and maps are JSON texts.
    """
    names = [str(name) for name in batch.schema.names]
    columns = [_column(name, array, form) for name, array in zip(names, batch.columns, strict=True)]
    if not columns:
        return iter([{}] * batch.num_rows)
    return (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))


def _column(name: str, array: "pa.Array", form: SourceFormat) -> Values:
    """The SQL values of a column."""
    try:
        return [_stored(value, name) for value in _values(array, form)]
    except _NoValue as error:
        raise ColumnTypeError(name, error) from None


def _stored(value: object, name: str) -> object:
    match value:
        case str():
            return value
        case list() | dict():
            return json_text(value)
        case _:
            return checked_value(value, name)


def _values(array: "pa.Array", form: SourceFormat) -> Values:
    """The values of an array: SQL values, or the lists and mappings that JSON is made of."""
    from pyarrow import types

    kind = array.type
    plain = (types.is_integer, types.is_string, types.is_large_string, types.is_string_view, types.is_null)
    binary = (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
    if any(check(kind) for check in (*plain, *binary)):
        return array.to_pylist()  # type: ignore[no-any-return]
    readers: dict[Callable[[Any], bool], Callable[[pa.Array, SourceFormat], Values]] = {
        types.is_boolean: lambda array, _: array.cast("int8").to_pylist(),
        types.is_floating: _floats,
        types.is_decimal: lambda array, _: [None if each is None else f"{each:f}" for each in array.to_pylist()],
        types.is_date: lambda array, _: array.cast("date32").cast("string").to_pylist(),
        types.is_time: lambda array, form: _texts(array, lambda text: time_of_day(_shortened(text), form)),
        types.is_timestamp: _moments,
        types.is_dictionary: lambda array, form: _values(array.dictionary_decode(), form),
        types.is_run_end_encoded: _run_ends,
        types.is_struct: _structs,
        types.is_map: _maps,
        types.is_list: _lists,
        types.is_large_list: _lists,
        types.is_fixed_size_list: lambda array, form: _lists(array.cast(_list_of(array.type.value_type)), form),
    }
    for check, read in readers.items():
        if check(kind):
            return read(array, form)
    return _extension(array, form)


def _floats(array: "pa.Array", _: SourceFormat) -> Values:
    """Floats of less than 64 bits count as the shortest number that means them, as databases write them."""
    if array.type.bit_width < 64:
        array = array.cast("float32").cast("string").cast("float64")
    return array.to_pylist()  # type: ignore[no-any-return]


def _moments(array: "pa.Array", form: SourceFormat) -> Values:
    zone = "" if array.type.tz is None else "Z"
    import pyarrow as pa

    local = array.cast(pa.timestamp(array.type.unit)) if zone else array
    return _texts(local, lambda text: moment(_shortened(text), zone, form))


def _texts(array: "pa.Array", form: Callable[[str], str]) -> Values:
    return [None if text is None else form(text) for text in array.cast("string").to_pylist()]


def _shortened(text: str) -> str:
    """A time with the digits that PostgreSQL would write: microseconds at most, and no zeros at the end."""
    clock, point, digits = text.partition(".")
    kept = digits[:6].rstrip("0")
    return f"{clock}{point}{kept}" if kept else clock


def _run_ends(array: "pa.Array", form: SourceFormat) -> Values:
    from pyarrow import compute

    return _values(compute.run_end_decode(array), form)


def _lists(array: "pa.Array", form: SourceFormat) -> Values:
    inner = [None if isinstance(value, bytes) else value for value in _values(array.values, form)]
    offsets: Sequence[int] = array.offsets.to_pylist()
    valid = array.is_valid().to_pylist()
    return [inner[offsets[at] : offsets[at + 1]] if valid[at] else None for at in range(len(valid))]


def _structs(array: "pa.Array", form: SourceFormat) -> Values:
    names = [field.name for field in array.type]
    columns = [[None if isinstance(v, bytes) else v for v in _values(column, form)] for column in array.flatten()]
    valid = array.is_valid().to_pylist()
    rows = zip(*columns, strict=True) if columns else ([()] * len(valid))
    return [dict(zip(names, row, strict=True)) if is_valid else None for row, is_valid in zip(rows, valid, strict=True)]


def _maps(array: "pa.Array", form: SourceFormat) -> Values:
    keys, items = _values(array.keys, form), _values(array.items, form)
    offsets: Sequence[int] = array.offsets.to_pylist()
    valid = array.is_valid().to_pylist()
    return [
        {str(key): items[place] for place, key in enumerate(keys[offsets[at] : offsets[at + 1]], offsets[at])}
        if valid[at]
        else None
        for at in range(len(valid))
    ]


def _list_of(kind: object) -> object:
    import pyarrow as pa

    return pa.list_(kind)


def _extension(array: "pa.Array", form: SourceFormat) -> Values:
    name = getattr(array.type, "extension_name", None)
    if name == "arrow.uuid":
        return [None if each is None else str(UUID(bytes=each)) for each in array.storage.to_pylist()]
    if name is None:
        raise _NoValue(str(array.type))
    return _values(array.storage, form)
