"""Canonical SQL inside YAML: only blanks between words and the case of keywords change.

Everything else stays byte for byte: comments, the style of each scalar, and all that is not a query. A query in one
line stays in one, unless it is in a block and too long for it; queries with comments keep their line breaks.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from syncrules.compile.config import Config, read_config
from syncrules.compile.findings import Findings
from syncrules.diagnostics import Diagnostic, Edit, Source, Span, has_errors
from syncrules.document import MappedText, read
from syncrules.lint.edit import apply_edits
from syncrules.lint.layout import breaks, gap, written
from syncrules.syntax import parse_query
from syncrules.syntax.build import lex
from syncrules.syntax.nodes import Word
from syncrules.syntax.unparsable import Unparsable


def format_edits(source: Source) -> tuple[tuple[Edit, ...], tuple[Diagnostic, ...]]:
    """The edits that give a rules file its canonical form; none, with the errors, for what is no YAML.

    Queries that cannot be read are left as they are, and so is one that would not be the same afterwards.
    """
    document, found = read(source)
    if has_errors(found):
        return (), found
    queries = [*dict.fromkeys(_queries(read_config(document, Findings())))]
    before = [_spelling(text) for text in queries]
    by_query = [tuple(_edits(source, text)) for text in queries]
    together = tuple(edit for edits in by_query for edit in edits)
    if _spellings_after(source, together) == before:
        return together, ()
    sure = [edits for edits in by_query if _spellings_after(source, edits) == before]
    return tuple(edit for edits in sure for edit in edits), ()


def format_text(source: Source) -> str:
    r"""The text in its canonical form.

    >>> format_text(Source("r.yaml", "streams: {s: {query: 'select  * from t where a=auth.user_id( )'}}"))
    "streams: {s: {query: 'SELECT * FROM t WHERE a = auth.user_id()'}}"
    """
    edits, _ = format_edits(source)
    return apply_edits(source.text, edits)


def _queries(config: Config) -> Iterator[MappedText]:
    for definition in config.definitions:
        yield from (*(definition.parameters or ()), *definition.data)
    for stream in config.streams:
        yield from (*stream.queries, *(each.query for each in stream.table_expressions))
    yield from (each.query for each in config.table_expressions)
    for event in config.events:
        yield from event.payloads


def _edits(source: Source, text: MappedText) -> Iterator[Edit]:
    words = _words(text)
    if not words:
        return
    places = [text.span(word.span.start, word.span.end) for word in words]
    yield from (
        Edit(place, written(word)) for word, place in zip(words, places, strict=True) if word.text != written(word)
    )
    line_break = "\r\n" if "\r\n" in source.text else "\n"
    lines = _lines(source, text, words, places)
    for i in range(1, len(words)):
        between = Span(places[i - 1].end, places[i].start)
        if _is_comment(text.text[words[i - 1].span.end : words[i].span.start]):
            continue
        wanted = line_break + " " * lines[i] if i in lines else gap(words[i - 1], words[i])
        if wanted != source.slice(between):
            yield Edit(between, wanted)


def _words(text: MappedText) -> tuple[Word, ...]:
    """The words of a query; none if it is no query of either language."""
    if all(parse_query(grammar, text)[0] is None for grammar in ("sync_streams", "sync_rules")):
        return ()
    try:
        return lex(text.text)
    except Unparsable:
        return ()


def _lines(source: Source, text: MappedText, words: Sequence[Word], places: Sequence[Span]) -> dict[int, int]:
    """Which words begin a line, and how far it is indented."""
    gaps = [text.text[a.span.end : b.span.start] for a, b in pairwise(words)]
    broken = [i for i in range(1, len(words)) if "\n" in source.text[places[i - 1].end : places[i].start]]
    column = source.position(places[0].start).column - 1
    stands_alone = not source.text[places[0].start - column : places[0].start].strip(" ")
    if not broken and not stands_alone:
        return {}
    if any(map(_is_comment, gaps)):
        return {i: source.position(places[i].start).column - 1 for i in broken}
    # A query that begins behind its key goes on below, as far in as it did.
    indent = column if stands_alone else source.position(places[broken[0]].start).column - 1
    return breaks(words, indent, forced=bool(broken))


def _is_comment(between: str) -> bool:
    return bool(between.strip())


def _spellings_after(source: Source, edits: Sequence[Edit]) -> list[object]:
    """How the queries of the file are spelt once it is edited; none if it is no YAML any more."""
    document, found = read(Source(source.name, apply_edits(source.text, edits)))
    if has_errors(found):
        return []
    return [_spelling(text) for text in dict.fromkeys(_queries(read_config(document, Findings())))]


def _spelling(text: MappedText) -> object:
    """The words of a query, whatever is between them; the text itself if it is none."""
    return [(word.kind, written(word)) for word in _words(text)] or text.text
