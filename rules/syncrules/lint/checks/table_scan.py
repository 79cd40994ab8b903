"""Every request reads a whole table.

Nothing ties the table to who asks, or to the other tables: each time a client connects, all its rows are read.

**Avoid**

```yaml
query: >-
  SELECT * FROM messages
  WHERE room IN (SELECT room FROM members) AND lang = auth.parameter('lang') AND owner_id = auth.user_id()
```

**Prefer** a condition on who asks, in the subquery as well:

```yaml
query: >-
  SELECT * FROM messages
  WHERE room IN (SELECT room FROM members WHERE user_id = auth.user_id())
```

**When it is fine**: the table is small, and stays so. A table that is only asked whether it has any row is read
briefly, but is mostly a join whose condition was forgotten.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.nodes import Lookup

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Lookups without a key."""
    for query in subject.plan.bucket_queries:
        for part in query.parts:
            for step in part.steps:
                if isinstance(step, Lookup) and not step.keys:
                    rule = subject.plan.lookup_rules[step.rule]
                    what = "all of its rows are read" if rule.outputs else "it is asked only whether it has a row"
                    message = f"nothing narrows `{rule.table.name}`, so for each request {what}"
                    advice = "join it by `=` to another table, or compare one of its columns with the request"
                    yield Diagnostic("table-scan", message, (rule.spans or query.spans)[0], SEVERITY, advice)
