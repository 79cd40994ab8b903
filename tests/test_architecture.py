"""The page that explains the pipeline shows what the pipeline does."""

from tests.architecture import PAGE, page, sections


def test_every_stage_on_the_page_is_what_the_code_makes() -> None:
    assert page() == PAGE.read_text("utf-8"), "run `just architecture`"


def test_the_page_shows_every_stage() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"<!-- generated: {name} -->" in text for name in sections())
