"""Random stream queries, each as the stream writes it and as SQLite runs it.

A condition is made once and written three times: as the stream has it, with request functions; with its
operands in another order, which must change nothing; and for SQLite, where request functions are bound
parameters and arrays are read through `json_each`, which is what they mean. All of it is parenthesised,
because precedence is not SQLite's, and no column brings an affinity, because bound values have none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hypothesis import strategies as st


def one_of(*strategies: st.SearchStrategy[Any] | Sequence[st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Each strategy as often as the others; Hypothesis's own would count the alternatives inside them."""
    flat = [each for item in strategies for each in (item if isinstance(item, Sequence) else [item])]
    return st.sampled_from(flat).flatmap(lambda chosen: chosen)


VALUES = st.sampled_from([1, "a", "b", 1.0, "1", None, 1, "a", 0, 2, 2.5, ""])
"""Few values, so that rows and requests meet often."""
TABLES = ("t", "g", "h")
WILD = ("w_1", "w_2")
COLUMNS = ("a", "b", "c")
CLAIMS = ("p", "q")
ARRAYS = ("xs", "ys")

Language = Literal["stream", "respelt", "sqlite"]


@dataclass(frozen=True, slots=True)
class Text:
    """One thing in three spellings."""

    stream: str
    sqlite: str
    respelt: str

    def __format__(self, language: str) -> str:
        match language:
            case "stream":
                return self.stream
            case "respelt":
                return self.respelt
            case _:
                return self.sqlite


def spelt(make: Callable[[str], str]) -> Text:
    """A text made once for each language; format its pieces with the name that is passed."""
    return Text(make("stream"), make("sqlite"), make("respelt"))


def plain(text: str) -> Text:
    return Text(text, text, text)


def here_and_there(stream: str, sqlite: str) -> Text:
    return Text(stream, sqlite, stream)


def operator(left: Text, symbol: str, right: Text) -> Text:
    """A comparison, turned round when respelt."""
    turned = {"<": ">", ">=": "<="}.get(symbol, symbol)
    return Text(
        f"({left.stream} {symbol} {right.stream})",
        f"({left.sqlite} {symbol} {right.sqlite})",
        f"({right.respelt} {turned} {left.respelt})",
    )


def joined(word: str, parts: Sequence[Text]) -> Text:
    """One condition or several under AND or OR; the last comes first when respelt."""

    def make(language: str) -> str:
        order = reversed(parts) if language == "respelt" else parts
        return f"({f' {word} '.join(f'{part:{language}}' for part in order)})"

    return spelt(make)


def negated(part: Text) -> Text:
    return spelt(lambda to: f"(NOT {part:{to}})")


def literal(value: object) -> str:
    match value:
        case None:
            return "NULL"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return repr(value)


CONSTANTS = st.sampled_from([0, 1, 2, 2.5, "1", "a", "b"]).map(literal).map(plain)

USER = here_and_there("auth.user_id()", "(:claims ->> 'sub')")


ELEMENT = here_and_there("e.value", "(+e.value)")
"""A value of `json_each`; the sign takes away the affinity that its column has in SQLite."""


def claim(name: str) -> Text:
    return here_and_there(f"auth.parameter('{name}')", f"(:claims ->> '{name}')")


def claim_by_path(name: str) -> Text:
    return here_and_there(f"(auth.parameters() ->> '$.{name}')", f"(:claims ->> '{name}')")


def connection(name: str) -> Text:
    return here_and_there(f"connection.parameter('{name}')", f"(:connection ->> '{name}')")


def subscription(name: str) -> Text:
    return here_and_there(f"subscription.parameter('{name}')", f"(:subscription ->> '{name}')")


PLAIN_REQUESTS = one_of(
    st.sampled_from(CLAIMS).map(claim),
    st.sampled_from(CLAIMS).map(subscription),
    st.sampled_from(CLAIMS).map(connection),
    st.sampled_from(CLAIMS).map(claim_by_path),
    st.just(USER),
)
REQUESTS = one_of(PLAIN_REQUESTS, PLAIN_REQUESTS, PLAIN_REQUESTS.map(lambda r: spelt(lambda to: f"upper({r:{to}})")))
REQUEST_ARRAYS = one_of(st.sampled_from(ARRAYS).map(claim), st.sampled_from(ARRAYS).map(subscription))


def column(alias: str) -> st.SearchStrategy[Text]:
    return st.sampled_from(COLUMNS).map(lambda name: plain(f"{alias}.{name}"))


