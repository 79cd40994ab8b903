"""A user gets a bucket for each row, rather than for each thing that holds rows.

The rows are found by their `id`, through a table that lists them one by one, and nothing else is kept in their
buckets. Their number grows with the data, and services limit the buckets of a connection (1,000 by default).

**Avoid**

```yaml
query: SELECT * FROM invoices WHERE id IN (SELECT id FROM invoices WHERE owner_id = auth.user_id())
```

**Prefer** the column that says whose the row is, or what it belongs to:

```yaml
query: SELECT * FROM invoices WHERE owner_id = auth.user_id()
```

**When it is fine**: a user has few of them, such as the teams of a person. Where other streams keep rows under the
same id, such as the messages of a channel, the rule is silent.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.expression import Column, Expression
from syncrules.plan.nodes import BucketQuery, Lookup, RowRule
from syncrules.schema import TablePattern

SEVERITY = Severity.WARNING
_BY_ID = (Column(0, "id"),)
_Found = tuple[TablePattern, Expression]
"""A table and the column of it that gave a bucket its value."""


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Buckets under a row's own `id`, found in a table whose value holds nothing else together."""
    containers = {found for _, query in _keyed(subject, by_id=False) for found in _read(subject, query)}
    shared = {rule.bucket for rule, _ in _keyed(subject, by_id=False)}
    for rule, query in _keyed(subject, by_id=True):
        found = _found(subject, query)
        if found is not None and rule.bucket not in shared and (found not in containers or found[0] == rule.table):
            message = f"each row of `{rule.table.name}` that a user gets is a bucket of its own"
            advice = "compare a column that many of the rows share, such as their owner or what they belong to"
            yield Diagnostic("bucket-per-row", message, rule.spans[0], SEVERITY, advice)


def _keyed(subject: Subject, *, by_id: bool) -> Iterator[tuple[RowRule, BucketQuery]]:
    """Rules whose buckets go by the row's `id` alone, or the others, with the queries that lead to them."""
    for rule in subject.plan.row_rules:
        if (rule.keys == _BY_ID) is by_id:
            yield from ((rule, query) for query in subject.queries_of(rule))


def _read(subject: Subject, query: BucketQuery) -> Iterator[_Found]:
    """Everything that a query asks of tables, and gets from them."""
    for part in query.parts:
        for step in part.steps:
            if isinstance(step, Lookup):
                lookup = subject.plan.lookup_rules[step.rule]
                yield from ((lookup.table, expression) for expression in (*lookup.keys, *lookup.outputs))


def _found(subject: Subject, query: BucketQuery) -> _Found | None:
    """Where the only value of a bucket comes from, if from a table."""
    part, value = subject.key_expression(query, 0)
    bound = [step for step in part.steps if step.kind != "filter"]
    match value:
        case Column(source=source, name=name) if isinstance(step := bound[source - 1], Lookup):
            lookup = subject.plan.lookup_rules[step.rule]
            return lookup.table, lookup.outputs[int(name)]
        case _:
            return None
