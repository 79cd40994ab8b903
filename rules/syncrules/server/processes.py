"""Several processes that serve as one, on one listening socket: started, replaced when they die, and ended together.

The rules in force lie in a file between them, as a plan: who is told to reload writes it, and the others follow.
"""

import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import time
from collections import deque
from dataclasses import replace
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

from syncrules.resolve.rules import Rules
from syncrules.server.listen import FAILED, serve
from syncrules.server.logs import Logs, set_up_logs
from syncrules.server.metrics import FOLDER_VARIABLE
from syncrules.server.settings import Settings

logger = logging.getLogger("syncrules.server")

_DEATHS: Final = 5
_DEATHS_SECONDS: Final = 60.0
"""A service whose processes die so often in so short a time gives up."""


def serve_together(settings: Settings, rules: Rules, listening: socket.socket, processes: int, logs: Logs) -> int:
    """Serves in several processes until this one is told to end; the exit status."""
    with tempfile.TemporaryDirectory(prefix="syncrules-") as folder:
        plan, counts = Path(folder) / "plan.json", Path(folder) / "metrics"
        plan.write_text(rules.to_json(), "utf-8")
        counts.mkdir()
        os.environ[FOLDER_VARIABLE] = str(counts)
        return _Supervisor(replace(settings, plan=plan), listening, processes, logs).run()


class _Supervisor:
    """The process that looks after the others."""

    def __init__(self, settings: Settings, listening: socket.socket, processes: int, logs: Logs) -> None:
        self._settings = settings
        self._listening = listening
        self._processes = processes
        self._logs: Logs = logs
        self._children: list[SpawnProcess] = []
        self._is_ending = False

    def run(self) -> int:
        """Until all children have ended."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._end())
        signal.signal(signal.SIGHUP, lambda *_: self._pass_on())
        self._children = [self._start() for _ in range(self._processes)]
        deaths: deque[float] = deque(maxlen=_DEATHS)
        status = 0
        while self._children:
            wait([child.sentinel for child in self._children], timeout=1.0)
            for child in [child for child in self._children if not child.is_alive()]:
                self._children.remove(child)
                if self._is_ending:
                    continue
                deaths.append(time.monotonic())
                logger.error("a process ended", extra={"details": {"process": child.pid, "status": child.exitcode}})
                if child.exitcode == FAILED or (len(deaths) == _DEATHS and deaths[-1] - deaths[0] < _DEATHS_SECONDS):
                    status = 1
                    self._end()
                else:
                    self._children.append(self._start())
        return status

    def _start(self) -> SpawnProcess:
        work = (self._settings, self._listening, self._logs)
        child = multiprocessing.get_context("spawn").Process(target=_work, args=work, name="syncrules-serve")
        child.start()
        return child

    def _end(self) -> None:
        self._is_ending = True
        for child in self._children:
            if child.is_alive():
                child.terminate()

    def _pass_on(self) -> None:
        """One process reloads, and the others follow it."""
        alive = [child.pid for child in self._children if child.is_alive() and child.pid is not None]
        if alive:
            os.kill(alive[0], signal.SIGHUP)


def _work(settings: Settings, listening: socket.socket, logs: Logs) -> None:
    set_up_logs(logs)
    raise SystemExit(serve(settings, listening))
