"""The client chooses what it gets, and the only claim beside it says nothing of who may see that.

A condition on a token's language or session does not narrow what a client can ask for: it may still send any value for
its parameters. It only hides the warning that the client alone decides.

**Avoid**

```yaml
query: >-
  SELECT * FROM messages
  WHERE room = subscription.parameter('room') AND lang = auth.parameter('lang')
```

**Prefer** a condition on who may see the room:

```yaml
query: >-
  SELECT * FROM messages
  WHERE room = subscription.parameter('room')
    AND room IN (SELECT room FROM members WHERE user_id = auth.user_id())
```

**When it is fine**: every user may see all of it.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.expression import Expression, RequestValue, leaves
from syncrules.plan.nodes import BucketQuery, Lookup
from syncrules.plan.trust import Trust, claims_in, trust_of

SEVERITY = Severity.WARNING
_SAYS_NOTHING = frozenset(
    "lang language locale theme timezone tz aud iss aal amr iat exp nbf jti session_id is_anonymous version".split()
)


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Queries by client values whose only signed values identify nobody."""
    for query in subject.plan.bucket_queries:
        matched = [*_matched(query)]
        signed = [expression for expression in matched if trust_of(expression) is Trust.SIGNED]
        chosen = any(trust_of(expression) is Trust.CLIENT for expression in matched)
        if chosen and signed and not any(map(_identifies, signed)):
            claims = sorted({".".join(path) for expression in signed for path in claims_in(expression)})
            message = f"the client chooses what it gets, and `{', '.join(claims)}` says nothing of what it may see"
            advice = "compare with `auth.user_id()`, or with a claim that grants access"
            yield Diagnostic("unrelated-claim", message, query.spans[0], SEVERITY, advice)


def _matched(query: BucketQuery) -> Iterator[Expression]:
    """What is compared with values of rows: keys of buckets and of lookups."""
    for part in query.parts:
        yield from part.outputs
        for step in part.steps:
            if isinstance(step, Lookup):
                yield from step.keys


def _identifies(expression: Expression) -> bool:
    paths = claims_in(expression)
    user = any(leaf == RequestValue("user_id") for leaf in leaves(expression))
    return user or any(path[0].lower() not in _SAYS_NOTHING for path in paths)
