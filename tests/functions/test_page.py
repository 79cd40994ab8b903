"""The page of functions says what the records say."""

from tests.functions.page import PAGE, page


def test_the_page_is_made_from_the_records() -> None:
    assert page() == PAGE.read_text("utf-8"), "run `just functions-page`"