def computed(alias: str) -> st.SearchStrategy[Text]:
    """A value of a row: mostly a column, else an expression over one."""
    forms = st.sampled_from(
        [
            "CAST({} AS text)",
            "CAST({} AS integer)",
            "upper({})",
            "ifnull({}, 'a')",
            "({} || '')",
            "({} IS NULL)",
            "(CASE WHEN {} = 1 THEN 'a' ELSE 2 END)",
        ]
    )
    expressions = st.tuples(forms, column(alias)).map(lambda p: plain(p[0].format(p[1].stream)))
    return one_of(column(alias), expressions)


def row_condition(alias: str) -> st.SearchStrategy[Text]:
    """Conditions on one table's row alone, which NOT may be applied to."""
    simple = one_of(
        st.tuples(computed(alias), st.sampled_from(["=", "!=", "<", ">="]), CONSTANTS).map(lambda p: operator(*p)),
        st.tuples(column(alias), st.sampled_from(["IS NULL", "IS NOT NULL", "IS TRUE"])).map(
            lambda p: plain(f"({p[0].stream} {p[1]})")
        ),
        st.tuples(column(alias), st.sampled_from(["=", "<"]), column(alias)).map(lambda p: operator(*p)),
        st.tuples(column(alias), st.booleans()).map(
            lambda p: here_and_there(
                f"({p[0].stream} {'NOT ' * p[1]}IN ARRAY[1, 'a'])", f"({p[0].sqlite} {'NOT ' * p[1]}IN (1, 'a'))"
            )
        ),
        column(alias).map(lambda c: plain(f"({c.stream} BETWEEN 0 AND 'a')")),
        column(alias).map(
            lambda c: here_and_there(
                f"({c.stream} IN '[1, \"a\"]')",
                f"({c.sqlite} IN (SELECT +e.value FROM json_each('[1, \"a\"]') AS e))",
            )
        ),
        st.tuples(column(alias), st.just(alias)).map(lambda p: element_of(p[0], plain(f"{p[1]}.j"))),
    )
    return one_of(simple, simple, simple.map(negated))


def element_of(value: Text, array: Text) -> Text:
    """`value IN array`: one of its elements equals the value."""
    return Text(
        f"({value.stream} IN {array.stream})",
        f"({value.sqlite} IN (SELECT +e.value FROM json_each({array.sqlite}) AS e))",
        f"({value.respelt} IN {array.respelt})",
    )


def overlap(array: Text, values: Text) -> Text:
    """`array && array`."""
    return Text(
        f"({array.stream} && {values.stream})",
        f"EXISTS (SELECT 1 FROM json_each({array.sqlite}) AS e, json_each({values.sqlite}) AS f WHERE +e.value = +f.value)",
        f"({values.respelt} && {array.respelt})",
    )


def match(alias: str) -> st.SearchStrategy[Text]:
    """A row's value meets a request's."""
    return one_of(
        st.tuples(computed(alias), st.just("="), REQUESTS).map(lambda p: operator(*p)),
        st.tuples(column(alias), st.just("="), REQUESTS).map(lambda p: operator(*p)),
        st.tuples(column(alias), REQUEST_ARRAYS).map(lambda p: element_of(*p)),
        REQUESTS.map(lambda r: element_of(r, plain(f"{alias}.j"))),
        REQUEST_ARRAYS.map(lambda r: overlap(plain(f"{alias}.j"), r)),
    )


def request_condition() -> st.SearchStrategy[Text]:
    simple = one_of(
        st.tuples(REQUESTS, st.sampled_from(["=", "<"]), CONSTANTS).map(lambda p: operator(*p)),
        st.tuples(PLAIN_REQUESTS, st.just("="), PLAIN_REQUESTS).map(lambda p: operator(*p)),
        st.tuples(CONSTANTS, REQUEST_ARRAYS).map(lambda p: element_of(*p)),
    )
    comparison = st.tuples(REQUESTS, st.sampled_from(["=", "<"]), CONSTANTS).map(lambda p: operator(*p))
    return one_of(simple, comparison.map(negated))


def conditions(aliases: Sequence[str], depth: int) -> st.SearchStrategy[Text]:
    """Conditions over tables in scope, the innermost of which is the last of `aliases`."""
    own = aliases[-1]
    leaves = [row_condition(own), match(own), match(own), request_condition()]
    for other in aliases[:-1]:
        leaves.append(st.tuples(column(own), st.just("="), column(other)).map(lambda p: operator(*p)))
    if depth > 0:
        leaves += [subquery(aliases, depth - 1), subquery(aliases, depth - 1), in_table_expression(own)]
    leaf = one_of(leaves)
    several = st.tuples(st.sampled_from(["AND", "OR"]), st.lists(leaf, min_size=2, max_size=3)).map(
        lambda p: joined(*p)
    )
    both = st.lists(several, min_size=2, max_size=2).map(lambda parts: joined("AND", parts))
    either = st.lists(one_of(leaf, several), min_size=2, max_size=2).map(lambda parts: joined("OR", parts))
    return one_of(leaf, leaf, several, either, both)


