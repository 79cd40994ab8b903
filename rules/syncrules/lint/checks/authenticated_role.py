"""`role = 'authenticated'` is taken for proof of an account.

Anonymous sign-ins have the role `authenticated`, too. The claim that tells them apart is `is_anonymous`.

**Avoid**

```yaml
query: SELECT * FROM profiles WHERE auth.parameter('role') = 'authenticated'
```

**Prefer**

```yaml
query: SELECT * FROM profiles WHERE auth.parameter('is_anonymous') = false
```

**When it is fine**: the project has no anonymous sign-ins, and other roles do get tokens.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.example import token_example
from syncrules.lint.subject import Subject, comparisons, text_of
from syncrules.plan.trust import claim_path

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Comparisons of the token's role with `authenticated`."""
    for expression, _, span in subject.request_expressions():
        for function, left, right in comparisons(expression):
            if function == "=" and claim_path(left) == ("role",) and text_of(right) == "authenticated":
                message = "anonymous users have the role `authenticated`, too"
                advice = "write `auth.parameter('is_anonymous') = false`"
                anonymous = {"role": "authenticated", "is_anonymous": True}
                example = token_example(expression, subject.plan.semantics, anonymous)
                yield Diagnostic("authenticated-role", message, span, SEVERITY, advice, example)
