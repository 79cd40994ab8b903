"""A name has capitals, but no quotes around it.

Names without quotes are read in lower case: `ownerId` means `ownerid`. Where the table's column is really called
`ownerId`, the name finds nothing, and a column that is not there is NULL.

**Avoid**

```yaml
query: SELECT * FROM notes WHERE Owner_ID = auth.user_id()
```

**Prefer** the name in lower case, or in quotes where it has capitals:

```yaml
query: SELECT * FROM notes WHERE owner_id = auth.user_id()
```

**When it is fine**: the table's own name is in lower case; then only readers are misled. `--fix` writes names in lower
case that the schema has so. (In Sync Rules, the compiler itself warns: `folded-name`.)
"""

from collections.abc import Iterator

from syncrules.diagnostics import Diagnostic, Edit, Severity
from syncrules.lint.subject import Subject
from syncrules.syntax import nodes as n
from syncrules.syntax.walk import walk

SEVERITY = Severity.WARNING


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Names of columns and tables in streams."""
    if subject.options.edition < 3:
        return
    known = _known(subject)
    for query in subject.queries:
        for name in _names(query):
            if not name.quoted and name.written != name.text:
                span = query.span(name.span)
                message = f"the unquoted name `{name.written}` means `{name.text}`"
                if name.written in known and name.text not in known:
                    message += f", and the schema has `{name.written}` only"
                advice = f'write `{name.text}`, or "{name.written}" in quotes to keep the capitals'
                edits = (Edit(span, name.text),) if name.text in known else ()
                yield Diagnostic("upper-case-name", message, span, SEVERITY, advice, edits=edits)


def _names(query: n.Query) -> Iterator[n.Name]:
    for node in walk(query.select):
        match node:
            case n.Reference(parts=(*_, name)):
                yield name
            case n.TableSource(name=name):
                yield name
            case _:
                pass


def _known(subject: Subject) -> frozenset[str]:
    """Every name of a table or a column."""
    tables = {} if subject.schema is None else subject.schema.tables
    return frozenset(name for (_, table), columns in tables.items() for name in (table, *columns))
