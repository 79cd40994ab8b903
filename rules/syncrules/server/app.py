"""The service as an ASGI application: paths, and what happens to every request on its way."""

import asyncio
import gc
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from pydantic_core import PydanticSerializationError, to_json
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from syncrules.server.access import check_access, is_open
from syncrules.server.bodies import ReloadBody, ResolveBody, RowsBody, read_body
from syncrules.server.metrics import Metrics
from syncrules.server.openapi import openapi
from syncrules.server.patience import ClientGone, patience
from syncrules.server.refusal import Refusal, refusal_of
from syncrules.server.service import Service, resolve_answer, rows_answer
from syncrules.server.settings import Settings

logger = logging.getLogger("syncrules.server")

Opened = Callable[[], Awaitable[Service]]


class App:
    """The answers of a service, by path. `opened` starts it, in the event loop that it runs in."""

    def __init__(self, settings: Settings, opened: Opened) -> None:
        self.settings = settings
        self.metrics = Metrics.make()
        self._opened = opened
        self._service: Service | None = None

    @property
    def service(self) -> Service:
        """The service; while it starts or ends there is none. Raises Refusal."""
        if self._service is None:
            raise Refusal(503, "starting", "the service is not ready", headers={"Retry-After": "1"})
        return self._service

    def asgi(self) -> "Recorded":
        """The application."""
        routes = [
            Route("/v1/resolve", self._resolve, methods=["POST"]),
            Route("/health", self._health),
            Route("/ready", self._ready),
            Route("/openapi.json", self._openapi),
        ]
        if is_open(self.settings):
            routes += [
                Route("/v1/rows", self._rows, methods=["POST"]),
                Route("/v1/reload", self._reload, methods=["POST"]),
                Route("/metrics", self._metrics),
            ]
        handlers = {Exception: _never, HTTPException: _refused_by_router}
        return Recorded(Starlette(routes=routes, lifespan=self._lifespan, exception_handlers=handlers), self.metrics)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self._service = await self._opened()
        # What is made until now stays for good: collections need not go through it, for milliseconds, again and again.
        gc.collect()
        gc.freeze()
        logger.info("ready", extra={"details": {"streams": len(self._service.rules.plan.streams)}})
        try:
            yield
        finally:
            service, self._service = self._service, None
            await service.close()

    async def _resolve(self, request: Request) -> Response:
        async def answer() -> Response:
            service = self.service
            body = read_body(ResolveBody, await self._read(request, self.settings.maximum_body))
            async with patience(request, self.settings.timeout):
                claims = await service.claims(request.headers.get("authorization"))
                resolution = await service.resolve(claims, body)
            self.metrics.buckets.observe(len(resolution.buckets))
            self.metrics.results.observe(resolution.parameter_results)
            request.scope["details"] = {"buckets": len(resolution.buckets), "checkpoint": resolution.checkpoint}
            return _json(resolve_answer(claims, resolution))

        return await self._answered(request, answer)

    async def _rows(self, request: Request) -> Response:
        async def answer() -> Response:
            service = self.service
            check_access(request, self.settings)
            body = read_body(RowsBody, await self._read(request, self.settings.maximum_rows_body))
            async with patience(request, max(self.settings.timeout, 60.0)):
                applied = await service.take(body)
            for change in body.changes:
                self.metrics.changes.labels(change.operation).inc()
            self.metrics.row_errors.inc(sum(map(len, applied.errors.values())))
            self.metrics.checkpoint.set(applied.checkpoint)
            request.scope["details"] = {"changes": len(body.changes), "checkpoint": applied.checkpoint}
            return _json(rows_answer(applied))

        return await self._answered(request, answer)

    async def _reload(self, request: Request) -> Response:
        async def answer() -> Response:
            service = self.service
            check_access(request, self.settings)
            read_body(ReloadBody, await self._read(request, self.settings.maximum_body))
            rules = await service.reload()
            warnings = [each.message for each in rules.diagnostics]
            return _json({"streams": list(rules.plan.streams), "warnings": warnings})

        try:
            return await self._answered(request, answer)
        finally:
            self.metrics.reloads.labels("none" if self._service is None else self._service.last_reload).inc()

    async def _health(self, request: Request) -> Response:
        async def answer() -> Response:
            return _json({"status": "ok", "checkpoint": None})

        return await self._answered(request, answer)

    async def _ready(self, request: Request) -> Response:
        async def answer() -> Response:
            service = self.service
            async with patience(request, self.settings.timeout):
                checkpoint = await service.checkpoint()
            self.metrics.checkpoint.set(checkpoint)
            return _json({"status": "ok", "checkpoint": checkpoint})

        return await self._answered(request, answer)

    async def _metrics(self, request: Request) -> Response:
        async def answer() -> Response:
            check_access(request, self.settings)
            # It reads files, and may wait for one.
            told = await asyncio.to_thread(self.metrics.text)
            return Response(told, media_type="text/plain; version=0.0.4; charset=utf-8")

        return await self._answered(request, answer)

    async def _openapi(self, request: Request) -> Response:
        async def answer() -> Response:
            return _json(openapi(self.settings))

        return await self._answered(request, answer)

    async def _read(self, request: Request, maximum: int) -> bytes:
        """The body. Raises Refusal for one that is too large, or no JSON."""
        kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refusal(415, "content-type", "the body must be JSON", "send `Content-Type: application/json`")
        parts, size = [], 0
        try:
            async with asyncio.timeout(self.settings.body_timeout):
                async for part in request.stream():
                    size += len(part)
                    if size > maximum:
                        raise Refusal(413, "too-large", f"the body is larger than {maximum} bytes")
                    parts.append(part)
        except TimeoutError:
            message = f"the body did not arrive within {self.settings.body_timeout:g} seconds"
            raise Refusal(408, "slow-body", message, headers={"Connection": "close"}) from None
        return b"".join(parts)

    async def _answered(self, request: Request, answer: Callable[[], Awaitable[Response]]) -> Response:
        try:
            return await answer()
        except (ClientGone, ClientDisconnect):
            request.scope["details"] = {"code": "client-gone"}
            return Response(status_code=499)
        except Exception as error:
            refusal = refusal_of(error)
            if refusal.status == 500:
                logger.exception("a fault", extra={"details": {"path": request.url.path}})
            elif refusal.code == "store":
                logger.warning("the store failed: %s", error)
            self.metrics.refusals.labels(refusal.code).inc()
            request.scope["details"] = {"code": refusal.code}
            return _json(refusal.body(), refusal.status, refusal.headers)