def in_table_expression(alias: str) -> st.SearchStrategy[Text]:
    """`value IN one`, and its long form, for the table expression `one`."""
    return one_of(
        column(alias).map(lambda c: here_and_there(f"({c.stream} IN one)", f"({c.sqlite} IN (SELECT x FROM one))")),
        column(alias).map(lambda c: plain(f"({c.stream} IN (SELECT y FROM pair))")),
        st.just(
            here_and_there(
                f"({alias}.j && one)",
                f"EXISTS (SELECT 1 FROM json_each({alias}.j) AS e, one WHERE +e.value = one.x)",
            )
        ),
    )


def subquery(aliases: Sequence[str], depth: int) -> st.SearchStrategy[Text]:
    """`value IN (SELECT column FROM table WHERE …)`, perhaps correlated."""
    own, alias = aliases[-1], f"s{len(aliases)}"
    values = one_of(column(own), column(own), REQUESTS)
    return st.tuples(
        values, st.sampled_from((*TABLES, '"w_%"')), column(alias), conditions([*aliases, alias], depth)
    ).map(lambda p: spelt(lambda to: f"({p[0]:{to}} IN (SELECT {p[2]:{to}} FROM {p[1]} AS {alias} WHERE {p[3]:{to}}))"))


def query(columns: str, sources: Text, condition: Text) -> Text:
    return spelt(lambda to: f"SELECT {columns} FROM {sources:{to}} WHERE {condition:{to}}")


def single_queries() -> st.SearchStrategy[Text]:
    return conditions(["t"], 2).map(lambda c: query("t.id", plain("t"), c))


def link(first: str, second: str) -> st.SearchStrategy[Text]:
    return st.tuples(column(first), st.just("="), column(second)).map(lambda p: operator(*p))


def comma_joins() -> st.SearchStrategy[Text]:
    """Three tables, linked by equalities or not."""
    parts = st.tuples(
        st.lists(link("t", "g"), max_size=2),
        st.lists(one_of(link("h", "t"), link("h", "g")), max_size=2),
        st.lists(one_of(conditions(["t"], 0), conditions(["g"], 1), conditions(["h"], 0)), min_size=1, max_size=2),
    )
    sources = Text("t, g, h", "t, g, h", "h, t, g")
    return parts.map(lambda p: query("t.id", sources, joined("AND", [*p[0], *p[1], *p[2]])))


def on_joins() -> st.SearchStrategy[Text]:
    """JOIN … ON, with the synced table in either place."""
    return st.tuples(st.sampled_from("tg"), link("t", "g"), conditions(["t"], 1), conditions(["g"], 0)).map(
        lambda p: query(
            f"{p[0]}.id",
            spelt(lambda to: f"g JOIN t ON {p[1]:{to}}" if to == "respelt" else f"t JOIN g ON {p[1]:{to}}"),
            joined("AND", p[2:]),
        )
    )


def self_joins() -> st.SearchStrategy[Text]:
    return st.tuples(link("t", "o"), one_of(conditions(["t"], 0), conditions(["o"], 0))).map(
        lambda p: query("t.id", plain("t, t AS o"), joined("AND", p))
    )


def row_expansions() -> st.SearchStrategy[Text]:
    """`json_each` of a column beside its table."""
    element = one_of(
        REQUESTS.map(lambda r: operator(ELEMENT, "=", r)),
        st.sampled_from(["(e.type = 'text')", "(e.key = 0)", "(e.value IS NULL)"]).map(plain),
        link("t", "t").map(lambda _: operator(ELEMENT, "=", plain("t.a"))),
    )
    return st.tuples(element, conditions(["t"], 0)).map(
        lambda p: query("t.id", plain("t, json_each(t.j) AS e"), joined("AND", p))
    )


def request_expansions() -> st.SearchStrategy[Text]:
    """`json_each` of a request's array, joined to a table."""
    more = st.sampled_from(["(e.key >= 0)", "(e.value != 'b')", "(e.type = 'text')"]).map(plain)
    return st.tuples(REQUEST_ARRAYS, computed("t"), st.lists(one_of(more, conditions(["t"], 0)), max_size=2)).map(
        lambda p: query(
            "t.id",
            spelt(lambda to: f"t, json_each({p[0]:{to}}) AS e"),
            joined("AND", [operator(ELEMENT, "=", p[1]), *p[2]]),
        )
    )


