"""The rules file as a document: which keys it has, what they may hold, and the queries in them.

Whatever is unknown or of the wrong kind is an error with a place, because a key that is silently
ignored (`where:`) can share a whole table.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from syncrules.compile.findings import Findings
from syncrules.compile.options import Options, read_options
from syncrules.diagnostics import Edit, Span
from syncrules.document import Entry, MappedText, Mapping, Node, Scalar, Sequence

DEFAULT_PRIORITY: Final = 3
PRIORITIES: Final = range(4)

TOP_KEYS: Final = ("config", "bucket_definitions", "streams", "with", "event_definitions")
EVENT_KEYS: Final = ("payloads",)
DEFINITION_KEYS: Final = ("parameters", "data", "priority", "accept_potentially_dangerous_queries")
STREAM_KEYS: Final = (
    "auto_subscribe",
    "priority",
    "query",
    "queries",
    "with",
    "accept_potentially_dangerous_queries",
)


@dataclass(frozen=True, slots=True)
class Definition:
    """One bucket definition. `priority` None means that the key is absent."""

    name: str
    span: Span
    body: Span
    parameters: tuple[MappedText, ...] | None
    data: tuple[MappedText, ...]
    priority: int | None
    accepts_dangerous: bool


@dataclass(frozen=True, slots=True)
class TableExpression:
    """A common table expression under `with:`."""

    name: str
    name_span: Span
    query: MappedText
    span: Span


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream. `queries_span` is where its `queries:` are, None with a single `query:`."""

    name: str
    span: Span
    body: Span
    auto_subscribe: bool
    priority: int
    queries: tuple[MappedText, ...]
    queries_span: Span | None
    table_expressions: tuple[TableExpression, ...]
    accepts_dangerous: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One event definition: queries whose rows are announced."""

    name: str
    payloads: tuple[MappedText, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """A rules file, read. Definitions and streams are in the order of the file."""

    options: Options
    definitions: tuple[Definition, ...]
    streams: tuple[Stream, ...]
    order: tuple[str, ...]
    table_expressions: tuple[TableExpression, ...]
    events: tuple[Event, ...]


def read_config(document: Node | None, findings: Findings) -> Config:
    """The rules file behind a document; what is missing or wrong becomes a finding."""
    if not isinstance(document, Mapping):
        span = document.span if document is not None else Span(0, 0)
        _missing_everything(span, findings)
        return Config(Options(), (), (), (), (), ())
    refuse_unknown_keys(document, TOP_KEYS, "a rules file", findings)
    options = read_options(document.get("config"), findings)
    entries = [(entry.key.text.text, entry) for entry in document.entries]
    definitions: list[Definition] = []
    streams: list[Stream] = []
    for key, entry in entries:
        if key == "bucket_definitions":
            definitions = [_definition(each, findings) for each in _named(entry, findings) if is_body(each, findings)]
        elif key == "streams":
            streams = [read_stream(each, findings) for each in _named(entry, findings) if is_body(each, findings)]
    _require_some(document, options, findings)
    events = document.get("event_definitions")
    shared = document.get("with")
    named = [(d.span.start, d.name) for d in definitions] + [(s.span.start, s.name) for s in streams]
    _refuse_shared_names(definitions, streams, findings)
    return Config(
        options=options,
        definitions=tuple(definitions),
        streams=tuple(streams),
        order=tuple(name for _, name in sorted(named)),
        table_expressions=_table_expressions(shared, findings),
        events=tuple(_event(entry, findings) for entry in _named(events, findings)) if events else (),
    )


def refuse_unknown_keys(mapping: Mapping, known: tuple[str, ...], where: str, findings: Findings) -> None:
    """Reports each key that is not known, with the closest one that is."""
    for entry in mapping.entries:
        name = entry.key.text.text
        if name not in known:
            close = get_close_matches(name, known, n=1)
            instead = f"did you mean `{close[0]}`?" if close else f"the keys are {', '.join(known)}"
            respelt = [Edit(entry.key.span, key) for key in known if _alike(name, key)]
            findings.error("unknown-key", f"{where} has no key `{name}`", entry.key.span, instead, *respelt)


def _alike(written: str, known: str) -> bool:
    """Whether two keys differ by capitals, dashes and underscores alone."""
    return re.sub(r"[-_ ]", "", written).lower() == known.replace("_", "")


def _missing_everything(span: Span, findings: Findings) -> None:
    instead = "write the rules under `streams:` (or `bucket_definitions:`)"
    findings.error("no-rules", "the file has neither `streams` nor `bucket_definitions`", span, instead)


def _require_some(document: Mapping, options: Options, findings: Findings) -> None:
    definitions, streams = document.get("bucket_definitions"), document.get("streams")
    if definitions is not None and options.edition >= 3:
        findings.error(
            "bucket-definitions-retired",
            f"edition {options.edition} has no `bucket_definitions`",
            _cover(definitions),
            "write them as `streams`, or use edition 2",
        )
    if _is_absent(streams) and (_is_absent(definitions) or options.edition >= 3):
        present = streams or definitions
        _missing_everything(present.key.span if present else document.span, findings)


def _is_absent(entry: Entry | None) -> bool:
    return entry is None or (isinstance(entry.value, Scalar) and entry.value.value is None)


def _refuse_shared_names(definitions: list[Definition], streams: list[Stream], findings: Findings) -> None:
    taken = {stream.name for stream in streams}
    for definition in definitions:
        if definition.name in taken:
            message = f"`{definition.name}` is the name of a stream, too"
            findings.error("duplicate-name", message, definition.span, "give one of them another name")
            other = next(stream for stream in streams if stream.name == definition.name)
            findings.error("duplicate-name", f"`{other.name}` is the name of a bucket definition, too", other.span)


def _named(entry: Entry | None, findings: Findings) -> list[Entry]:
    """The entries below a key that holds named things."""
    match entry:
        case None:
            return []
        case Entry(value=Mapping(entries=entries)):
            return list(entries)
        case Entry(value=Scalar(value=None)) if entry.key.text.text != "event_definitions":
            return []
        case _:
            key = entry.key.text.text
            findings.error("wrong-kind", f"`{key}` must be a mapping of names", _place(entry), "write `name:` below it")
            return []


def is_body(entry: Entry, findings: Findings) -> bool:
    """Whether a named thing is a mapping, as it must be."""
    if isinstance(entry.value, Mapping):
        return True
    name = entry.key.text.text
    findings.error("wrong-kind", f"`{name}` must be a mapping", _cover(entry), "write its keys below it, indented")
    return False


def _definition(entry: Entry, findings: Findings) -> Definition:
    body = entry.value
    assert isinstance(body, Mapping)
    name = entry.key.text.text
    refuse_unknown_keys(body, DEFINITION_KEYS, "a bucket definition", findings)
    parameters, data = body.get("parameters"), body.get("data")
    if data is None or not isinstance(data.value, Sequence):
        span = _cover(data) if data else body.span
        findings.error(
            "wrong-kind", f"`data` of `{name}` must be a list of queries", span, "write `data:` and `- SELECT …`"
        )
    return Definition(
        name=name,
        span=entry.key.span,
        body=_cover(entry),
        parameters=None if parameters is None else _one_or_more(parameters, findings),
        data=_queries(data.value, findings) if data and isinstance(data.value, Sequence) else (),
        priority=_priority(body.get("priority"), findings),
        accepts_dangerous=_boolean(body.get("accept_potentially_dangerous_queries"), findings),
    )


def read_stream(entry: Entry, findings: Findings) -> Stream:
    """A stream; what is missing or wrong becomes a finding. Its body is a mapping."""
    body = entry.value
    assert isinstance(body, Mapping)
    refuse_unknown_keys(body, STREAM_KEYS, "a stream", findings)
    query, queries = body.get("query"), body.get("queries")
    texts: tuple[MappedText, ...] = ()
    if (query is None) == (queries is None):
        message = f"`{entry.key.text.text}` must have either `query` or `queries`"
        findings.error("wrong-kind", message, body.span if body.entries else _cover(entry))
    elif query is not None:
        texts = _query(query.value, _cover(query), findings)
    elif queries is not None and isinstance(queries.value, Sequence):
        texts = _queries(queries.value, findings)
    elif queries is not None:
        findings.error(
            "wrong-kind", "`queries` must be a list of queries", _cover(queries), "write `- SELECT …` below it"
        )
    priority = _priority(body.get("priority"), findings)
    return Stream(
        name=entry.key.text.text,
        span=entry.key.span,
        body=_cover(entry),
        auto_subscribe=_boolean(body.get("auto_subscribe"), findings),
        priority=DEFAULT_PRIORITY if priority is None else priority,
        queries=texts,
        queries_span=_cover(queries) if queries else None,
        table_expressions=_table_expressions(body.get("with"), findings),
        accepts_dangerous=_boolean(body.get("accept_potentially_dangerous_queries"), findings),
    )


def _event(entry: Entry, findings: Findings) -> Event:
    name = entry.key.text.text
    if not isinstance(entry.value, Mapping):
        findings.error(
            "wrong-kind", f"the event `{name}` must be a mapping", _cover(entry), "write `payloads:` below it"
        )
        return Event(name, ())
    refuse_unknown_keys(entry.value, EVENT_KEYS, "an event definition", findings)
    payloads = entry.value.get("payloads")
    if payloads is None or not isinstance(payloads.value, Sequence):
        span = _cover(payloads) if payloads else entry.value.span
        findings.error("wrong-kind", f"`payloads` of `{name}` must be a list of queries", span)
        return Event(name, ())
    return Event(name, _queries(payloads.value, findings))


def _table_expressions(entry: Entry | None, findings: Findings) -> tuple[TableExpression, ...]:
    return tuple(
        TableExpression(each.key.text.text, each.key.span, text, _cover(each))
        for each in _named(entry, findings)
        for text in _query(each.value, _cover(each), findings)
    )


def _one_or_more(entry: Entry, findings: Findings) -> tuple[MappedText, ...]:
    match entry.value:
        case Sequence():
            return _queries(entry.value, findings)
        case _:
            return _query(entry.value, _cover(entry), findings)


def _queries(sequence: Sequence, findings: Findings) -> tuple[MappedText, ...]:
    return tuple(text for item in sequence.items for text in _query(item, item.span, findings))


def _query(node: Node, place: Span, findings: Findings) -> tuple[MappedText, ...]:
    match node:
        case Scalar(value=None, text=text) if not text.text:
            findings.error("wrong-kind", "a query is missing here", place, "write SELECT …")
            return ()
        case Scalar():
            return (node.text,)
        case _:
            instead = "quote a query that holds `: ` or ` #`, or write it below `|`"
            findings.error("wrong-kind", "a query must be a text", node.span, instead)
            return ()


def _priority(entry: Entry | None, findings: Findings) -> int | None:
    match entry:
        case None:
            return None
        case Entry(value=Scalar(value=int() | float() as value)) if not isinstance(value, bool) and value in PRIORITIES:
            return int(value)
        case _:
            findings.error(
                "invalid-priority", "a priority is 0, 1, 2 or 3", _place(entry), "0 syncs first; the default is 3"
            )
            return None


def _boolean(entry: Entry | None, findings: Findings) -> bool:
    match entry:
        case None:
            return False
        case Entry(value=Scalar(value=bool() as value)):
            return value
        case _:
            findings.error("wrong-kind", f"`{entry.key.text.text}` must be true or false", _place(entry))
            return False


def _place(entry: Entry) -> Span:
    """Where a value stands, or its key if it is empty."""
    return entry.value.span if entry.value.span.end > entry.value.span.start else entry.key.span


def _cover(entry: Entry) -> Span:
    return entry.key.span.cover(_place(entry))
