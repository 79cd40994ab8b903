"""Which buckets a million rows are in, with DuckDB on one machine: `python duckdb_backfill.py RULES TABLE IN.parquet OUT.parquet`.

DuckDB reads and writes the files, batch by batch, and syncrules evaluates each batch.
"""

import sys
from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import syncrules


def evaluated(rules: syncrules.Rules, table: str, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """What each batch gives; what cannot be evaluated is told, and left out."""
    for batch in rows:
        found = rules.evaluate_batch(table, batch)
        for error in found.errors.to_pylist():
            print(f"row {error['source_row']} of a batch: {error['message']}", file=sys.stderr)
        yield found.rows


def main(rules_file: str, table: str, source: str, target: str) -> None:
    """Reads, evaluates, writes; then DuckDB counts what is in the buckets."""
    rules = syncrules.load(rules_file)
    database = duckdb.connect()
    rows = database.sql("SELECT * FROM read_parquet($source)", params={"source": source}).to_arrow_reader(100_000)
    with pq.ParquetWriter(target, rules.evaluate_batch(table, pa.RecordBatch.from_pylist([])).rows.schema) as writer:
        for batch in evaluated(rules, table, rows):
            writer.write_batch(batch)
    count, buckets = database.execute(
        "SELECT count(*), count(DISTINCT bucket) FROM read_parquet(?)", [target]
    ).fetchone()
    print(f"{count} rows in {buckets} buckets")


if __name__ == "__main__":
    main(*sys.argv[1:])
