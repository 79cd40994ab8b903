"""A `numeric` column is compared with a number.

PostgreSQL's `numeric` (and `decimal`, `money`) is stored as text, because no number of SQLite's can hold it. A text is
never equal to a number and sorts after every number, so `n > 10` is true for every row and `n = 10` for none.

**Avoid**

```yaml
query: SELECT * FROM orders WHERE owner_id = auth.user_id() AND total > 10
```

**Prefer**

```yaml
query: SELECT * FROM orders WHERE owner_id = auth.user_id() AND CAST(total AS real) > 10
```

**When it is fine**: never.
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Severity
from syncrules.lint.example import row_example
from syncrules.lint.subject import Subject, comparisons
from syncrules.plan.expression import Column, Constant

SEVERITY = Severity.ERROR
_NUMERIC = ("numeric", "decimal", "money")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Comparisons of numeric columns with numbers."""
    for rule in subject.table_rules():
        for condition, span in subject.conditions(rule):
            for function, left, right in comparisons(condition):
                types = subject.source_types(rule, left)
                is_number = isinstance(right, Constant) and right.type in {"integer", "real"}
                if isinstance(left, Column) and is_number and types and all(one.startswith(_NUMERIC) for one in types):
                    effect = "true for every row" if function in {">", ">=", "!="} else "true for no row"
                    message = f"`{left.name}` is `{min(types)}`, which is stored as text, so this is {effect}"
                    advice = f"write `CAST({left.name} AS real)`"
                    example = row_example(condition, subject.plan.semantics, {left.name: "2.50"})
                    yield Diagnostic("numeric-as-text", message, span, SEVERITY, advice, example)
