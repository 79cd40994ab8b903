"""Tables that were made before are used only if they are those of the grammar."""

from pathlib import Path

import pytest

from syncrules.syntax import grammar


@pytest.mark.parametrize("language", grammar.LANGUAGES)
@pytest.mark.parametrize("keep", [0, 40, 5000, -10, None])
def test_whatever_the_tables_hold_the_parser_is_that_of_the_grammar(
    language: str, keep: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grammar, "TABLES", tmp_path)
    fresh = grammar.make_parser(language).parse("SELECT a FROM t WHERE b = 1")
    grammar.make_tables()
    made = tmp_path / language
    made.write_bytes(made.read_bytes()[:keep])
    assert grammar.make_parser(language).parse("SELECT a FROM t WHERE b = 1") == fresh


def test_a_changed_grammar_makes_new_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "TABLES", tmp_path)
    grammar.make_tables()
    text = grammar.grammar_text("sync_streams")
    monkeypatch.setattr(grammar, "grammar_text", lambda _: text.replace('PLUS: "+"', 'PLUS: "@"'))
    assert grammar.make_parser("sync_streams").parse("SELECT a @ b FROM t")
