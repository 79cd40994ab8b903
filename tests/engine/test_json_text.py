"""JSON text has one form, whichever way it is written: Python's own encoder writes the objects that most rows are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncrules.values.json_text import json_text
from syncrules.values.value import EvaluationError

NAME = st.text(max_size=3) | st.sampled_from(["a", "0", "10", "01", "4294967295", "é", "\ud800", "\udc00", '"', "\\"])
VALUE = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=4) | NAME
ROW = st.dictionaries(NAME, VALUE, max_size=4)


@given(ROW)
def test_an_object_is_written_alone_as_it_is_inside_of_a_list(row: dict[str, Any]) -> None:
    assert f"[{json_text(row)}]" == json_text([row])
    assert json.loads(json_text(row)) == row


@given(ROW, st.floats(allow_nan=False, allow_infinity=False))
def test_an_object_with_a_real_is_written_as_it_is_inside_of_a_list(row: dict[str, Any], real: float) -> None:
    assert f"[{json_text({**row, 'real': real})}]" == json_text([{**row, "real": real}])


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_with_too_many_digits_is_refused_by_name(sign: int) -> None:
    with pytest.raises(EvaluationError, match="digits"):
        json_text({"n": sign * 10**5000})
