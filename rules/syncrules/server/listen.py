"""One process that serves: started on a listening socket, told to reload by SIGHUP, ended gracefully by SIGTERM."""

import asyncio
import logging
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import uvicorn

from syncrules.auth import Verifier
from syncrules.resolve.rules import Rules, load
from syncrules.server.app import App
from syncrules.server.refusal import Refusal
from syncrules.server.service import Service
from syncrules.server.settings import Settings

logger = logging.getLogger("syncrules.server")

STARTED: Final = 0
FAILED: Final = 3
"""Exit status of a process that could not start; its log says why."""

_LOOK_SECONDS: Final = 0.2
"""How often a process looks whether another one of the same service has put rules in force."""


def bound(settings: Settings) -> socket.socket:
    """A socket that listens where the settings say. Raises OSError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=2048)


def serve(settings: Settings, listening: socket.socket) -> int:
    """Serves until it is told to end; the exit status."""
    app = App(settings, lambda: _opened(settings))
    config = uvicorn.Config(
        app.asgi(), lifespan="on", log_config=None, access_log=False, proxy_headers=False, server_header=False,
        timeout_graceful_shutdown=max(1, round(settings.grace)), timeout_keep_alive=75,
    )  # fmt: skip
    server = uvicorn.Server(config)
    # What uvicorn was told to do, it tells the process again once it has done it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_until_told(server, app, listening))
    except SystemExit:
        return FAILED
    return STARTED if server.started else FAILED


async def _until_told(server: uvicorn.Server, app: App, listening: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    def begin(work: Callable[[], Awaitable[None]]) -> None:
        task = loop.create_task(_logged(work))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    loop.add_signal_handler(signal.SIGHUP, lambda: begin(lambda: _reload(app)))
    if app.settings.plan is not None:
        begin(lambda: _follow(app))
    try:
        await server.serve(sockets=[listening])
    finally:
        for task in tasks:
            task.cancel()


async def _opened(settings: Settings) -> Service:
    rules = rules_in_force(settings)
    return await Service.start(settings, rules, Verifier.from_config(settings.auth))


def rules_in_force(settings: Settings) -> Rules:
    """The rules that the processes of a service agreed on; at first, those of the file. Raises RulesError, OSError."""
    if settings.plan is not None and settings.plan.exists():
        return Rules.from_json(settings.plan.read_bytes())
    return load(settings.rules)


async def _reload(app: App) -> None:
    with suppress(Refusal):
        await app.service.reload()


async def _follow(app: App) -> None:
    """Puts the rules in force that another process of the same service was told to."""
    assert app.settings.plan is not None
    seen = app.settings.plan.stat().st_mtime_ns
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        now = app.settings.plan.stat().st_mtime_ns
        if now != seen:
            seen = now
            rules = Rules.from_json(app.settings.plan.read_bytes())
            with suppress(Refusal):
                if rules.plan != app.service.rules.plan:
                    await app.service.adopt(rules)


async def _logged(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception:
        logger.exception("a fault in the background")
