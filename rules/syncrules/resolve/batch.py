"""Record batches through rules: what an engine that works on Arrow calls for each of its batches."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syncrules.engine.found import Evaluation
from syncrules.engine.table import SourceTable
from syncrules.sources.arrow import batch_rows
from syncrules.stores.change import Change
from syncrules.values.json_text import json_text
from syncrules.values.row import Row

if TYPE_CHECKING:
    import pyarrow as pa

    from syncrules.resolve.rules import Rules


@dataclass(frozen=True, slots=True)
class BatchEvaluation:
    """What rules make of a batch.

    `rows` has a row for each bucket that a source row is in: `source_row` (its place in the batch), `bucket`, `table`,
    `id`, and `data`, the row as it syncs, as JSON text. `errors` has what could not be evaluated: `source_row`, `rule`
    and `message`.
    """

    rows: "pa.RecordBatch"
    errors: "pa.RecordBatch"


def evaluate_batch(rules: "Rules", table: SourceTable, batch: "pa.RecordBatch") -> BatchEvaluation:
    """The buckets that the rows of a batch fall into. Raises ColumnTypeError."""
    import pyarrow as pa

    text, number = pa.string(), pa.int32()
    evaluations = rules.program.evaluate_rows(table, batch_rows(batch, rules.plan.source_format))
    found, failed = _flat(evaluations)
    rows = {"source_row": number, "bucket": text, "table": text, "id": text, "data": text}
    errors = {"source_row": number, "rule": number, "message": text}
    return BatchEvaluation(_batch(rows, found), _batch(errors, failed))


def batch_changes(
    rules: "Rules", table: SourceTable, batch: "pa.RecordBatch", key: Sequence[str] = ("id",)
) -> Iterator[Change]:
    """The rows of a batch as changes for a store; `key` names the columns of the primary key. Raises ColumnTypeError."""
    for row in batch_rows(batch, rules.plan.source_format):
        yield Change("put", table, _primary_key(row, key), row)


def _primary_key(row: Row, key: Sequence[str]) -> Hashable:
    values = tuple(row.get(name) for name in key)
    return values[0] if len(values) == 1 else values


def _flat(evaluations: Iterable[Evaluation]) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    found: list[tuple[object, ...]] = []
    failed: list[tuple[object, ...]] = []
    for place, (rows, errors) in enumerate(evaluations):
        for bucket, row_id, name, data in rows:
            found.append((place, bucket, name, row_id, json_text(data)))
        for _, rule, message in errors:
            failed.append((place, rule, message))
    return found, failed


def _batch(columns: "dict[str, pa.DataType]", rows: Sequence[tuple[object, ...]]) -> "pa.RecordBatch":
    import pyarrow as pa

    values: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [pa.array(column, kind) for column, kind in zip(values, columns.values(), strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))
