"""A rules file ready for use: the object that servers, tests and tools hold."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Self

from syncrules.compile.basis import Basis
from syncrules.compile.compiler import Compilation, compile_rules
from syncrules.compile.recompile import recompile
from syncrules.diagnostics import Diagnostic, RulesError, Source, Span
from syncrules.engine.found import Evaluation
from syncrules.engine.program import Program
from syncrules.engine.table import SourceTable
from syncrules.plan.json_form import plan_from_json, plan_to_json
from syncrules.plan.nodes import Plan
from syncrules.resolve.batch import BatchEvaluation, batch_changes, evaluate_batch
from syncrules.resolve.drive import run, run_async
from syncrules.resolve.limits import DEFAULT_LIMITS, Limits
from syncrules.resolve.prepared import QueryGroups
from syncrules.resolve.request import Request
from syncrules.resolve.resolution import Resolution
from syncrules.resolve.resolver import resolving
from syncrules.schema import Schema
from syncrules.stores.change import Change
from syncrules.stores.protocol import AsyncStore, Store
from syncrules.values.row import checked_row
from syncrules.values.semantics import Semantics

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Rules:
    """A compiled rules file. `diagnostics` holds its warnings, which point into `source`."""

    plan: Plan
    program: Program
    diagnostics: tuple[Diagnostic, ...] = ()
    source: Source = field(default_factory=lambda: Source("<plan>", ""), compare=False)
    _compiled: Callable[[Source], Compilation] = field(default=compile_rules, compare=False, repr=False)
    _basis: Basis | None = field(default=None, compare=False, repr=False)

    @classmethod
    def from_text(
        cls,
        text: str,
        *,
        name: str = "<rules>",
        schema: Schema | None = None,
        semantics: Semantics | None = None,
        default_schema: str = "public",
    ) -> Self:
        """The rules written in a text; see `load` for the options. Raises RulesError.

        >>> rules = Rules.from_text("bucket_definitions: {all: {data: [SELECT id FROM lists]}}")
        >>> [found.bucket for found in rules.evaluate("lists", {"id": "a"}).rows]
        ['all[]']
        """
        compiled = partial(compile_rules, schema=schema, semantics=semantics, default_schema=default_schema)
        source = Source(name, text)
        return cls._of(compiled(source), source, compiled)

    def changed(self, text: str) -> Self:
        """The rules of a changed text of the same file, with the same options. Raises RulesError.

        What streams have in common with those of the text before is not compiled again: it costs about as much as what
        changed. The outcome is that of `from_text`.

        >>> text = "config: {edition: 3}\\nstreams:\\n  lists:\\n    query: SELECT id FROM lists\\n"
        >>> rules = Rules.from_text(text)
        >>> [bucket.name for bucket in rules.changed(text.replace("  lists:", "  all:")).plan.buckets]
        ['all|0']
        """
        source = Source(self.source.name, text)
        made = None if self._basis is None else recompile(self._basis, source)
        return self._of(made or self._compiled(source), source, self._compiled)

    @classmethod
    def _of(cls, made: Compilation, source: Source, compiled: Callable[[Source], Compilation]) -> Self:
        if made.plan is None:
            raise RulesError(source, made.diagnostics)
        return cls(made.plan, Program(made.plan), made.diagnostics, source, compiled, made.basis)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The rules whose plan `to_json` wrote. Raises PlanFormatError."""
        plan = plan_from_json(text)
        return cls(plan, Program(plan))

    def to_json(self) -> str:
        """The plan as JSON text, for a server to keep."""
        return plan_to_json(self.plan)

    @cached_property
    def _queries(self) -> QueryGroups:
        return QueryGroups.of(self.program)

    def evaluate(self, table: str | SourceTable, row: Mapping[str, object]) -> Evaluation:
        """The buckets a source row falls into, each with the row as it syncs there.

        Raises EvaluationError for a row that holds a value SQL does not have.
        """
        return self.program.evaluate(_table(table), checked_row(row))

    def evaluate_rows(self, table: str | SourceTable, rows: Iterable[Mapping[str, object]]) -> Iterator[Evaluation]:
        """Each row's evaluation, in their order: what `evaluate` gives, for less where there are many rows.

        Raises EvaluationError, when it comes to it, for a row that holds a value SQL does not have.
        """
        return self.program.evaluate_rows(_table(table), map(checked_row, rows))

    def evaluate_batch(self, table: str | SourceTable, batch: "pa.RecordBatch") -> BatchEvaluation:
        """The buckets that the rows of an Arrow record batch fall into, as record batches. Needs the extra `arrow`.

        Raises ColumnTypeError.
        """
        return evaluate_batch(self, _table(table), batch)

    def batch_changes(
        self, table: str | SourceTable, batch: "pa.RecordBatch", key: Sequence[str] = ("id",)
    ) -> Iterator[Change]:
        """The rows of an Arrow record batch as changes for a store; `key` names the columns of the primary key.

        Raises ColumnTypeError.
        """
        return batch_changes(self, _table(table), batch, key)

    def resolve(
        self, request: Request, store: Store, limits: Limits = DEFAULT_LIMITS, checkpoint: int | None = None
    ) -> Resolution:
        """The buckets of a request, as of a checkpoint of the store, or of its last one.

        Raises LimitExceeded, StoreError.
        """
        return run(resolving(self._queries, request, limits), store.at(checkpoint))

    async def resolve_async(
        self, request: Request, store: AsyncStore, limits: Limits = DEFAULT_LIMITS, checkpoint: int | None = None
    ) -> Resolution:
        """The buckets of a request, from a store that is awaited. Raises LimitExceeded, StoreError."""
        return await run_async(resolving(self._queries, request, limits), store.at(checkpoint))


def _table(table: str | SourceTable) -> SourceTable:
    return table if isinstance(table, SourceTable) else _parsed(table)


_parsed = lru_cache(maxsize=1024)(SourceTable.parse)


def load(
    path: str | PathLike[str],
    *,
    schema: Schema | None = None,
    semantics: Semantics | None = None,
    default_schema: str = "public",
) -> Rules:
    """The rules in a file.

    `schema` adds warnings about tables and columns that do not exist; `semantics` overrides the
    file's own choice of scalar semantics; `default_schema` is the schema of unqualified tables.
    Raises RulesError, which carries every diagnostic, or OSError.
    """
    raw = Path(path).read_bytes()
    return Rules.from_text(
        decoded(raw, str(path)), name=str(path), schema=schema, semantics=semantics, default_schema=default_schema
    )


def decoded(raw: bytes, name: str) -> str:
    """The text of a rules file; raises RulesError where it is not UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        text = raw.decode("utf-8", errors="replace")
        place = len(raw[: error.start].decode("utf-8"))
        diagnostic = Diagnostic(
            "not-utf-8", "the file is not UTF-8 text", Span(place, place + 1), help="save it as UTF-8"
        )
        raise RulesError(Source(name, text), [diagnostic]) from None