class Recorded:
    """An application whose every request is counted, timed, and told in the log."""

    def __init__(self, app: Starlette, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = frozenset(route.path for route in app.routes if isinstance(route, Route))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, name = time.perf_counter(), 500, secrets.token_hex(8)

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", name.encode()))
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - began
            path = scope["path"] if scope["path"] in self._paths else "other"
            self._metrics.requests.labels(path, str(status)).inc()
            self._metrics.seconds.labels(path).observe(seconds)
            if logger.isEnabledFor(logging.INFO):
                told = {
                    "request": name,
                    "method": scope["method"],
                    "path": path,
                    "status": status,
                    "ms": round(seconds * 1e3, 3),
                }
                logger.info("request", extra={"details": {**told, **scope.get("details", {})}})


def _json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    try:
        body = to_json(content, inf_nan_mode="null")
    except (PydanticSerializationError, ValueError):  # half of a surrogate pair, which JSON can only escape
        body = json.dumps(content).encode("ascii")
    return Response(body, status, headers, "application/json")


async def _refused_by_router(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "no-such-path", 405: "method"}.get(error.status_code, "http")
    refusal = Refusal(error.status_code, code, error.detail, headers=error.headers or {})
    return _json(refusal.body(), refusal.status, refusal.headers)


async def _never(_: Request, error: Exception) -> Response:
    refusal = refusal_of(error)
    return _json(refusal.body(), refusal.status)
