"""A real HTTP server for key sets, as well-behaved or as hostile as a test wants it."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class KeyServer:
    """What it answers, and what it was asked. `released` ends answers that would take forever."""

    uri: str
    reply: Reply
    requests: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


def document(body: object, status: int = 200, **headers: str) -> Reply:
    """A JSON answer."""
    return text(json.dumps(body), status, **headers)


def text(body: str, status: int = 200, **headers: str) -> Reply:
    """An answer of exactly this text. Header names are written with `_` for `-`."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        data = body.encode()
        handler.send_response(status)
        for name, value in {"content-length": str(len(data)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return reply


def dripping(server: KeyServer) -> Reply:
    """An answer whose every byte comes in time, and that never ends."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not server.released.wait(0.05):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    return reply


def endless(_: KeyServer) -> Reply:
    """An answer that is as large as the client lets it be."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(4096):
            handler.wfile.write(b" " * 65536)

    return reply


def silent(server: KeyServer) -> Reply:
    """No answer at all."""

    def reply(_: BaseHTTPRequestHandler) -> None:
        server.released.wait(20)

    return reply


@contextmanager
def key_server(*keys: Mapping[str, object], tls: ssl.SSLContext | None = None, **headers: str) -> Iterator[KeyServer]:
    """A running server that serves these keys until told otherwise."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.requests.append({name.lower(): value for name, value in self.headers.items()})
            with suppress(OSError):
                served.reply(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    uri = f"{scheme}://127.0.0.1:{server.server_port}/keys"
    served = KeyServer(uri, document({"keys": list(keys)}, 200, **headers))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
