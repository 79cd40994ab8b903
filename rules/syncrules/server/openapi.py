"""The description of the service for clients and their generators: OpenAPI 3.1."""

from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from syncrules import __version__
from syncrules.server.access import is_open
from syncrules.server.answers import ErrorAnswer, HealthAnswer, ReloadAnswer, ResolveAnswer, RowsAnswer
from syncrules.server.bodies import ReloadBody, ResolveBody, RowsBody
from syncrules.server.settings import Settings

_REFUSALS: Final = {
    400: "the body is no JSON",
    401: "no token, or one that is refused; or not the secret",
    403: "only for programs on the same machine",
    404: "there is no such path",
    405: "the path takes another method",
    408: "the body did not arrive in time",
    409: "the checkpoint cannot be read; or the rules need another store",
    413: "the body is too large",
    415: "the body is not said to be JSON",
    422: "the body does not say what it should; or the request leads to too much (PSYNC_S2305)",
    500: "a fault of the service",
    503: "the store or a key set does not answer, or not in time",
}
_NAMES: Final = "#/components/schemas/"


def openapi(settings: Settings) -> dict[str, Any]:
    """The description of what is open under these settings."""
    paths: dict[str, Any] = {
        "/v1/resolve": {
            "post": _operation(
                "resolve", "Which buckets the user of the token syncs.", ResolveBody, ResolveAnswer,
                (400, 401, 408, 409, 413, 415, 422, 500, 503), "token",
            )
        },
        "/health": {"get": _operation("health", "Whether the service is alive.", None, HealthAnswer, ())},
        "/ready": {"get": _operation("ready", "Whether its store answers.", None, HealthAnswer, (503,))},
        "/openapi.json": {"get": _plain("openapi", "This description.", "application/json")},
    }  # fmt: skip
    if is_open(settings):
        guarded = (400, 401, 403, 408, 413, 415, 422, 500, 503)
        paths["/v1/rows"] = {
            "post": _operation(
                "rows",
                "Takes a batch of source rows in, wholly or not at all.",
                RowsBody,
                RowsAnswer,
                guarded,
                "secret",
            )
        }
        paths["/v1/reload"] = {
            "post": _operation(
                "reload", "Reads the rules file anew.", ReloadBody, ReloadAnswer, (*guarded, 409), "secret"
            )
        }
        paths["/metrics"] = {
            "get": _plain("metrics", "Counters for Prometheus.", "text/plain") | {"security": [{"secret": []}, {}]}
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "syncrules", "version": __version__, "description": "Which rows a user syncs."},
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": _SECURITY},
    }


_SECURITY: Final = {
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "the user's token"},
    "secret": {
        "type": "http",
        "scheme": "bearer",
        "description": "the service's secret; none on a loopback listener without one",
    },
}


@cache
def _schemas() -> dict[str, Any]:
    models: list[tuple[type[BaseModel], Any]] = [(model, "validation") for model in (ResolveBody, RowsBody, ReloadBody)]
    models += [
        (model, "serialization") for model in (ResolveAnswer, RowsAnswer, ReloadAnswer, HealthAnswer, ErrorAnswer)
    ]
    _, schema = models_json_schema(models, ref_template=_NAMES + "{model}")
    definitions: dict[str, Any] = schema["$defs"]
    return definitions


def _operation(
    name: str,
    summary: str,
    body: type[BaseModel] | None,
    answer: type[BaseModel],
    refusals: tuple[int, ...],
    guard: str = "",
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "responses": {
            "200": {
                "description": "done",
                "content": {"application/json": {"schema": {"$ref": _NAMES + answer.__name__}}},
            },
            **{str(status): _refusal(status) for status in sorted({*refusals, 405})},
        },
    }
    if body is not None:
        described["requestBody"] = {"content": {"application/json": {"schema": {"$ref": _NAMES + body.__name__}}}}
    if guard:
        described["security"] = [{guard: []}] if guard == "token" else [{guard: []}, {}]
    return described


def _plain(name: str, summary: str, kind: str) -> dict[str, Any]:
    responses = {"200": {"description": "done", "content": {kind: {}}}, "405": _refusal(405)}
    if name == "metrics":
        responses |= {str(status): _refusal(status) for status in (401, 403)}
    return {"operationId": name, "summary": summary, "responses": responses}


def _refusal(status: int) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"{_NAMES}{ErrorAnswer.__name__}"}}}
    return {"description": _REFUSALS[status], "content": content}
