"""Rules over rows: a store for what is looked up, and the contents of the buckets."""

from collections.abc import Iterable, Iterator

from syncrules import Change, MemoryStore, Resolution, Rules
from syncrules.engine.found import SyncedRow
from syncrules.resolve.request import Request
from syncrules.stores.bucket_contents import BucketContents


class Replica:
    """What a sync server would hold of some source rows."""

    def __init__(self, rules: Rules, changes: Iterable[Change] = ()) -> None:
        self.rules = rules
        self.store = MemoryStore(rules)
        self.contents = BucketContents(rules)
        self.apply(changes)

    def apply(self, changes: Iterable[Change]) -> None:
        batch = list(changes)
        self.store.apply(batch)
        self.contents.apply(batch)

    @property
    def errors(self) -> list[object]:
        return [*self.store.errors.values(), *self.contents.errors.values()]

    def rows(self, resolution: Resolution) -> Iterator[SyncedRow]:
        """What syncs, once for each bucket it is in."""
        buckets = resolution.by_id()
        assert len(buckets) == len(resolution.buckets), "a bucket is given once"
        for found in self.contents.evaluations().values():
            yield from (row for row in found.rows if row.bucket in buckets)

    def synced(self, request: Request) -> set[str]:
        """The ids that sync."""
        resolution = self.rules.resolve(request, self.store)
        assert not resolution.errors
        return {row.id for row in self.rows(resolution)}
