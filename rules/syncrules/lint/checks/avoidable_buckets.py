"""Several streams ask the same of a request, and need a bucket each.

Streams that are on by default, with the same priority and the same condition on who asks, could be one stream with
several queries. It would need one bucket where they need one each; services limit the buckets of a connection.

**Avoid**

```yaml
streams:
  lists:
    auto_subscribe: true
    query: SELECT * FROM lists WHERE owner_id = auth.user_id()

  orders:
    auto_subscribe: true
    query: SELECT * FROM orders WHERE owner_id = auth.user_id()
```

**Prefer**

```yaml
streams:
  mine:
    auto_subscribe: true
    queries:
      - SELECT * FROM lists WHERE owner_id = auth.user_id()
      - SELECT * FROM orders WHERE owner_id = auth.user_id()
```

**When it is fine**: clients subscribe to one of them at times with another priority, or the streams belong to
different teams and a bucket more does not matter.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.nodes import BucketQuery

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Groups of default streams whose request sides are equal."""
    alike: dict[object, list[BucketQuery]] = {}
    for query in subject.plan.bucket_queries:
        if query.subscribable and query.auto_subscribe:
            alike.setdefault((query.parts, query.values, query.priority), []).append(query)
    for group in alike.values():
        buckets = len({query.bucket for query in group})
        streams = [*dict.fromkeys(query.stream for query in group)]
        if buckets > 1 and len(streams) > 1:
            names = ", ".join(f"`{name}`" for name in streams)
            message = f"{names} ask the same of a request, and need {buckets} buckets where one stream would need 1"
            yield Diagnostic(
                "avoidable-buckets", message, group[1].spans[0], SEVERITY, "put the queries into one stream"
            )
