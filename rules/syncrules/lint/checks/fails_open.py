"""A condition on the token holds where the claim is missing.

Under the default semantics `NOT x`, `x != y` and `x NOT IN …` are true where `x` is NULL, unlike in SQL. A claim that a
token does not have is NULL: whoever has no role at all passes `role != 'guest'`.

**Avoid**

```yaml
query: SELECT * FROM invoices WHERE owner_id = auth.user_id() AND auth.parameter('user_role') != 'guest'
```

**Prefer** to say which values are let in:

```yaml
query: SELECT * FROM invoices WHERE owner_id = auth.user_id() AND auth.parameter('user_role') IN ARRAY['staff', 'admin']
```

**When it is fine**: never; where a missing claim may pass, write `… IS NULL OR …`. Under
`unstable_sqlite_expression_engine: true`, a missing claim does not pass.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.example import token_example, token_passes
from syncrules.lint.subject import Subject
from syncrules.plan.expression import Expression, RequestValue, leaves
from syncrules.plan.trust import claims_in
from syncrules.values.semantics import Semantics

SEVERITY = Severity.ERROR


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Conditions that a request without the claim passes under the file's semantics, but not under SQLite's."""
    if subject.plan.semantics is not Semantics.POWERSYNC:
        return
    for condition, span in subject.request_conditions():
        if _of_request(condition) and _opens(condition):
            names = ", ".join(dict.fromkeys(f"`{'.'.join(path)}`" for path in claims_in(condition)))
            message = (
                f"a token without {names} passes this condition" if names else "a request without the value passes"
            )
            advice = "say which values are let in, with `=` or `IN ARRAY[…]`"
            example = token_example(condition, Semantics.POWERSYNC, {}) if names else None
            yield Diagnostic("fails-open", message, span, SEVERITY, advice, example)


def _of_request(condition: Expression) -> bool:
    read = [*leaves(condition)]
    return any(isinstance(leaf, RequestValue) for leaf in read) and not any(leaf.kind == "column" for leaf in read)


def _opens(condition: Expression) -> bool:
    loose, strict = (token_passes(condition, each, {}) for each in (Semantics.POWERSYNC, Semantics.SQLITE))
    return loose is True and strict is not True