def constant_expansions() -> st.SearchStrategy[Text]:
    """`json_each` of a constant, joined to a table and compared with the request."""
    element = one_of(
        column("t").map(lambda c: operator(ELEMENT, "=", c)),
        REQUESTS.map(lambda r: operator(ELEMENT, "=", r)),
        REQUESTS.map(lambda r: operator(ELEMENT, "<", r)),
        REQUEST_ARRAYS.map(lambda r: element_of(ELEMENT, r)),
        st.just(plain("(e.value != 'b')")),
        column("f").map(lambda _: operator(ELEMENT, "=", here_and_there("f.value", "(+f.value)"))),
    )
    sources = plain('t, json_each(\'[1, "a", "b"]\') AS e, json_each(\'["a", 1.0]\') AS f')
    return st.tuples(
        column("t"), st.lists(element, min_size=1, max_size=2), st.lists(conditions(["t"], 0), max_size=1)
    ).map(lambda p: query("t.id", sources, joined("AND", [operator(ELEMENT, "=", p[0]), *p[1], *p[2]])))


def derived_joins() -> st.SearchStrategy[Text]:
    """A table beside a table expression of two columns, or a subselect of two columns."""
    subselects = conditions(["g"], 0).map(
        lambda c: spelt(lambda to: f"(SELECT g.a AS x, g.b AS y FROM g WHERE {c:{to}}) AS k")
    )
    return st.tuples(
        one_of(st.just(plain("pair AS k")), subselects),
        st.lists(st.sampled_from(["(k.x = t.a)", "(t.b = k.y)", "(k.y = t.c)"]).map(plain), min_size=1, max_size=2),
        st.lists(conditions(["t"], 0), max_size=1),
    ).map(lambda p: query("t.id", spelt(lambda to: f"t, {p[0]:{to}}"), joined("AND", [*p[1], *p[2]])))


def wildcards() -> st.SearchStrategy[Text]:
    """Several tables under one pattern, told apart by what their names are."""
    names = st.sampled_from(
        [here_and_there("w.table_suffix()", "w.suffix"), here_and_there("w.table_name()", "('w_' || w.suffix)")]
    )
    tests = st.tuples(names, st.just("="), one_of(REQUESTS, st.sampled_from(["'1'", "'w_2'"]).map(plain)))
    return st.tuples(tests.map(lambda p: operator(*p)), conditions(["w"], 1)).map(
        lambda p: query("w.id", plain('"w_%" AS w'), joined("AND", p))
    )


SHAPES = {
    "one table": single_queries(),
    "one match": match("t").map(lambda c: query("t.id", plain("t"), c)),
    "one subquery": subquery(["t"], 1).map(lambda c: query("t.id", plain("t"), c)),
    "comma joins": comma_joins(),
    "JOIN ON": on_joins(),
    "self joins": self_joins(),
    "json_each of a column": row_expansions(),
    "json_each of the request": request_expansions(),
    "json_each of a constant": constant_expansions(),
    "derived tables": derived_joins(),
    "wildcard tables": wildcards(),
}
QUERIES = one_of(single_queries(), *SHAPES.values())

TABLE_EXPRESSIONS = st.fixed_dictionaries(
    {
        "one": one_of(
            conditions(["g"], 0).map(lambda c: spelt(lambda to: f"SELECT g.a AS x FROM g WHERE {c:{to}}")),
            PLAIN_REQUESTS.map(lambda r: spelt(lambda to: f"SELECT {r:{to}} AS x")),
        ),
        "pair": conditions(["h"], 0).map(
            lambda c: spelt(lambda to: f"SELECT h.a AS x, h.b AS y FROM h WHERE {c:{to}}")
        ),
    }
)

ARRAY = one_of(st.none(), st.lists(VALUES, max_size=3), st.lists(VALUES, min_size=2, max_size=4))
ROW = st.fixed_dictionaries({name: VALUES for name in COLUMNS} | {"j": ARRAY})
DATA = st.fixed_dictionaries({table: st.lists(ROW, min_size=2, max_size=5) for table in (*TABLES, *WILD)})
SUBSCRIPTION_PARAMETERS = st.fixed_dictionaries({name: VALUES for name in CLAIMS} | {name: ARRAY for name in ARRAYS})
CLAIM_SETS = st.fixed_dictionaries(
    {"sub": st.sampled_from(["1", "a", "b"])} | {name: VALUES for name in CLAIMS} | {name: ARRAY for name in ARRAYS}
)
