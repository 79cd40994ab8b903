"""What a configuration comes to: keys at hand, places to fetch others from, and the rules of each.

Whatever could only fail later, at somebody's token, is refused here, with the place and the reason and
never a value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from syncrules.auth.addresses import AddressFilter, read_filter
from syncrules.auth.algorithms import KeyType, VerificationKey
from syncrules.auth.config import AuthConfig, ClientAuth, StaticKeySet, read_config
from syncrules.auth.errors import ConfigError, ErrorCode, Notice, Problem
from syncrules.auth.jwk import UnusableKeyError, hmac_material, read_key
from syncrules.auth.key_set import HeldKey, repeated_kids, warnings_about
from syncrules.auth.key_set_url import check_key_set_url
from syncrules.auth.source import (
    DEFAULT_LIFETIME,
    DEFAULT_POLICIES,
    SUPABASE_AUDIENCE,
    SUPABASE_LIFETIME,
    KeySource,
    SourceKind,
)
from syncrules.auth.start_warnings import configuration_warnings, secret_warnings
from syncrules.auth.strict_json import StrictJsonError, read_object
from syncrules.auth.supabase import (
    Detection,
    find_project,
    is_local_host,
    key_set_url,
    project_of_url,
    project_url,
)

MAXIMUM_KEY_FILE: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Trust:
    """The sources of keys. `project` is the hosted Supabase project that is trusted, if one is known."""

    held: tuple[HeldKey, ...]
    remote: tuple[KeySource, ...]
    addresses: AddressFilter
    notices: tuple[Notice, ...]
    supabase: bool
    has_secret: bool
    project: str | None
    audience: tuple[str, ...]


def load_trust(config: str | Path | Mapping[str, object] | ClientAuth | AuthConfig) -> Trust:
    """The trust of a configuration: a file's path, its content, or a model. Raises ConfigError."""
    match config:
        case AuthConfig():
            return read_trust(config)
        case ClientAuth():
            return read_trust(AuthConfig(client_auth=config))
        case str() | Path():
            # Servers may pass a mapping, and need no YAML then.
            from syncrules.auth.config_file import read_config_file

            return read_trust(read_config_file(Path(config)))
        case _:
            return read_trust(read_config(config))


def read_trust(config: AuthConfig) -> Trust:
    """The trust that a configuration describes. Raises ConfigError with every reason not to start."""
    section = config.client_auth
    problems: list[Problem] = []
    detection = find_project(config.connection) if config.connection is not None else Detection()
    addresses = _filter(config, problems)
    project = _project(config, detection, problems) if section.supabase else None
    entries = _static_entries(config, problems)
    static = tuple(_static_keys(_source(config, SourceKind.STATIC), entries, problems))
    held = (*static, *_secret_key(config, project, problems))
    remote = _remote_sources(config, project)
    for source in remote:
        problems.extend(check_key_set_url(source.uri or "", addresses))
    if problems:
        raise ConfigError(tuple(problems))
    notices = (
        *configuration_warnings(config, detection),
        *_key_warnings(config, entries, held),
        *repeated_kids(held),
    )
    has_secret = section.supabase_jwt_secret is not None
    return Trust(held, remote, addresses, notices, section.supabase, has_secret, project, section.audience)


def _source(config: AuthConfig, kind: SourceKind, project: str | None = None, uri: str | None = None) -> KeySource:
    section = config.client_auth
    supabase = kind in {SourceKind.SUPABASE_SECRET, SourceKind.SUPABASE_JWKS}
    clients = section.allowed_client_ids
    return KeySource(
        kind,
        SUPABASE_AUDIENCE if supabase else section.audience,
        SUPABASE_LIFETIME if supabase else section.max_lifetime or DEFAULT_LIFETIME,
        section.sub_uuid or DEFAULT_POLICIES[kind],
        project,
        None if clients is None else frozenset(clients),
        uri,
    )


def _filter(config: AuthConfig, problems: list[Problem]) -> AddressFilter:
    section = config.client_auth
    try:
        chosen = read_filter(section.jwks_reject_ip_ranges)
    except ValueError as problem:
        message = f"`jwks_reject_ip_ranges`: {problem}"
        problems.append(Problem(ErrorCode.CONFIGURATION, "bad-range", message))
        return AddressFilter()
    return AddressFilter(chosen.ranges, refuses_local=True, refuses_ipv6=True) if section.block_local_jwks else chosen


def _project(config: AuthConfig, detection: Detection, problems: list[Problem]) -> str | None:
    url = config.client_auth.supabase_url
    if url is None:
        return detection.project
    named = project_of_url(url)
    if detection.project is not None and (_is_local_url(url) or named not in {None, detection.project}):
        message = "`supabase_url` names another Supabase instance than the database connection"
        advice = "leave `supabase_url` out, or connect to the database of the same project"
        problems.append(Problem(ErrorCode.CONFIGURATION, "supabase-url-contradicts-connection", message, advice))
    return named or detection.project


