"""What the user can edit decides what the user gets.

Supabase lets users write their own `user_metadata`, and signs it like everything else. Who compares it with a role or
with an organisation lets everybody choose theirs.

**Avoid**

```yaml
query: SELECT * FROM invoices WHERE auth.parameters() ->> '$.user_metadata.role' = 'admin'
```

**Prefer** `app_metadata`, which only the server can write, or a table of members:

```yaml
query: SELECT * FROM invoices WHERE auth.parameters() ->> '$.app_metadata.role' = 'admin'
```

**When it is fine**: it is a preference, such as a language, and everybody may see all of it.
"""

import json
from collections.abc import Iterator, Sequence

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.trust import claims_in

SEVERITY = Severity.ERROR


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Conditions and keys that read `user_metadata`."""
    for expression, _, span in subject.request_expressions():
        for path in claims_in(expression):
            if path[0] == "user_metadata":
                message = f"users can edit `{'.'.join(path)}` themselves, so it must not decide what they get"
                advice = "use `app_metadata`, or look the user up in a table"
                example = f"any user can get a token with {json.dumps(_nested(path))}"
                yield Diagnostic("editable-authority", message, span, SEVERITY, advice, example)


def _nested(path: Sequence[str]) -> object:
    """Claims in which a path leads to something that the user chose."""
    return {path[0]: _nested(path[1:])} if path else "anything"
