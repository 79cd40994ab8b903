"""Two values that can never be equal are compared.

Values are equal only within a storage class: a text never equals a number. A user's id is text, so an integer column
never meets it, and the bucket stays empty without a word.

**Avoid** (`owner_id` is `bigint`)

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id()
```

**Prefer** to convert one side, or to keep the user's id as text or uuid:

```yaml
query: SELECT * FROM notes WHERE CAST(owner_id AS text) = auth.user_id()
```

**When it is fine**: never.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.expression import Column, leaves
from syncrules.values.kinds import Kind, Kinds

SEVERITY = Severity.ERROR
_NUMBERS = frozenset({Kind.INTEGER, Kind.REAL})


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Keys of rows and values of requests that have no storage class in common."""
    for rule in subject.plan.row_rules:
        for query in subject.queries_of(rule):
            for place, key in enumerate(rule.keys):
                part, value = subject.key_expression(query, place)
                ours, theirs = subject.kinds(rule, key), subject.request_kinds(part, value)
                if ours - {Kind.NULL} and theirs - {Kind.NULL} and not _comparable(ours) & _comparable(theirs):
                    names = [leaf.name for leaf in leaves(key) if isinstance(leaf, Column)]
                    name = names[0] if names else "the key"
                    message = f"`{name}` is {_words(ours)}, and never equals {_words(theirs)} of the request"
                    advice = f"write `CAST({name} AS text)`, or change the column's type"
                    yield Diagnostic(
                        "never-equal", message, rule.spans[0], SEVERITY, advice, _example(name, ours, theirs)
                    )


def _example(name: str, ours: Kinds, theirs: Kinds) -> str | None:
    """The two values as JSON, for the pair that is met most."""
    if ours - {Kind.NULL} <= _NUMBERS and theirs - {Kind.NULL} == {Kind.TEXT}:
        return f'`{name}` 7 makes the bucket […7…], and the request asks for […"7"…]'
    return None


def _comparable(kinds: Kinds) -> Kinds:
    """Storage classes, without NULL, and with numbers as one."""
    return (kinds - {Kind.NULL}) | (_NUMBERS if kinds & _NUMBERS else frozenset())


def _words(kinds: Kinds) -> str:
    return " or ".join(sorted(kind.value for kind in kinds - {Kind.NULL}))