def _is_local_url(url: str) -> bool:
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2].rpartition(":")
    return is_local_host(host[0] or host[2])


def _remote_sources(config: AuthConfig, project: str | None) -> tuple[KeySource, ...]:
    section = config.client_auth
    sources = [
        replace(_source(config, SourceKind.JWKS, uri=one.uri), issuer=one.issuer)
        for one in dict.fromkeys(section.jwks_uri)
    ]
    base = section.supabase_url or (project_url(project) if project is not None else None)
    if section.supabase and base is not None:
        sources.append(_source(config, SourceKind.SUPABASE_JWKS, project, key_set_url(base)))
    return tuple(sources)


def _static_keys(
    source: KeySource, entries: tuple[dict[str, object], ...], problems: list[Problem]
) -> Iterator[HeldKey]:
    for index, entry in enumerate(entries):
        try:
            yield HeldKey(source, read_static_key(entry))
        except UnusableKeyError as problem:
            message = f"key {index} of `jwks` cannot be used: {problem.reason}"
            problems.append(Problem(ErrorCode.UNUSABLE_KEY, problem.kind, message))


def read_static_key(entry: Mapping[str, object]) -> VerificationKey:
    """A key of the configuration, which must say more than a served one. Raises UnusableKeyError.

    >>> read_static_key({"kty": "oct", "k": "AAECAwQFBgcICQoLDA0ODw"})
    Traceback (most recent call last):
    syncrules.auth.jwk.UnusableKeyError: a key of type `oct` needs `alg`
    """
    required = "kid" if entry.get("kty") == KeyType.RSA else "alg"
    if entry.get("kty") in tuple(KeyType) and not entry.get(required):
        raise UnusableKeyError("missing-member", f"a key of type `{entry['kty']}` needs `{required}`")
    if not isinstance(entry.get("use"), str | None):
        raise UnusableKeyError("bad-use", "`use` is not a string")
    return read_key(entry)


def _static_entries(config: AuthConfig, problems: list[Problem]) -> tuple[dict[str, object], ...]:
    match config.client_auth.jwks:
        case None:
            return ()
        case StaticKeySet(keys=keys):
            return keys
        case str(name):
            try:
                return _key_file(config, name)
            except (OSError, StrictJsonError, ValueError):
                message = "the file named by `jwks` cannot be read as a JSON document with a list of `keys`"
                problems.append(Problem(ErrorCode.UNUSABLE_KEY, "bad-key-file", message))
                return ()


def _key_file(config: AuthConfig, name: str) -> tuple[dict[str, object], ...]:
    with (config.folder / name).open("rb") as file:
        document: dict[str, object] = {**read_object(file.read(MAXIMUM_KEY_FILE))}
    return StaticKeySet.model_validate(document).keys


def _secret_key(config: AuthConfig, project: str | None, problems: list[Problem]) -> Iterator[HeldKey]:
    secret = config.client_auth.supabase_jwt_secret
    if secret is None:
        return
    try:
        material = hmac_material(secret.get_secret_value().encode("utf-8"))
    except UnusableKeyError as problem:
        message = f"`supabase_jwt_secret` cannot be used: {problem.reason}"
        problems.append(Problem(ErrorCode.UNUSABLE_KEY, problem.kind, message))
        return
    except UnicodeEncodeError:
        message = "`supabase_jwt_secret` is no Unicode text"
        problems.append(Problem(ErrorCode.UNUSABLE_KEY, "bad-secret", message))
        return
    if config.client_auth.supabase:
        key = VerificationKey("", KeyType.OCT, frozenset({"HS256"}), material)
        yield HeldKey(_source(config, SourceKind.SUPABASE_SECRET, project), key)


def _key_warnings(
    config: AuthConfig, entries: tuple[dict[str, object], ...], held: tuple[HeldKey, ...]
) -> Iterator[Notice]:
    static = [one.key for one in held if one.source.kind is SourceKind.STATIC]
    for index, (key, entry) in enumerate(zip(static, entries, strict=True)):
        name = f"key {index} of `jwks`"
        yield from warnings_about(entry, name)
        yield from secret_warnings(key, name, config.connection)
        if entry.get("use", "sig") != "sig":
            yield Notice("key-for-other-use", f"{name} says that it is not for signatures, and is used for them")
    for one in held:
        if one.source.kind is SourceKind.SUPABASE_SECRET:
            yield from secret_warnings(one.key, "`supabase_jwt_secret`", config.connection)
