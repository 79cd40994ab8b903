"""Who may send rows, reload rules and read metrics: whoever knows the secret, or whoever is on this machine.

A listener on loopback is reached by programs of this machine only, but also by a proxy that speaks for others, and by web
pages open in a browser here, through a name of their own. So a request that was forwarded, that comes from a page, or
that means another host is not from this machine.
"""

from hmac import compare_digest
from ipaddress import ip_address
from typing import Final

from starlette.requests import Request

from syncrules.server.refusal import Refusal
from syncrules.server.settings import Settings

_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
_ASKED: Final = {"WWW-Authenticate": "Bearer"}


def is_open(settings: Settings) -> bool:
    """Whether there is any way in at all."""
    return settings.secret is not None or is_loopback(settings.host)


def check_access(request: Request, settings: Settings) -> None:
    """Raises Refusal unless whoever asks may."""
    if settings.secret is not None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not compare_digest(given.encode(), settings.secret.encode()):
            raise Refusal(
                401, "secret", "this needs the service's secret", "send `Authorization: Bearer SECRET`", headers=_ASKED
            )
        return
    is_local = is_loopback(settings.host) and request.client is not None and is_loopback(request.client.host)
    is_direct = not any(name in request.headers for name in (*_FORWARDED, "origin"))
    if not (is_local and is_direct and is_loopback(_host(request.headers.get("host", "")))):
        message = "without a secret, this is only for programs on the same machine"
        raise Refusal(403, "not-local", message, "start the service with a secret in SYNCRULES_SERVER_SECRET")


def is_loopback(host: str) -> bool:
    """Whether an address, or the name `localhost`, is this machine only."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _host(header: str) -> str:
    """The host of a `Host` header, without its port."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]
