"""The JSON Schema of rules files, for editors: which keys there are, and what they may hold.

The keys are those that config.py and options.py read; what SQL means is beyond a JSON Schema. It is of draft 7, which
the YAML servers of editors know best.
"""

from collections.abc import Mapping
from typing import Any, Final

from syncrules.compile.config import DEFINITION_KEYS, EVENT_KEYS, PRIORITIES, STREAM_KEYS, TOP_KEYS
from syncrules.compile.options import CONFIG_KEYS, PRECISIONS, SWITCHES

JsonSchema = dict[str, Any]

_QUERY: Final = {"type": "string", "description": "One SELECT."}
_QUERIES: Final = {"type": "array", "items": _QUERY}
_EXPRESSIONS: Final = {
    "type": "object",
    "description": "Common table expressions: a name, and the SELECT that it stands for.",
    "additionalProperties": _QUERY,
}

_AT_LEAST_3: Final = {"properties": {"edition": {"minimum": 3}}}

_HOLDS: Final[Mapping[str, JsonSchema]] = {
    "config": {"$ref": "#/definitions/config"},
    "bucket_definitions": {
        "type": "object",
        "description": "Sync Rules: families of buckets by name. Editions 1 and 2.",
        "additionalProperties": {"$ref": "#/definitions/bucket_definition"},
    },
    "streams": {
        "type": "object",
        "description": "Sync Streams by name. From edition 3 on; edition 2 has an early form.",
        "additionalProperties": {"$ref": "#/definitions/stream"},
    },
    "with": _EXPRESSIONS,
    "event_definitions": {"type": "object", "additionalProperties": {"$ref": "#/definitions/event"}},
    "parameters": {
        "description": "Parameter queries: which buckets a user gets.",
        "anyOf": [_QUERY, _QUERIES],
    },
    "data": {**_QUERIES, "description": "Data queries: which rows are in the buckets."},
    "priority": {"enum": [*PRIORITIES], "description": "0 syncs first. The default is 3."},
    "accept_potentially_dangerous_queries": {
        "type": "boolean",
        "description": "Every user may see all that clients can ask for; silences the warning about it.",
    },
    "auto_subscribe": {"type": "boolean", "description": "Clients get the stream without subscribing to it."},
    "query": _QUERY,
    "queries": {**_QUERIES, "description": "Several SELECTs, whose rows share buckets where they can."},
    "payloads": _QUERIES,
    "edition": {"type": "integer", "minimum": 1, "description": "The edition of the language; 3 is the newest."},
    **{name: {"type": "boolean", "description": "A fix, on from edition 2."} for name in SWITCHES},
    "timestamp_max_precision": {"enum": [*PRECISIONS], "description": "Needs `timestamps_iso8601`."},
    "storage_version": {"enum": [2, 3]},
    "unstable_sqlite_expression_engine": {
        "type": "boolean",
        "description": "Expressions mean exactly what SQLite means: a missing claim is not let in by NOT.",
    },
}


def config_schema() -> JsonSchema:
    """The schema as JSON can hold it.

    >>> sorted(config_schema()["definitions"])
    ['bucket_definition', 'config', 'event', 'stream']
    """
    one_query = {"oneOf": [{"required": ["query"]}, {"required": ["queries"]}]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Sync Rules and Sync Streams",
        **_mapping(TOP_KEYS),
        "anyOf": [{"required": ["streams"]}, {"required": ["bucket_definitions"]}],
        "if": {"required": ["config"], "properties": {"config": {"required": ["edition"], **_AT_LEAST_3}}},
        "then": {"not": {"required": ["bucket_definitions"]}},
        "definitions": {
            "config": _mapping(CONFIG_KEYS),
            "bucket_definition": {**_mapping(DEFINITION_KEYS), "required": ["data"]},
            "stream": {**_mapping(STREAM_KEYS), **one_query},
            "event": {**_mapping(EVENT_KEYS), "required": ["payloads"]},
        },
    }


def _mapping(keys: tuple[str, ...]) -> JsonSchema:
    return {"type": "object", "properties": {key: _HOLDS[key] for key in keys}, "additionalProperties": False}
