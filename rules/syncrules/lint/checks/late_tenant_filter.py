"""A tenant's filter stands beside a list that goes beyond the tenant.

The query gives a bucket for every pair of what the list holds and the tenant. What the list holds for other tenants
makes buckets that stay empty, and they count against the limit.

**Avoid**

```yaml
query: >-
  SELECT * FROM messages
  WHERE org = auth.parameter('org_id') AND room IN (SELECT room FROM members WHERE user_id = auth.user_id())
```

**Prefer** to filter the list, too, where it has the column:

```yaml
query: >-
  SELECT * FROM messages
  WHERE org = auth.parameter('org_id')
    AND room IN (SELECT room FROM members WHERE user_id = auth.user_id() AND org = auth.parameter('org_id'))
```

**When it is fine**: hardly anybody is listed for more than one tenant. The rule looks only at lists whose table has
the tenant's column in the schema.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.expression import Column, Expression, leaves
from syncrules.plan.nodes import BucketQuery, Lookup, LookupRule, RowRule
from syncrules.plan.trust import reads_request

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Rows keyed by a claim and by what a lookup finds without that claim."""
    for rule in subject.plan.row_rules:
        for query in subject.queries_of(rule):
            pair = _pair(subject, rule, query)
            if pair is not None:
                tenant, lookup = pair
                message = (
                    f"`{lookup.table.name}` is not filtered by `{tenant}`, so there are buckets for other tenants, too"
                )
                advice = f"add the condition on `{tenant}` to the subquery"
                yield Diagnostic("late-tenant-filter", message, query.spans[0], SEVERITY, advice)


def _pair(subject: Subject, rule: RowRule, query: BucketQuery) -> tuple[str, LookupRule] | None:
    """A column that a claim decides, and a lookup beside it whose table has that column without using it."""
    if subject.schema is None:
        return None
    for place, key in enumerate(rule.keys):
        _, value = subject.key_expression(query, place)
        if not isinstance(key, Column) or not reads_request(value):
            continue
        for other in query.parts:
            for step in other.steps:
                if isinstance(step, Lookup) and other.outputs:
                    lookup = subject.plan.lookup_rules[step.rule]
                    columns = subject.schema.columns_of(lookup.table) or frozenset()
                    if key.name in columns and key.name not in _columns((*lookup.keys, *lookup.outputs)):
                        return key.name, lookup
    return None


def _columns(expressions: tuple[Expression, ...]) -> set[str]:
    return {leaf.name for each in expressions for leaf in leaves(each) if isinstance(leaf, Column)}
