"""Which buckets very many rows are in, with Ray Data across machines: `python ray_backfill.py RULES TABLE IN OUT [STORE]`.

Each worker holds the compiled plan and evaluates the batches that Ray gives it. With STORE, the URL of a PostgreSQL database, workers
also put their rows into the shared index, each batch as one checkpoint; resolvers on any machine answer from it meanwhile.
"""

import sys

import pyarrow as pa
import ray

import syncrules


class Evaluator:
    """One worker: made once, called for every batch."""

    def __init__(self, plan: str, table: str, store: str | None) -> None:
        self.rules = syncrules.Rules.from_json(plan)
        self.table = table
        self.store = None if store is None else syncrules.PostgresStore(self.rules, store)

    def __call__(self, rows: pa.Table) -> pa.Table:
        """The buckets of a batch's rows, after its lookups are in the store."""
        found = []
        for batch in rows.to_batches():
            if self.store is not None:
                self.store.apply(self.rules.batch_changes(self.table, batch))
            found.append(self.rules.evaluate_batch(self.table, batch).rows)
        return pa.Table.from_batches(found)


def main(rules_file: str, table: str, source: str, target: str, store: str | None = None) -> None:
    """Evaluates a folder of Parquet files into another one."""
    plan = syncrules.load(rules_file).to_json()
    evaluated = ray.data.read_parquet(source).map_batches(
        Evaluator,
        fn_constructor_args=(plan, table, store),
        batch_format="pyarrow",
        batch_size=50_000,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=2),
    )
    evaluated.write_parquet(target)
    print(f"{ray.data.read_parquet(target).count()} rows")


if __name__ == "__main__":
    main(*sys.argv[1:])
