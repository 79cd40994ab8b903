"""One request for a key set: bounded in time and size, no redirects, only to addresses that are allowed.

A name is resolved once, every address it has is judged, and the connection goes to a judged address:
asking again at connection time would let the name's owner answer differently.
"""

import asyncio
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from syncrules.auth.addresses import Address, AddressFilter, literal
from syncrules.auth.errors import ErrorCode
from syncrules.auth.key_set import KeySet, KeySetError, read_key_set
from syncrules.auth.strict_json import StrictJsonError, last_or_nothing, read

if TYPE_CHECKING:
    import httpx

    MakeTransport = Callable[[], httpx.AsyncBaseTransport]

CONNECT_SECONDS: Final = 3.0
TRANSFER_SECONDS: Final = 10.0
"""The whole request, from the look-up of the name to the last byte."""
MAXIMUM_BODY: Final = 256 * 1024
MAXIMUM_ADDRESSES: Final = 8
_HEADERS: Final = {
    "accept": "application/json, application/jwk-set+json",
    "accept-encoding": "identity",
    "user-agent": "syncrules",
}
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A key set as it was served, and for how many seconds the server says that it holds."""

    keys: KeySet
    max_age: int | None


class FetchError(Exception):
    """A key set could not be fetched. The text names the reason and holds nothing of the body."""

    def __init__(self, reason: str, code: ErrorCode = ErrorCode.KEY_SET_UNAVAILABLE) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class KeySetClient:
    """How key sets are fetched. `make_transport` replaces the network, and with it the address filter."""

    addresses: AddressFilter = field(default_factory=AddressFilter)
    make_transport: "MakeTransport | None" = None
    seconds: float = TRANSFER_SECONDS

    async def fetch(self, uri: str) -> Fetched:
        """The key set at `uri`. Raises FetchError."""
        import httpx

        try:
            async with asyncio.timeout(self.seconds):
                return await self._request(uri)
        except TimeoutError:
            msg = f"no complete answer within {self.seconds:g} s"
        except httpx.TimeoutException:
            msg = "the server does not answer in time"
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
            # The exception's own text may quote the server.
            msg = f"the request failed ({type(problem).__name__})"
        raise FetchError(msg) from None

    async def _request(self, uri: str) -> Fetched:
        import httpx

        limits = httpx.Timeout(self.seconds, connect=CONNECT_SECONDS)
        transport = self.make_transport() if self.make_transport is not None else None
        async with httpx.AsyncClient(
            transport=transport, timeout=limits, trust_env=False, follow_redirects=False, headers=_HEADERS
        ) as client:
            if transport is not None:
                return await _read(client, httpx.URL(uri), None)
            url = httpx.URL(uri)
            addresses = await self._resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
            for address in addresses[:-1]:
                try:
                    return await _read(client, url, address)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    continue
            return await _read(client, url, addresses[-1])

    async def _resolve(self, host: str, port: int) -> list[Address]:
        given = literal(host)
        found = [given] if given is not None else await _look_up(host, port, self.addresses)
        for address in found:
            refusal = self.addresses.refusal(address)
            if refusal is not None:
                raise FetchError(refusal.message)
        if not found:
            msg = "the host name has no address"
            raise FetchError(msg)
        return found[:MAXIMUM_ADDRESSES]


async def _look_up(host: str, port: int, addresses: AddressFilter) -> list[Address]:
    family = socket.AF_INET if addresses.refuses_ipv6 else socket.AF_UNSPEC
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        msg = "the host name cannot be resolved"
        raise FetchError(msg) from None
    return list(dict.fromkeys(ip_address(answer[4][0]) for answer in answers))


async def _read(client: "httpx.AsyncClient", url: "httpx.URL", address: Address | None) -> Fetched:
    headers, extensions = {}, {}
    if address is not None:
        headers["host"] = url.netloc.decode("ascii")
        extensions["sni_hostname"] = url.host
        url = url.copy_with(host=str(address))
    async with client.stream("GET", url, headers=headers, extensions=extensions) as response:
        if response.status_code != 200:
            msg = f"the server answered with status {response.status_code}"
            raise FetchError(msg)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            msg = "the answer is compressed, which was not asked for"
            raise FetchError(msg)
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAXIMUM_BODY:
                msg = f"the answer is larger than {MAXIMUM_BODY} bytes"
                raise FetchError(msg)
        return Fetched(parse_body(bytes(body)), _max_age(response.headers.get("cache-control", "")))


def parse_body(body: bytes) -> KeySet:
    """The key set in a response's body. Raises FetchError, without a word of the body."""
    if body.lstrip()[:1] == b"<":
        msg = "the answer is HTML, not JSON"
        raise FetchError(msg)
    try:
        return read_key_set(read(body, last_or_nothing))
    except StrictJsonError as problem:
        msg = f"the answer is not acceptable: {problem}"
    except KeySetError as problem:
        msg = f"invalid JWKS response: {problem}"
    raise FetchError(msg)


def _max_age(cache_control: str) -> int | None:
    found = _MAX_AGE.search(cache_control)
    return int(found[1]) if found else None
