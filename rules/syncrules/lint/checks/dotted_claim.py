"""A claim is sought by a name with dots, where a path was meant.

`->> 'app_metadata.org'` looks for one claim of that whole name, finds none, and gives NULL: no bucket, and no word.

**Avoid**

```yaml
query: SELECT * FROM notes WHERE org = auth.parameters() ->> 'app_metadata.org'
```

**Prefer** a path

```yaml
query: SELECT * FROM notes WHERE org = auth.parameters() ->> '$.app_metadata.org'
```

**When it is fine**: a claim really has a dot in its name, as claims of some issuers do that are URLs; those with a
slash are left alone. In edition 1, without `fixed_json_extract`, dots do lead inside.
"""

import json
from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.subject import Subject
from syncrules.plan.expression import Call, Constant, RequestValue, subexpressions

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Names with dots that are looked up in what a request carries."""
    for expression, _, span in subject.request_expressions():
        for found in subexpressions(expression):
            match found:
                case Call(
                    function="->>" | "->", arguments=(RequestValue(part="token"), Constant(type="text", text=name))
                ) if "." in name and "/" not in name and not name.startswith("$"):
                    message = f"this looks for one claim called `{name}`, dots included"
                    example = f"it finds the claim {json.dumps({name: 'x'})}, which tokens hardly have"
                    yield Diagnostic("dotted-claim", message, span, SEVERITY, f"write `'$.{name}'` for a path", example)
                case _:
                    pass
