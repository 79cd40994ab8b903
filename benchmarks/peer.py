"""The published peer package, run beside ours: a Node process that is asked line by line. Its packages are installed apart."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

FOLDER_VARIABLE: Final = "SYNCRULES_PEER"
INSTALL: Final = "npm install @powersync/service-sync-rules@0.38.1 @powersync/service-jsonbig@0.17.13 jose node@24"
_PROGRAM: Final = Path(__file__).with_name("peer.mjs")


class PeerAbsent(Exception):
    """There is no Node, or no packages in the folder that was named."""


class Peer:
    """A running peer. Ends with the block. Raises PeerAbsent."""

    def __init__(self, folder: str | None) -> None:
        chosen = folder or os.environ.get(FOLDER_VARIABLE)
        if not chosen:
            message = f"no peer: `{INSTALL}` in a folder, and name it with --peer or {FOLDER_VARIABLE}"
            raise PeerAbsent(message)
        self._folder = Path(chosen)
        installed = self._folder / "node_modules" / "node" / "bin" / "node"
        self._node = str(installed) if installed.exists() else shutil.which("node")
        if self._node is None:
            raise PeerAbsent("no peer: there is no Node here")
        if not (self._folder / "node_modules" / "@powersync" / "service-sync-rules").is_dir():
            message = f"no peer: its packages are not in {self._folder.name}/node_modules; there, `{INSTALL}`"
            raise PeerAbsent(message)

    def __enter__(self) -> Self:
        assert self._node is not None
        command = [self._node, "--no-warnings", "--input-type=module", "--eval", _PROGRAM.read_text("utf-8")]
        self._process = subprocess.Popen(
            command, cwd=self._folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    @contextmanager
    def held(self) -> Iterator[None]:
        """As long as the block lasts, Node's own threads (collections, compiling) take no time from ours."""
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def ask(self, **request: object) -> Any:
        """One line there, one back. Raises PeerAbsent where Node cannot run the packages."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            _, problem = self._process.communicate()
            lines = problem.strip().splitlines() or ["nothing"]
            message = f"no peer: Node ended with: {next((each for each in lines if 'Error' in each), lines[-1])}"
            raise PeerAbsent(message)
        told = json.loads(line)
        if "error" in told:
            message = f"the peer failed: {told['error']}"
            raise RuntimeError(message)
        return told
