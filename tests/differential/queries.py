"""Random stream queries, each as the stream writes it and as SQLite runs it.

A condition is made once and written twice: request functions become bound parameters, and
`x IN array` becomes EXISTS over `json_each`, which is what it means.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

VALUES = st.sampled_from([None, 0, 1, 2, 1.0, 2.5, "1", "a", "b", ""])
TABLES = ("t", "g", "h")
COLUMNS = ("a", "b", "c")
CLAIMS = ("p", "q")
ARRAYS = ("xs", "ys")


@dataclass(frozen=True, slots=True)
class Text:
    """One thing in two spellings."""

    stream: str
    sqlite: str

    def __format__(self, language: str) -> str:
        return self.stream if language == "stream" else self.sqlite


def both(make: Callable[[str], str]) -> Text:
    """A text made once for each language; format its pieces with the name that is passed."""
    return Text(make("stream"), make("sqlite"))


def literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return repr(value)


CONSTANTS = st.sampled_from([0, 1, 2, 2.5, "1", "a", "b"]).map(literal)


def claim(name: str) -> Text:
    return Text(f"auth.parameter('{name}')", f"(:claims ->> '{name}')")


def subscription(name: str) -> Text:
    return Text(f"subscription.parameter('{name}')", f"(:subscription ->> '{name}')")


REQUESTS = st.one_of(st.sampled_from(CLAIMS).map(claim), st.sampled_from(CLAIMS).map(subscription))
REQUEST_ARRAYS = st.sampled_from(ARRAYS).map(claim)


def column(alias: str) -> st.SearchStrategy[str]:
    return st.sampled_from(COLUMNS).map(lambda name: f"{alias}.{name}")


def row_condition(alias: str) -> st.SearchStrategy[Text]:
    """Conditions on one table's row alone, which NOT may be applied to."""
    simple = st.one_of(
        st.tuples(column(alias), st.sampled_from(["=", "!=", "<", ">="]), CONSTANTS).map(" ".join),
        st.tuples(column(alias), st.sampled_from(["IS NULL", "IS NOT NULL"])).map(" ".join),
        st.tuples(column(alias), st.sampled_from(["=", "<"]), column(alias)).map(" ".join),
    ).map(lambda text: Text(f"({text})", f"({text})"))
    return st.one_of(simple, simple.map(lambda c: both(lambda to: f"(NOT {c:{to}})")))


def match(alias: str) -> st.SearchStrategy[Text]:
    """A row's value meets a request's."""
    return st.one_of(
        st.tuples(column(alias), REQUESTS).map(lambda p: both(lambda to: f"({p[0]} = {p[1]:{to}})")),
        st.tuples(column(alias), REQUEST_ARRAYS).map(
            lambda p: Text(
                f"({p[0]} IN {p[1]:stream})",
                f"EXISTS (SELECT 1 FROM json_each({p[1]:sqlite}) AS e WHERE e.value = {p[0]})",
            )
        ),
        REQUESTS.map(
            lambda r: Text(
                f"({r:stream} IN {alias}.j)",
                f"EXISTS (SELECT 1 FROM json_each({alias}.j) AS e WHERE e.value = {r:sqlite})",
            )
        ),
    )


def request_condition() -> st.SearchStrategy[Text]:
    simple = st.tuples(REQUESTS, st.sampled_from(["=", "<"]), CONSTANTS).map(
        lambda p: both(lambda to: f"({p[0]:{to}} {p[1]} {p[2]})")
    )
    return st.one_of(simple, simple.map(lambda c: both(lambda to: f"(NOT {c:{to}})")))


def conditions(aliases: Sequence[str], depth: int) -> st.SearchStrategy[Text]:
    """Conditions over tables in scope, the innermost of which is the last of `aliases`."""
    own = aliases[-1]
    leaves = [row_condition(own), match(own), request_condition()]
    for other in aliases[:-1]:
        leaves.append(st.tuples(column(own), column(other)).map(lambda p: both(lambda _: f"({p[0]} = {p[1]})")))
    if depth > 0:
        leaves += [subquery(aliases, depth - 1), subquery(aliases, depth - 1)]
    leaf = st.one_of(leaves)
    joined = st.lists(leaf, min_size=2, max_size=3).flatmap(
        lambda parts: st.sampled_from([" AND ", " OR "]).map(
            lambda word: both(lambda to: f"({word.join(f'{part:{to}}' for part in parts)})")
        )
    )
    return st.one_of(
        leaf,
        joined,
        st.lists(joined, min_size=2, max_size=2).map(
            lambda parts: both(lambda to: f"({' AND '.join(f'{part:{to}}' for part in parts)})")
        ),
    )


def subquery(aliases: Sequence[str], depth: int) -> st.SearchStrategy[Text]:
    """`value IN (SELECT column FROM table WHERE …)`, perhaps correlated."""
    own, alias = aliases[-1], f"s{len(aliases)}"
    values = st.one_of(column(own).map(lambda text: Text(text, text)), REQUESTS)
    return st.tuples(values, st.sampled_from(TABLES), column(alias), conditions([*aliases, alias], depth)).map(
        lambda p: both(lambda to: f"({p[0]:{to}} IN (SELECT {p[2]} FROM {p[1]} AS {alias} WHERE {p[3]:{to}}))")
    )


def single_queries() -> st.SearchStrategy[Text]:
    return conditions(["t"], 2).map(lambda c: both(lambda to: f"SELECT t.id FROM t WHERE {c:{to}}"))


def joins() -> st.SearchStrategy[Text]:
    """Two or three tables, linked by equalities or not."""
    links = st.tuples(column("t"), column("g")).map(lambda p: both(lambda _: f"({p[0]} = {p[1]})"))
    more = st.tuples(column("h"), st.one_of(column("t"), column("g"))).map(
        lambda p: both(lambda _: f"({p[0]} = {p[1]})")
    )
    parts = st.tuples(
        st.lists(links, max_size=2),
        st.lists(more, max_size=2),
        conditions(["t"], 0),
        conditions(["g"], 1),
        conditions(["h"], 0),
    ).map(lambda p: [*p[0], *p[1], p[2], p[3], p[4]])
    return parts.map(
        lambda c: both(lambda to: f"SELECT t.id FROM t, g, h WHERE {' AND '.join(f'{x:{to}}' for x in c)}")
    )


QUERIES = st.one_of(single_queries(), joins())
ROW = st.fixed_dictionaries(
    {name: VALUES for name in COLUMNS} | {"j": st.one_of(st.none(), st.lists(VALUES, max_size=3))}
)
DATA = st.fixed_dictionaries({table: st.lists(ROW, max_size=4) for table in TABLES})
CLAIM_SETS = st.fixed_dictionaries(
    {name: VALUES for name in CLAIMS} | {name: st.one_of(st.none(), st.lists(VALUES, max_size=3)) for name in ARRAYS}
)
