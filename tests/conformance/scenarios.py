"""Answers scenarios: one JSON object a line on standard input, one result a line on standard output.

A scenario is a rules file (`config`), source rows and requests; a result says what the file compiles
to in terms of diagnostics, where each row goes, and what each request gets. Run it with
`python -m tests.conformance.scenarios < scenarios.jsonl`.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from syncrules import MemoryStore, Request, Rules, RulesError, Schema, Subscription, VerifiedClaims
from syncrules.diagnostics import Diagnostic, Source
from syncrules.engine.table import SourceTable
from syncrules.resolve.request import RequestError
from syncrules.stores.change import Change

Json = dict[str, Any]


def answer(scenario: Mapping[str, Any]) -> Json:
    """The result of one scenario."""
    default_schema = scenario.get("default_schema", "public")
    config = scenario["config"]
    schema = scenario.get("schema")
    try:
        rules = Rules.from_text(
            config,
            schema=None if schema is None else Schema.from_mapping(schema, default_schema),
            default_schema=default_schema,
        )
    except RulesError as error:
        return _result(scenario, [_diagnostic(each, error.source) for each in error.diagnostics])
    diagnostics = [_diagnostic(each, Source("", config)) for each in rules.diagnostics]
    result = _result(scenario, diagnostics)
    store = MemoryStore(rules)
    for index, item in enumerate(scenario.get("rows", ())):
        change = change_of(item, index, default_schema)
        store.apply([change])
        evaluation = rules.program.evaluate(change.table, change.row)
        lookups = rules.program.lookups(change.table, change.row)
        result["rows"].append(
            {
                "results": [
                    {"bucket": each.bucket, "id": each.id, "table": each.table, "data": dict(each.data)}
                    for each in evaluation.rows
                ],
                "errors": [each.message for each in evaluation.errors],
            }
        )
        errors = [each.message for each in lookups.errors]
        result["parameter_rows"].append({"lookups": len(lookups.entries), "errors": errors})
    result["requests"] = [_request(each, rules, store) for each in scenario.get("requests", ())]
    return result


def change_of(item: Mapping[str, Any], index: int, default_schema: str) -> Change:
    """A row of a scenario, written to its table; `index` is its primary key."""
    row = {name: _sql(value) for name, value in item["row"].items()}
    return Change.put(SourceTable.parse(item["table"], default_schema), row, key=index)


def request_of(asked: Mapping[str, Any]) -> Request:
    """A request of a scenario. Raises RequestError."""
    return Request(
        VerifiedClaims.unverified_for_testing(asked.get("claims") or {}),
        parameters=asked.get("parameters") or {},
        subscriptions=tuple(
            Subscription(each["stream"], each.get("parameters"), each.get("priority"))
            for each in asked.get("subscriptions", ())
        ),
        default_streams=asked.get("default_streams", True),
    )


def _request(asked: Mapping[str, Any], rules: Rules, store: MemoryStore) -> Json:
    try:
        request = request_of(asked)
    except RequestError as error:
        return {"buckets": [], "errors": [], "fatal": str(error)}
    resolution = rules.resolve(request, store)
    buckets = [
        {
            "bucket": each.id,
            "priority": each.priority,
            "definition": each.definition,
            "reasons": list(each.reasons),
        }
        for each in sorted(resolution.buckets, key=lambda bucket: bucket.id)
    ]
    errors = [{"definition": each.definition, "message": each.message} for each in resolution.errors]
    return {"buckets": buckets, "errors": errors}


def _result(scenario: Mapping[str, Any], diagnostics: list[Json]) -> Json:
    name = scenario.get("name")
    return {"name": name, "diagnostics": diagnostics, "rows": [], "parameter_rows": [], "requests": []}


def _diagnostic(diagnostic: Diagnostic, source: Source) -> Json:
    return {
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "start": source.utf16(diagnostic.span.start),
        "end": source.utf16(diagnostic.span.end),
        "source": source.slice(diagnostic.span),
    }


def _sql(value: object) -> object:
    return bytes.fromhex(value["$blob"]) if isinstance(value, dict) else value


def answers(lines: Iterator[str]) -> Iterator[str]:
    """A line of JSON for each line of JSON."""
    for line in lines:
        if line.strip():
            yield json.dumps(answer(json.loads(line)), ensure_ascii=False)


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for reply in answers(sys.stdin):
        print(reply, flush=True)
