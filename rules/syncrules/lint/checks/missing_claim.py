"""A claim is read that tokens do not have under this name.

The user's id is the claim `sub`, what a provider said of the user is inside `user_metadata`, and what the server said is
inside `app_metadata`. A claim that is not there is NULL: no bucket, and no word.

**Avoid**

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.parameter('user_id')
```

**Prefer**

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id()
```

**When it is fine**: a hook of your project puts a claim of that name into each token. In edition 1, without
`fixed_json_extract`, names are split at every dot, so a claim whose own name has one cannot be read at all.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.expression import Call, Constant, Expression, RequestValue, subexpressions
from syncrules.plan.trust import claim_path, claims_in

SEVERITY = Severity.WARNING
_INSTEAD = {
    **dict.fromkeys(("user_id", "uid", "id", "userid", "userId", "user"), "write `auth.user_id()`"),
    **dict.fromkeys(("provider", "providers"), "write `auth.parameters() ->> '$.app_metadata.provider'`"),
    **dict.fromkeys(("name", "full_name", "avatar_url"), "it is in `user_metadata`, which users can edit themselves"),
}


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Names at the top of a token that belong elsewhere, and names that edition 1 splits."""
    for expression, _, span in subject.request_expressions():
        for path in claims_in(expression):
            if len(path) == 1 and path[0] in _INSTEAD:
                message = f"tokens have no claim `{path[0]}`"
                yield Diagnostic("missing-claim", message, span, SEVERITY, _INSTEAD[path[0]])
        for name in filter(None, map(_split_name, subexpressions(expression))):
            message = f"`{name}` is split at its dots in this edition, so no claim of that name is found"
            yield Diagnostic("missing-claim", message, span, SEVERITY, "set `fixed_json_extract: true`, or edition 2")


def _split_name(expression: Expression) -> str | None:
    """A name such as a URL, looked up as a path."""
    match expression:
        case Call(function="legacy ->" | "legacy ->>", arguments=(inner, Constant(type="text", text=name))):
            of_token = inner == RequestValue("token") or bool(claim_path(inner))
            return name if of_token and "/" in name and "." in name else None
        case _:
            return None
