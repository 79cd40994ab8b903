"""A condition that no value worth trying satisfies, no value satisfies; and likewise for all."""

from hypothesis import example, given
from hypothesis import strategies as st

from syncrules.engine.domain import answers, compared_value
from syncrules.engine.expression_value import condition_holds
from syncrules.plan.expression import Call, Column, Expression, constant
from syncrules.values.semantics import Semantics
from syncrules.values.value import EvaluationError, SqlValue

VALUE = Column(0, "v")
CONSTANTS = st.sampled_from([None, -1, 0, 1, 2, 2.5, 3, "", "1", "a", "ab", "b", "\U0001f41d", "\uffff", b"a"])
COMPARISONS = st.builds(
    lambda f, c: Call(f, (VALUE, constant(c))), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), CONSTANTS
)
OTHERS = st.one_of(
    st.builds(lambda f: Call(f, (VALUE,)), st.sampled_from(["is null", "is not null"])),
    st.builds(lambda cs: Call("in", (VALUE, *map(constant, cs))), st.lists(CONSTANTS, min_size=1, max_size=3)),
    st.builds(lambda a, b: Call("between", (VALUE, constant(a), constant(b))), CONSTANTS, CONSTANTS),
    st.just(VALUE),
)
CONDITIONS = st.recursive(
    COMPARISONS | OTHERS,
    lambda inner: (
        st.builds(lambda c: Call("not", (c,)), inner)
        | st.builds(lambda f, a, b: Call(f, (a, b)), st.sampled_from(["and", "or"]), inner, inner)
    ),
    max_leaves=5,
)
VALUES = st.one_of(
    CONSTANTS,
    st.integers(-3, 5),
    st.floats(-3, 5),
    st.text("\x001ab\uffff\U0001f41d", max_size=3),
    st.binary(max_size=2),
)


def holds(condition: Expression, value: SqlValue, semantics: Semantics) -> bool:
    try:
        return condition_holds(condition, semantics, lambda _: value)
    except EvaluationError:
        return False


@given(CONDITIONS, VALUES, st.sampled_from(Semantics))
@example(Call("and", (Call(">", (VALUE, constant(2))), Call("<", (VALUE, constant(3))))), 2.25, Semantics.SQLITE)
def test_any_value_answers_like_one_that_was_tried(
    condition: Expression, value: SqlValue, semantics: Semantics
) -> None:
    if compared_value(condition) == VALUE:
        tried = {answer for _, answer in answers(VALUE, [condition], semantics)}
        assert holds(condition, value, semantics) in tried


def test_a_condition_on_two_values_is_not_decided() -> None:
    assert compared_value(Call("=", (VALUE, Column(0, "w")))) is None
    assert compared_value(constant(1)) is None
