"""What is in the buckets, in memory: for tests and tools that tell which rows sync."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from syncrules.engine.found import Evaluation, RowError
from syncrules.stores.change import Change, RowKey
from syncrules.stores.protocol import HasProgram


@dataclass(slots=True)
class BucketContents:
    """Where each source row is that it was given. `errors` holds what could not be evaluated, by row."""

    rules: HasProgram
    errors: dict[RowKey, tuple[RowError, ...]] = field(default_factory=dict)
    _evaluations: dict[RowKey, Evaluation] = field(default_factory=dict)

    def apply(self, changes: Iterable[Change]) -> None:
        """Takes source rows in, or out."""
        for change in changes:
            for row_key in change.replaced:
                self._evaluations.pop(row_key, None)
                self.errors.pop(row_key, None)
            if change.operation == "put":
                evaluation = self.rules.program.evaluate(change.table, change.row)
                self._evaluations[change.table, change.key] = evaluation
                if evaluation.errors:
                    self.errors[change.table, change.key] = evaluation.errors

    def evaluations(self) -> Mapping[RowKey, Evaluation]:
        """The buckets of each source row, and the row as it syncs there."""
        return self._evaluations
