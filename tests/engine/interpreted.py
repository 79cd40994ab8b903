"""Rows and requests answered by the interpreter alone, in the form that the engine answers in."""

from collections.abc import Iterator

from syncrules import MemoryStore, Request, Rules, SourceTable
from syncrules.engine.bucket_id import bucket_id
from syncrules.engine.found import Key
from syncrules.engine.interpreter import Interpreter
from syncrules.plan.nodes import BucketQuery
from syncrules.resolve.request import BoundRequest
from syncrules.values.row import Row
from syncrules.values.value import EvaluationError

Placed = list[tuple[str, str, str, str]]


def interpreted_rows(rules: Rules, table: SourceTable, row: Row) -> tuple[Placed, list[str]]:
    """Where a row is: bucket, id, table and data; and the messages of the rules that failed."""
    found: dict[tuple[str, str, str, str], None] = {}
    errors = []
    for rule in rules.program.row_rules(table).values():
        try:
            for placed in Interpreter(rules.plan.semantics).place(rule, table, row):
                bucket = bucket_id(rules.plan.buckets[rule.bucket].name, placed.key)
                found[bucket, placed.id, rule.output_table or table.name, repr(placed.data)] = None
        except EvaluationError as error:
            errors.append(str(error))
    return list(found), errors


def engine_rows(rules: Rules, table: SourceTable, row: Row) -> tuple[Placed, list[str]]:
    """The same from the generated code."""
    found = rules.program.evaluate(table, row)
    rows = [(each.bucket, each.id, each.table, repr(dict(each.data))) for each in found.rows]
    return rows, [error.message for error in found.errors]


def interpreted_entries(rules: Rules, table: SourceTable, row: Row) -> tuple[list[tuple[int, Key, Key]], list[str]]:
    """The lookup entries of a row, and the messages of the rules that failed."""
    found: list[tuple[int, Key, Key]] = []
    errors = []
    for number, rule in rules.program.lookup_rules(table).items():
        try:
            entries = Interpreter(rules.plan.semantics).enter(rule, table, row)
            found += [(number, key, outputs) for key, outputs in entries]
        except EvaluationError as error:
            errors.append(str(error))
    return found, errors


def interpreted_buckets(rules: Rules, request: Request, store: MemoryStore) -> tuple[set[str], set[tuple[str, str]]]:
    """The ids of a request's buckets; and the queries that failed, with the messages."""
    buckets, errors = set(), set()
    interpreter = Interpreter(rules.plan.semantics)

    def entries(rule: int, key: Key) -> list[Key]:
        return [*store.outputs(rule, key)]

    for query in rules.plan.bucket_queries:
        for bound in bound_requests(query, request):
            try:
                keys = interpreter.ask(query, bound, entries)
            except EvaluationError as error:
                errors.add((query.stream, str(error)))
                continue
            buckets |= {bucket_id(rules.plan.buckets[query.bucket].name, key) for key in keys}
    return buckets, errors


def bound_requests(query: BucketQuery, request: Request) -> Iterator[BoundRequest]:
    """The request as the query sees it: for each subscription, or by default."""
    subscriptions = [each for each in request.subscriptions if query.subscribable and each.stream == query.stream]
    yield from (BoundRequest(request, each) for each in subscriptions)
    if not subscriptions and query.auto_subscribe and request.default_streams:
        yield BoundRequest(request, None)


def engine_buckets(rules: Rules, request: Request, store: MemoryStore) -> tuple[set[str], set[tuple[str, str]]]:
    """The same from the generated code."""
    resolution = rules.resolve(request, store)
    return {bucket.id for bucket in resolution.buckets}, {(e.definition, e.message) for e in resolution.errors}
