"""`syncrules token mint`: a token for development and tests."""

import json
import time
import uuid
from pathlib import Path

import click

from syncrules.auth.config_file import read_config_file
from syncrules.auth.development_token import TokenKind, claims_of, looks_like_production
from syncrules.auth.errors import ConfigError
from syncrules.auth.jwk import UnusableKeyError
from syncrules.auth.signing_key import SigningKey
from syncrules.auth.strict_json import StrictJsonError, read_object
from syncrules.cli.person import moment
from syncrules.cli.problem import Problem


@click.command(name="mint", short_help="Make a token for development and tests.")
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="Sign with this private key (a JWK).")
@click.option(
    "--auth",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Sign with the `supabase_jwt_secret` of this config.",
)
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in TokenKind]),
    default=TokenKind.USER.value,
    show_default=True,
    help="Whose token: a Supabase user's, an anonymous one's, one of an OAuth client, an API key, a custom issuer's.",
)
@click.option("--sub", metavar="ID", help="The user's id; without it, a random UUID.")
@click.option("--claim", "changes", multiple=True, metavar="NAME=VALUE", help="Set a claim: JSON, or else a text.")
@click.option("--expires-in", type=click.IntRange(1), default=3600, show_default=True, metavar="SECONDS")
@click.option("--now", metavar="TIME", help="Issue it as of this time (ISO 8601 or seconds since 1970).")
@click.option("--allow-production-issuer", is_flag=True, help="Sign even if `iss` names an issuer that is not local.")
@click.option("--json", "as_json", is_flag=True, help="Print the token with its claims, as JSON.")
def mint(
    key: Path | None,
    auth: Path | None,
    kind: str,
    sub: str | None,
    changes: tuple[str, ...],
    expires_in: int,
    now: str | None,
    allow_production_issuer: bool,  # noqa: FBT001 (click's)
    as_json: bool,  # noqa: FBT001 (click's)
) -> None:
    """Make a token for development and tests, and print it.

    It has the claims that Supabase Auth (or, for `custom`, an issuer of your own) writes, for a random user
    unless --sub says who. A token whose `iss` names a hosted project or a public host is not made, because
    whoever holds it could be somebody in production: --allow-production-issuer says that this is meant.

    \b
    Examples:
      syncrules token mint --key signing-key.json --kind custom --sub ada --claim aud=sync
      syncrules token mint --auth auth.yaml --kind anonymous > anonymous.jwt
      syncrules token mint --auth auth.yaml --claim 'app_metadata={"org": "o1"}' --json

    Exit status: 0 done, 2 bad input.
    """
    signing_key = _signing_key(key, auth)
    issued_at = int(time.time() if now is None else moment(now))
    subject, session = sub if sub is not None else str(uuid.uuid4()), str(uuid.uuid4())
    claims = {**claims_of(TokenKind(kind), subject, session, issued_at, expires_in), **dict(map(_claim, changes))}
    if looks_like_production(claims) and not allow_production_issuer:
        message = f"`iss` is {json.dumps(claims['iss'])}, which real users trust: the token is not made"
        raise Problem("production-issuer", f"{message} (--allow-production-issuer makes it)")
    try:
        token = signing_key.sign(claims)
    except UnusableKeyError as error:
        raise Problem(error.kind, str(error)) from None
    if as_json:
        click.echo(json.dumps({"token": token, "claims": claims}, ensure_ascii=False, indent=2))
    else:
        click.echo(token)


def _signing_key(key: Path | None, auth: Path | None) -> SigningKey:
    try:
        match key, auth:
            case Path(), None:
                return SigningKey.from_jwk(read_object(key.read_bytes()))
            case None, Path():
                return _shared_secret(auth)
            case _:
                raise Problem("no-key", "give either `--key FILE` (from `syncrules token keygen`) or `--auth FILE`")
    except OSError as error:
        raise Problem("key-file", f"{key}: {error.strerror or error}") from None
    except StrictJsonError as error:
        raise Problem("key-file", f"{key}: no JWK: {error}") from None
    except UnusableKeyError as error:
        raise Problem(error.kind, f"{key or auth}: {error.reason}") from None


def _shared_secret(auth: Path) -> SigningKey:
    try:
        secret = read_config_file(auth).client_auth.supabase_jwt_secret
    except ConfigError as error:
        raise Problem(str(error.code), f"{auth}: {error.message}") from None
    if secret is None:
        raise Problem("no-secret", f"{auth} has no `supabase_jwt_secret` to sign with: give `--key FILE`")
    return SigningKey.from_secret(secret.get_secret_value())


def _claim(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise Problem("claim", f"`{text}` is no claim: write NAME=VALUE")
    try:
        return name, json.loads(value)
    except (ValueError, RecursionError):
        return name, value
