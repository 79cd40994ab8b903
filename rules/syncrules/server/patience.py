"""How long a request is worked on: no longer than is allowed, and no longer than its client waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.requests import Request

_GLANCE: Final = 0.1
"""Seconds after which a request is slow enough to look whether its client still waits."""


class ClientGone(Exception):
    """The client has left: nobody reads the answer."""


@asynccontextmanager
async def patience(request: Request, seconds: float) -> AsyncIterator[None]:
    """Cancels what runs inside when the time is over (TimeoutError) or the client leaves (ClientGone).

    The body must have been read before.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    watching: list[asyncio.Task[None]] = []
    gone = False

    async def watch() -> None:
        nonlocal gone
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone = True
        task.cancel()

    glance = loop.call_later(_GLANCE, lambda: watching.append(loop.create_task(watch())))
    try:
        async with asyncio.timeout(seconds):
            yield
    except asyncio.CancelledError:
        if gone and task.uncancel() == 0:
            raise ClientGone from None
        raise
    finally:
        glance.cancel()
        for watcher in watching:
            watcher.cancel()
