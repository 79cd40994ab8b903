"""Answers token and connection cases: one JSON object a line in, one a line out.

A token case gives `{name, result, code, user_id, hint, lint}`; a case that only has a `connection`
gives `{name, ref, via}`. Key sets are served from the case's `remote`, through the real HTTP client.

    python tests/conformance/tokens.py < cases.jsonl > answers.jsonl
"""

import json
import logging
import sys
from collections.abc import Mapping

import httpx

from syncrules.auth import ConfigError, KeySetClient, TokenError, Verifier, find_project
from syncrules.auth.config import read_config

Case = Mapping[str, object]

_SECTION_KEYS = ("supabase", "supabase_jwt_secret", "jwks_uri", "audience", "max_lifetime", "sub_uuid")


def answer(case: Case) -> dict[str, object]:
    """What this project says to a case."""
    if "token" in case or "authorization" in case:
        return {"name": case["name"], **_verdict(case)}
    connection = read_config({"client_auth": {}, "replication": {"connections": [case["connection"]]}}).connection
    detection = find_project(connection) if connection is not None else None
    found = (detection.project, detection.via) if detection is not None else (None, None)
    return {"name": case["name"], "ref": found[0], "via": found[1]}


def configuration(case: Case) -> dict[str, object]:
    """The service configuration that a case describes."""
    section = {key: case[key] for key in _SECTION_KEYS if key in case}
    if "keys" in case:
        section["jwks"] = {"keys": case["keys"]}
    connections = [case["connection"]] if "connection" in case else []
    return {"client_auth": section, "replication": {"connections": connections}}


def verifier_of(case: Case) -> Verifier:
    """The verifier that a case describes, at its time. Raises ConfigError."""
    now = float(str(case["now"]))
    return Verifier.from_config(configuration(case), client=_client(case), now=lambda: now)


def _verdict(case: Case) -> dict[str, object]:
    try:
        verifier = verifier_of(case)
    except ConfigError as refusal:
        return {
            "result": "config_error",
            "code": refusal.code,
            "user_id": None,
            "hint": refusal.kind,
            "lint": [],
        }
    try:
        if "authorization" in case:
            claims = verifier.verify_header(str(case["authorization"]))
        else:
            claims = verifier.verify(str(case["token"]))
    except TokenError as refusal:
        hint = refusal.hint.code if refusal.hint is not None else None
        return {"result": "reject", "code": refusal.code, "user_id": None, "hint": hint, "lint": []}
    lint = [notice.code for notice in (*claims.lints, *verifier.warnings)]
    return {"result": "accept", "code": None, "user_id": claims.user_id, "hint": None, "lint": lint}


def _client(case: Case) -> KeySetClient:
    remote = case.get("remote", {})
    assert isinstance(remote, Mapping)

    def respond(request: httpx.Request) -> httpx.Response:
        reply = remote.get(str(request.url))
        if reply is None:
            raise httpx.ConnectError("no such server", request=request)
        headers = {"location": reply["location"]} if "location" in reply else {}
        content = reply["text"] if "text" in reply else json.dumps(reply["body"])
        # As a stream: an answer made from bytes counts as read already.
        return httpx.Response(reply["status"], headers=headers, stream=httpx.ByteStream(content.encode()))

    return KeySetClient(make_transport=lambda: httpx.MockTransport(respond))


def main() -> None:
    """Answer the cases on standard input."""
    logging.disable()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")


if __name__ == "__main__":
    main()
