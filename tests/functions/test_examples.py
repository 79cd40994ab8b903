"""What the records of functions and operators say of themselves is true."""

import json
from dataclasses import dataclass
from functools import lru_cache

import pytest

from syncrules import Rules, RulesError, Semantics, SourceTable
from syncrules.compile import dialect as dialects
from syncrules.compile.dialect import Dialect
from syncrules.functions import FUNCTIONS, OPERATORS, TABLE_FUNCTIONS, Example, Function, Language
from syncrules.functions.affinity import AFFINITY
from syncrules.functions.request import SYNC_RULES_REQUESTS, SYNC_STREAMS_REQUESTS

TABLE = SourceTable("t")

RECORDS = {**FUNCTIONS, **OPERATORS}
FRONT_END_ONLY = {"is key"}
"""Records that no query can call or write: there is nothing to show."""

WRITABLE = sorted(RECORDS.keys() - FRONT_END_ONLY)


@dataclass(frozen=True)
class Kind:
    """A kind of rules file: what its language has, and the text around a query."""

    dialect: Dialect
    before: str

    def has(self, record: Function) -> bool:
        if record.name in FUNCTIONS:
            return record.name not in self.dialect.functions and self.dialect.language in record.languages
        named = {*self.dialect.operators.values(), *self.dialect.functions.values(), *AFFINITY}
        return record.name in named

    def shows(self, example: Example) -> bool:
        return example.language in (None, self.dialect.language)

    def text(self, query: str) -> str:
        return self.before + json.dumps(query)


_CURRENT = (dialects.CURRENT_JSON, dialects.CURRENT_JSON_FUNCTIONS)
_LEGACY = (dialects.LEGACY_JSON, dialects.LEGACY_JSON_FUNCTIONS)

KINDS = {
    "streams of edition 3": Kind(
        dialects.sync_streams(*_CURRENT), "config: {edition: 3}\nstreams:\n  s:\n    auto_subscribe: true\n    query: "
    ),
    "streams of edition 2": Kind(
        dialects.early_streams(*_CURRENT), "config: {edition: 2}\nstreams:\n  s:\n    auto_subscribe: true\n    query: "
    ),
    "Sync Rules of edition 2": Kind(
        dialects.sync_rules(*_CURRENT), "config: {edition: 2}\nbucket_definitions:\n  b:\n    data:\n      - "
    ),
    "Sync Rules of edition 1": Kind(dialects.sync_rules(*_LEGACY), "bucket_definitions:\n  b:\n    data:\n      - "),
}


@lru_cache(maxsize=1024)
def value_of(sql: str, kind: str, semantics: Semantics) -> object:
    """What one row gets for an expression, or the errors."""
    try:
        rules = Rules.from_text(KINDS[kind].text(f"SELECT id, {sql} AS x FROM t"), semantics=semantics)
    except RulesError as error:
        return error
    evaluation = rules.program.evaluate(TABLE, {"id": "r"})
    return evaluation.errors or evaluation.rows[0].data["x"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", WRITABLE)
def test_every_example_has_its_value_in_every_kind_of_file_that_has_the_record(name: str, kind: str) -> None:
    record = RECORDS[name]
    if not KINDS[kind].has(record):
        return
    shown = [example for example in record.examples if KINDS[kind].shows(example)]
    assert shown, f"`{name}` shows no example in {kind}"
    for example in shown:
        for semantics in Semantics if example.semantics is None else [example.semantics]:
            found = value_of(example.sql, kind, semantics)
            assert (type(found), found) == (type(example.value), example.value), (example.sql, semantics)


@pytest.mark.parametrize("name", WRITABLE)
def test_an_example_that_names_a_semantics_differs_under_the_other(name: str) -> None:
    for example in RECORDS[name].examples:
        for kind, file in KINDS.items():
            if example.semantics is None or not (file.has(RECORDS[name]) and file.shows(example)):
                continue
            (other,) = set(Semantics) - {example.semantics}
            found = value_of(example.sql, kind, other)
            assert (type(found), found) != (type(example.value), example.value), (example.sql, kind)


@pytest.mark.parametrize("name", WRITABLE)
def test_a_record_names_exactly_the_languages_that_have_it(name: str) -> None:
    record = RECORDS[name]
    assert record.languages == {file.dialect.language for file in KINDS.values() if file.has(record)}


def test_every_language_is_shown() -> None:
    assert {file.dialect.language for file in KINDS.values()} == set(Language)


@pytest.mark.parametrize("name", WRITABLE)
def test_every_record_calls_itself_by_its_key_and_shows_an_example(name: str) -> None:
    record = RECORDS[name]
    assert record.name == name
    assert record.examples
    written = record.name if name in FUNCTIONS else ""
    assert all(written in example.sql for example in record.examples)


def test_every_doc_is_sentences_on_one_line() -> None:
    documented = [*RECORDS.values(), *TABLE_FUNCTIONS.values()]
    documented += [*SYNC_RULES_REQUESTS.values(), *SYNC_STREAMS_REQUESTS.values()]
    wrong = [each.name for each in documented if not each.doc.endswith(".") or "\n" in each.doc]
    assert wrong == []
