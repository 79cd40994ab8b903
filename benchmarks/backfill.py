"""How a backfill scales with processes, which stand in for machines: `python -m benchmarks.backfill` (needs `dev`).

Each process has the plan and a file of its own and evaluates it batch by batch, reading and writing Parquet; one process alone
is the measure. What all of them write is counted and compared with what one batch after another gives. With `--store`, each also
applies its rows to one PostgreSQL store, started for the run, which takes one batch at a time.
"""

import multiprocessing
import os
import tempfile
import time
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from syncrules import PostgresStore, Rules

RULES = """
config: {edition: 3}
streams:
  mine: {auto_subscribe: true, query: SELECT * FROM todos WHERE owner = auth.user_id()}
  shared: {auto_subscribe: true, query: "SELECT id, title FROM todos WHERE list IN (SELECT list FROM todos WHERE owner = auth.user_id())"}
"""
BATCH = 20_000


def write(path: Path, first: int, rows: int) -> None:
    """A file of rows."""
    numbers = range(first, first + rows)
    columns = {
        "id": pa.array([f"t{n}" for n in numbers]),
        "list": pa.array([f"l{n // 50}" for n in numbers]),
        "owner": pa.array([f"p{n // 20}" for n in numbers]),
        "title": pa.array([f"Item {n}" for n in numbers]),
        "done": pa.array([n % 3 == 0 for n in numbers]),
        "created": pa.array([1_700_000_000_000_000 + n for n in numbers], pa.timestamp("us", "UTC")),
    }
    pq.write_table(pa.table(columns), path)


def work(plan: str, source: Path, target: Path, store: str | None) -> int:
    """Evaluates a file into another; how many rows that made."""
    rules = Rules.from_json(plan)
    made = 0
    with nullcontext() if store is None else PostgresStore(rules, store) as index:
        schema = rules.evaluate_batch("todos", pa.RecordBatch.from_pylist([])).rows.schema
        with pq.ParquetWriter(target, schema) as writer:
            for batch in pq.ParquetFile(source).iter_batches(BATCH):
                if index is not None:
                    index.apply(rules.batch_changes("todos", batch))
                found = rules.evaluate_batch("todos", batch)
                assert found.errors.num_rows == 0
                writer.write_batch(found.rows)
                made += found.rows.num_rows
    return made


def measure(processes: int, rows: int, plan: str, store: str | None) -> float:
    """Rows a second, all processes together, each with as many rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(processes):
            write(folder / f"{number}.parquet", number * rows, rows)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=context) as pool:
            list(pool.map(_warm, [plan] * processes))
            began = time.perf_counter()
            jobs = [
                pool.submit(work, plan, folder / f"{n}.parquet", folder / f"{n}.out", store) for n in range(processes)
            ]
            made = sum(job.result() for job in jobs)
            took = time.perf_counter() - began
        assert made == 2 * rows * processes
    return rows * processes / took


def _warm(plan: str) -> int:
    return len(Rules.from_json(plan).plan.streams)


def main() -> None:
    """Measures and prints."""
    parser = ArgumentParser(prog="python -m benchmarks.backfill", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=200_000, help="rows of each process")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--store", action="store_true", help="fill one PostgreSQL store, too")
    chosen = parser.parse_args()
    plan = Rules.from_text(RULES).to_json()
    print(f"{os.cpu_count()} cores\n{'processes':>10}{'rows a second':>16}{'to one process':>16}")
    alone = 0.0
    for processes in chosen.processes:
        if chosen.store:
            from tests.postgres import postgres

            with postgres() as url:
                speed = measure(processes, chosen.rows, plan, url)
        else:
            speed = measure(processes, chosen.rows, plan, None)
        alone = alone or speed
        print(f"{processes:>10}{speed:>16,.0f}{speed / alone:>15.2f}x")


if __name__ == "__main__":
    main()
