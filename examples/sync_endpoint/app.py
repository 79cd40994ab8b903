"""A sync endpoint in one file: devices connect, and are told which buckets they gain and lose, at once.

    SYNC_RULES=sync.yaml SYNC_AUTH=auth.yaml SYNC_STORE=lookups.sqlite uvicorn app:app

`GET /sync` with `Authorization: Bearer TOKEN` holds the connection open and sends a JSON object a line:
`{"checkpoint": …, "added": [bucket, …], "removed": [bucket, …]}`. `POST /rows` takes `[{"table": …, "row": {…}}, …]`
and `{"table": …, "delete": key}`; put it where only your replication can reach it.

What a whole service adds (several processes, limits on bodies, metrics, a changed rules file) `syncrules serve` has.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

import syncrules

rules = syncrules.load(os.environ["SYNC_RULES"])
verifier = syncrules.Verifier.from_config(os.environ["SYNC_AUTH"])
store = syncrules.Awaited(syncrules.SqliteStore(rules, os.environ["SYNC_STORE"]))
connections = syncrules.OpenResolutions()
wake_up: dict[object, asyncio.Event] = {}


async def sync(request: Request) -> Response:
    """The stream of one device."""
    try:
        claims = await verifier.verify_header_async(request.headers.get("authorization"))
    except syncrules.TokenError as error:
        return JSONResponse({"error": str(error)}, error.status)
    return StreamingResponse(changes(syncrules.Request(claims)), media_type="application/x-ndjson")


async def changes(request: syncrules.Request) -> AsyncIterator[str]:
    """What the device gains and loses, until its token expires or it leaves."""
    connection = object()
    wake_up[connection] = asyncio.Event()
    expires = request.claims.claims.get("exp")
    try:
        while not isinstance(expires, (int, float)) or time.time() < expires:
            wake_up[connection].clear()
            resolution = await rules.resolve_async(request, store)
            difference = connections.hold(connection, resolution)
            added = [bucket.id for bucket in difference.added]
            line = {"checkpoint": resolution.checkpoint, "added": added, "removed": list(difference.removed)}
            yield json.dumps(line) + "\n"
            while connection not in connections.stale:
                left = None if not isinstance(expires, (int, float)) else max(0.0, expires - time.time())
                try:
                    await asyncio.wait_for(wake_up[connection].wait(), left)
                except TimeoutError:
                    return
    except syncrules.LimitExceeded as error:
        yield json.dumps({"error": str(error)}) + "\n"
    finally:
        connections.release(connection)
        del wake_up[connection]


async def rows(request: Request) -> Response:
    """Source rows that changed: whoever is affected is told."""
    batch = [
        syncrules.Change.delete(each["table"], each["delete"])
        if "delete" in each
        else syncrules.Change.put(each["table"], each["row"])
        for each in await request.json()
    ]
    applied = await store.apply(batch)
    for connection in connections.affected(applied):
        with suppress(KeyError):
            wake_up[connection].set()
    return JSONResponse({"checkpoint": applied.checkpoint})


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """Closes the store at the end."""
    yield
    await store.close()


app = Starlette(routes=[Route("/sync", sync), Route("/rows", rows, methods=["POST"])], lifespan=lifespan)
