"""Supabase's names: which hosted project a database connection belongs to, and the addresses it implies.

A project reference becomes a URL whose keys are trusted, so it is taken from the exact forms that
Supabase hands out and from nothing that only looks like them.
"""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from syncrules.auth.errors import Notice
from syncrules.auth.quoting import quoted

LOCAL_DATABASE_PORT: Final = 54322
KEY_SET_PATH: Final = "/auth/v1/.well-known/jwks.json"

_REPLICA = r"(?:-rr-[a-z0-9-]+)?"
_DIRECT_HOST = re.compile(rf"db\.([a-z0-9]{{1,40}}){_REPLICA}\.supabase\.co", re.ASCII)
_POOLER_HOST = re.compile(r"[a-z0-9-]+\.pooler\.supabase\.com", re.ASCII)
_API_HOST = re.compile(r"([a-z0-9]{1,40})\.supabase\.co", re.ASCII)
_TENANT = re.compile(rf"([a-z]{{20}}){_REPLICA}", re.ASCII)
_ISSUER = re.compile(r"https://([a-z0-9]{1,40})\.supabase\.co/auth/v1/?", re.ASCII)
_LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1", "host.docker.internal"})


@dataclass(frozen=True, slots=True)
class Connection:
    """The parts of a database connection that name a project; single keys win over the URI's parts."""

    type: str | None = None
    uri: str | None = field(default=None, repr=False)
    hostname: str | None = None
    username: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Detection:
    """What a connection says: the project's reference, the part that named it, and advice."""

    project: str | None = None
    via: str | None = None
    notices: tuple[Notice, ...] = ()


def find_project(connection: Connection) -> Detection:
    """The hosted Supabase project of a connection.

    >>> find_project(Connection("postgresql", hostname="db.abcdefghijklmnopqrst.supabase.co")).project
    'abcdefghijklmnopqrst'
    >>> find_project(Connection("postgresql", hostname="db.abc.supabase.co.evil.example")).project
    """
    if connection.type != "postgresql":
        return Detection()
    address = _split(connection.uri)
    if connection.hostname is None and not {"host", "hostaddr"}.isdisjoint(_query(address)):
        return Detection()
    host = _host(connection.hostname if connection.hostname is not None else address.hostname or "")
    if direct := _DIRECT_HOST.fullmatch(host):
        return Detection(direct[1], "host")
    if _POOLER_HOST.fullmatch(host):
        return _pooled(connection, address)
    return Detection(notices=tuple(_advice(connection, address, host)))


def key_set_url(base: str) -> str:
    """Where the Supabase instance at `base` serves its keys.

    >>> key_set_url("http://127.0.0.1:54321/")
    'http://127.0.0.1:54321/auth/v1/.well-known/jwks.json'
    """
    return base.rstrip("/") + KEY_SET_PATH


def project_url(project: str) -> str:
    """The address of a hosted project."""
    return f"https://{project}.supabase.co"


def project_of_url(url: str) -> str | None:
    """The hosted project whose address `url` is, if it is one.

    >>> project_of_url("https://abcdefghijklmnopqrst.supabase.co")
    'abcdefghijklmnopqrst'
    """
    found = _API_HOST.fullmatch(_host(_split(url).hostname or ""))
    return found[1] if found else None


def hosted_issuer(issuer: object) -> str | None:
    """The hosted project that an `iss` claim names, if it has the form of one."""
    found = _ISSUER.fullmatch(issuer) if isinstance(issuer, str) else None
    return found[1] if found else None


def is_supabase_issuer(issuer: object) -> bool:
    """Whether an `iss` looks like Supabase Auth's, hosted or not."""
    return isinstance(issuer, str) and issuer.removesuffix("/").endswith("/auth/v1")


def is_local(connection: Connection) -> bool:
    """Whether a connection leads to this machine or to a container beside it."""
    host = _host(connection.hostname if connection.hostname is not None else _split(connection.uri).hostname or "")
    return is_local_host(host)


def is_local_host(host: str) -> bool:
    """Whether a host's name is one for this machine, or has no dot and so is in no public zone."""
    return host in _LOCAL_HOSTS or host.endswith(".localhost") or "." not in host.strip("[]").replace(":", ".")


def _pooled(connection: Connection, address: SplitResult) -> Detection:
    replication = Notice("supabase-pooler", "logical replication needs the direct connection, not the pooler")
    via, tenant = _tenant(connection, address)
    if found := _TENANT.fullmatch(tenant):
        return Detection(found[1], via, (replication,))
    unnamed = Notice("supabase-pooler-without-project", "the connection is a Supabase pooler's, but names no project")
    return Detection(notices=(replication, unnamed))


def _tenant(connection: Connection, address: SplitResult) -> tuple[str, str]:
    """The tenant as the pooler reads it: the option first, else what follows the user's last dot."""
    options = [option for value in _query(address).get("options", []) for option in value.split()]
    references = [option.removeprefix("reference=") for option in options if option.startswith("reference=")]
    if references:
        return "pooler-options", references[0] if len(references) == 1 else ""
    user = connection.username if connection.username is not None else _unquote(address.username or "")
    role, _, tenant = user.rpartition(".")
    return "pooler-user", tenant if role and not role.endswith(".cluster") else ""


def _advice(connection: Connection, address: SplitResult, host: str) -> list[Notice]:
    if found := _API_HOST.fullmatch(host):
        direct = quoted(f"db.{found[1]}.supabase.co")
        return [
            Notice(
                "supabase-api-host",
                f"the database host is the project's API host; the database is at {direct}",
            )
        ]
    port = connection.port if connection.port is not None else _port(address)
    if port == LOCAL_DATABASE_PORT and host in _LOCAL_HOSTS:
        message = "the database is the Supabase command line's; set `supabase_url` to trust its keys"
        return [Notice("supabase-local", message)]
    return []


def _split(uri: str | None) -> SplitResult:
    nothing = SplitResult("", "", "", "", "")
    if uri is None or not uri.isascii():
        return nothing
    try:
        address = urlsplit(uri)
        _ = address.port
    except ValueError:
        return nothing
    return address if address.scheme in {"postgres", "postgresql", "http", "https"} else nothing


def _query(address: SplitResult) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(address.query, max_num_fields=None):
        found.setdefault(name, []).append(value)
    return found


def _port(address: SplitResult) -> int | None:
    return address.port


def _host(host: str) -> str:
    return host.lower().removesuffix(".") if host.isascii() else ""


def _unquote(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return ""
