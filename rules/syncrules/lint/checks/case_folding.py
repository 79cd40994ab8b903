"""Two texts are compared of which one was folded to lower or upper case, and the other was not.

Texts are equal only letter by letter. Supabase keeps addresses of e-mail in lower case; a table may hold them as
they were typed.

**Avoid**

```yaml
query: SELECT * FROM invites WHERE lower(email) = auth.parameter('email')
```

**Prefer** both sides folded alike:

```yaml
query: SELECT * FROM invites WHERE lower(email) = lower(auth.parameter('email'))
```

**When it is fine**: the other side is in that case already, and always will be. Beware that `lower` folds all letters
here, and only A to Z under SQLite.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity, Span
from syncrules.lint.subject import Subject, comparisons, text_of
from syncrules.plan.expression import Call, Column, Expression
from syncrules.plan.trust import claim_path

SEVERITY = Severity.WARNING
_FOLDING = frozenset({"lower", "upper"})


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Keys and conditions of which one side alone is folded; and addresses of e-mail where none is."""
    for rule in subject.plan.row_rules:
        for query in subject.queries_of(rule):
            for place, key in enumerate(rule.keys):
                _, value = subject.key_expression(query, place)
                yield from _of_key(key, value, rule.spans[0])
    for table_rule in subject.table_rules():
        for condition, span in subject.conditions(table_rule):
            for function, left, right in comparisons(condition):
                if function == "=":
                    yield from _of_constant(left, text_of(right), span)


def _of_key(key: Expression, value: Expression, span: Span) -> Iterator[Diagnostic]:
    ours, theirs = _folding(key), _folding(value)
    if ours != theirs and not isinstance(value, Column):
        message = (
            f"`{ours or theirs}(…)` stands on one side alone, and never equals a text with letters of the other case"
        )
        yield Diagnostic("case-folding", message, span, SEVERITY, f"write `{ours or theirs}(…)` on both sides")
    elif isinstance(key, Column) and "email" in key.name and claim_path(value) == ("email",):
        message = f"`{key.name}` is compared with the token's address letter by letter, capitals included"
        advice = f"write `lower({key.name}) = lower(auth.parameter('email'))`"
        yield Diagnostic("case-folding", message, span, SEVERITY, advice)


def _of_constant(left: Expression, text: str | None, span: Span) -> Iterator[Diagnostic]:
    folding = _folding(left)
    if folding is None or text is None:
        return
    folded = text.lower() if folding == "lower" else text.upper()
    if folded != text:
        message = f"`{folding}(…)` never equals `{text}`, which has letters of the other case"
        yield Diagnostic("case-folding", message, span, SEVERITY, f"write `'{folded}'`")


def _folding(expression: Expression) -> str | None:
    return expression.function if isinstance(expression, Call) and expression.function in _FOLDING else None
