"""The `client_auth` section as a model, and how a configuration is read into it.

A configuration is a whole service configuration, whose `client_auth` is ours and whose first database
connection names the Supabase project, or the section by itself. No message holds a value of it.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    StrictBool,
    StrictInt,
    StrictStr,
    Tag,
)
from pydantic import ValidationError as PydanticError

from syncrules.auth.errors import ConfigError, ErrorCode, Problem, refuse_start
from syncrules.auth.quoting import quoted
from syncrules.auth.source import SubjectPolicy
from syncrules.auth.supabase import Connection

_SET, _FILE = "key set", "key file"
_EXPECTED: Final = {
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "missing": "given",
}
"""Pydantic's kinds of errors, as what a configuration's author was expected to write."""
MAXIMUM_LIFETIME: Final = 31 * 86_400
"""Seconds: the longest `max_lifetime` that may be configured."""


def _as_list(value: object) -> object:
    """One key set or several, each a URI or a mapping, as a list of mappings."""
    several = value if isinstance(value, list | tuple) else [] if value is None else [value]
    return [{"uri": one} if isinstance(one, str) else one for one in several]


class RemoteKeySet(BaseModel):
    """A key set that is fetched. `issuer` is the `iss` that tokens signed with its keys must have.

    Some issuers sign the tokens of all their customers with the same keys.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    uri: StrictStr
    issuer: StrictStr | None = None


def _set_or_file(value: object) -> str:
    return _FILE if isinstance(value, str) else _SET


class StaticKeySet(BaseModel):
    """Keys written into the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    keys: tuple[dict[str, object], ...] = Field(repr=False)


class ClientAuth(BaseModel):
    """Whose tokens are trusted. The keys are those of the service's `client_auth`, and some more: `supabase_url`,
    `sub_uuid`, `max_lifetime`, `allowed_client_ids`, and an `issuer` beside a `jwks_uri`.

    >>> ClientAuth(supabase=True, supabase_jwt_secret="hush").supabase_jwt_secret
    SecretStr('**********')
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    supabase: StrictBool = False
    supabase_jwt_secret: SecretStr | None = None
    supabase_url: StrictStr | None = None
    jwks_uri: Annotated[tuple[RemoteKeySet, ...], BeforeValidator(_as_list)] = ()
    jwks: (
        Annotated[Annotated[StaticKeySet, Tag(_SET)] | Annotated[StrictStr, Tag(_FILE)], Discriminator(_set_or_file)]
        | None
    ) = None
    audience: tuple[StrictStr, ...] = ()
    block_local_jwks: StrictBool = False
    jwks_reject_ip_ranges: tuple[StrictStr, ...] = ()
    sub_uuid: SubjectPolicy | None = None
    max_lifetime: Annotated[StrictInt, Field(gt=0, le=MAXIMUM_LIFETIME)] | None = None
    allowed_client_ids: tuple[StrictStr, ...] | None = None


_MODELS: Final[dict[str, type[BaseModel]]] = {"": ClientAuth, "jwks": StaticKeySet, "jwks_uri": RemoteKeySet}
"""The section itself, and what stands under its keys."""


class AuthConfig(BaseModel):
    """`client_auth` with what stands around it: the first database connection, and the file's folder."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    client_auth: ClientAuth
    connection: Connection | None = None
    folder: Path = Path()


def read_config(document: object, folder: Path | None = None) -> AuthConfig:
    """The configuration in a parsed YAML or JSON document. Raises ConfigError.

    >>> read_config({"audience": ["sync"]}).client_auth.audience
    ('sync',)
    >>> read_config({"audiense": ["sync"]})
    Traceback (most recent call last):
    syncrules.auth.errors.ConfigError: SYNCRULES_AUTH_CONFIG: unknown key `audiense` in `client_auth`
    """
    if not isinstance(document, Mapping):
        raise refuse_start(ErrorCode.CONFIGURATION, "not-a-mapping", "the configuration is not a mapping")
    if "client_auth" not in document and "replication" in document:
        raise refuse_start(ErrorCode.CONFIGURATION, "no-client-auth", "the configuration has no `client_auth`")
    section = document.get("client_auth", document)
    connection = _first_connection(document.get("replication")) if "client_auth" in document else None
    try:
        client_auth = ClientAuth.model_validate(section)
    except PydanticError as problem:
        errors = problem.errors(include_input=False, include_url=False, include_context=False)
        raise ConfigError(tuple(_problem(error["type"], error["loc"], error["msg"]) for error in errors)) from None
    return AuthConfig(client_auth=client_auth, connection=connection, folder=folder or Path())


def _problem(kind: str, place: tuple[int | str, ...], message: str) -> Problem:
    if place[:1] == ("jwks",) and len(place) > 1:
        # The second part says which form of `jwks` was read, and is none of the author's words.
        place = ("jwks", *place[2:])
    name = ".".join(str(part) for part in place)
    if kind == "extra_forbidden":
        known = _MODELS[str(place[0]) if len(place) > 1 else ""].model_fields
        close = get_close_matches(str(place[-1]), [*known, "client_auth"], n=1)
        advice = f"did you mean `{close[0]}`?" if close else f"known keys: {', '.join(known)}"
        return Problem(ErrorCode.CONFIGURATION, "unknown-key", f"unknown key {quoted(name)} in `client_auth`", advice)
    where = f"{quoted(name)} in `client_auth`" if name else "`client_auth`"
    wanted = f"must be {_EXPECTED[kind]}" if kind in _EXPECTED else f"is wrong: {message[:1].lower() + message[1:]}"
    return Problem(ErrorCode.CONFIGURATION, "wrong-value", f"{where} {wanted}")


def _first_connection(replication: object) -> Connection | None:
    match replication:
        case {"connections": [Mapping() as first, *_]}:
            return Connection(
                _text(first, "type"),
                _text(first, "uri"),
                _text(first, "hostname"),
                _text(first, "username"),
                _number(first, "port"),
            )
        case _:
            return None


def _text(connection: Mapping[str, object], key: str) -> str | None:
    value = connection.get(key)
    return value if isinstance(value, str) else None


def _number(connection: Mapping[str, object], key: str) -> int | None:
    value = connection.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
