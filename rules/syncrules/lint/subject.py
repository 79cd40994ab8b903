"""What a check looks at: a compiled file, its text, and what is known of the database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from syncrules.compile.options import Options
from syncrules.diagnostics import Source, Span
from syncrules.plan.expression import Call, Column, Constant, Expression, Leaf, subexpressions
from syncrules.plan.nodes import BucketQuery, Filter, LookupRule, Part, Plan, RowRule
from syncrules.plan.reading import expressions_of
from syncrules.plan.static_type import static_type, type_of_leaf, type_of_row_leaf
from syncrules.plan.trust import claim_path
from syncrules.schema import Schema
from syncrules.syntax import nodes as n
from syncrules.values.kinds import Kinds

COMPARISONS = frozenset({"=", "!=", "legacy !=", "<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True)
class Subject:
    """A rules file that compiled. `schema` None means that nothing is known of the source tables.

    `queries` are its texts of SQL, read.
    """

    source: Source
    plan: Plan
    schema: Schema | None
    options: Options
    queries: tuple[n.Query, ...] = ()
    _queries: Mapping[int, tuple[BucketQuery, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_bucket: dict[int, tuple[BucketQuery, ...]] = {}
        for query in self.plan.bucket_queries:
            by_bucket[query.bucket] = (*by_bucket.get(query.bucket, ()), query)
        object.__setattr__(self, "_queries", by_bucket)

    def table_rules(self) -> Iterator[RowRule | LookupRule]:
        """Everything that reads rows of a source table."""
        yield from self.plan.row_rules
        yield from self.plan.lookup_rules

    def conditions(self, rule: RowRule | LookupRule) -> Iterator[tuple[Expression, Span]]:
        """The conditions on a table's rows that the file writes, each with its place."""
        for step in rule.steps:
            if isinstance(step, Filter) and step.spans:
                yield step.condition, step.spans[0]

    def kinds(self, rule: RowRule | LookupRule, expression: Expression) -> Kinds:
        """What an expression over a table's row can be."""
        return static_type(expression, type_of_row_leaf(rule.table, self.schema))

    def source_types(self, rule: RowRule | LookupRule, expression: Expression) -> frozenset[str]:
        """The PostgreSQL types of a column of a rule's own row; empty where nothing is known."""
        match expression:
            case Column(source=0, name=name) if self.schema is not None:
                return self.schema.source_types(rule.table).get(name, frozenset())
            case _:
                return frozenset()

    def queries_of(self, rule: RowRule) -> tuple[BucketQuery, ...]:
        """The bucket queries that lead to a rule's rows."""
        return self._queries.get(rule.bucket, ())

    def request_expressions(self) -> Iterator[tuple[Expression, BucketQuery, Span]]:
        """Every expression that a request evaluates, and where its query or condition is."""
        for query in self.plan.bucket_queries:
            for part in query.parts:
                for step in part.steps:
                    span = step.spans[0] if step.spans else query.spans[0]
                    yield from ((expression, query, span) for expression in expressions_of([step]))
                yield from ((output, query, query.spans[0]) for output in part.outputs)

    def request_conditions(self) -> Iterator[tuple[Expression, Span]]:
        """The conditions on a request, with their places; each once."""
        seen: set[Expression] = set()
        for query in self.plan.bucket_queries:
            for part in query.parts:
                for step in part.steps:
                    if isinstance(step, Filter) and step.condition not in seen:
                        seen.add(step.condition)
                        yield step.condition, step.spans[0] if step.spans else query.spans[0]

    def key_expression(self, query: BucketQuery, place: int) -> tuple[Part, Expression]:
        """What a bucket query computes for one value of its bucket."""
        value = query.values[place]
        part = query.parts[value.source - 1]
        return part, part.outputs[int(value.name)]

    def request_kinds(self, part: Part, expression: Expression) -> Kinds:
        """What an expression of a part can be: values of the request, and of the rows that were looked up."""
        bound: list[Leaf | LookupRule | None] = []
        for step in part.steps:
            match step.kind:
                case "lookup":
                    bound.append(self.plan.lookup_rules[step.rule])
                case "expand":
                    bound.append(None)
                case _:
                    pass

        def of_leaf(leaf: Leaf) -> Kinds:
            match leaf:
                case Column(source=source, name=name) if isinstance(rule := bound[source - 1], LookupRule):
                    return self.kinds(rule, rule.outputs[int(name)])
                case _:
                    return type_of_leaf(leaf)

        return static_type(expression, of_leaf)


def comparisons(condition: Expression) -> Iterator[tuple[str, Expression, Expression]]:
    """Every comparison of two operands inside a condition, in both directions."""
    for found in subexpressions(condition):
        match found:
            case Call(function=function, arguments=(left, right)) if function in COMPARISONS:
                yield function, left, right
                yield function, right, left
            case Call(function="in", arguments=(first, *items)):
                yield from (("=", first, item) for item in items)
            case Call(function="between", arguments=(value, low, high)):
                yield ">=", value, low
                yield "<=", value, high
            case _:
                pass


def name_of(expression: Expression) -> str:
    """What to call an expression in a message: a column or a claim by its name."""
    match expression:
        case Column(name=name):
            return f"`{name}`"
        case _:
            path = claim_path(expression)
            return f"the claim `{'.'.join(path)}`" if path else "the value"


def text_of(expression: Expression) -> str | None:
    """The text of a text constant."""
    return expression.text if isinstance(expression, Constant) and expression.type == "text" else None
