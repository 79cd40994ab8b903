"""`syncrules token keygen`: a key pair, and the key set to serve."""

import json
import os
from pathlib import Path

import click

from syncrules.auth.errors import AuthError
from syncrules.auth.key_set import KeySetError, read_key_set
from syncrules.auth.signing_key import ALGORITHMS, SigningKey
from syncrules.auth.strict_json import StrictJsonError, read_object
from syncrules.cli.problem import Problem


@click.command(name="keygen", short_help="Make a key pair, and the key set to serve.")
@click.option(
    "--alg", type=click.Choice(ALGORITHMS), default=ALGORITHMS[0], show_default=True, help="What it signs with."
)
@click.option("--kid", help="The key's name; without it, a digest of the key.")
@click.option(
    "--private", type=click.Path(path_type=Path), metavar="FILE", required=True, help="Write the private key there."
)
@click.option(
    "--jwks",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the key set there, or add the key to the one that is there. Without it, print it.",
)
def keygen(alg: str, kid: str | None, private: Path, jwks: Path | None) -> None:
    """Make a key pair for an issuer of your own: the private key signs, the key set (JWKS) is served.

    The private key's file is readable by its owner only, and is never overwritten. To rotate keys, add the
    new key to the set that is served, wait until servers have fetched it (ten minutes), sign with the new
    key, and take the old one out when its last token has expired.

    \b
    Examples:
      syncrules token keygen --private signing-key.json --jwks jwks.json
      syncrules token keygen --alg EdDSA --kid 2026-11 --private next.json --jwks jwks.json

    Exit status: 0 done, 2 bad input.
    """
    key = SigningKey.generate(alg, kid)
    document = _with_key(_document(jwks), key)
    _write_private(private, key)
    text = json.dumps(document, indent=2) + "\n"
    if jwks is None:
        click.echo(text, nl=False)
        return
    try:
        jwks.write_text(text, "utf-8")
    except OSError as error:
        raise Problem("jwks-file", f"{jwks}: {error.strerror or error}") from None
    click.echo(f"key {key.kid} ({alg}): private half in {private}, public half in {jwks}", err=True)


def _document(jwks: Path | None) -> dict[str, object]:
    if jwks is None or not jwks.exists():
        return {"keys": []}
    try:
        document: dict[str, object] = {**read_object(jwks.read_bytes())}
        read_key_set(document)
    except (OSError, StrictJsonError, KeySetError, AuthError) as error:
        raise Problem("jwks-file", f"{jwks}: no key set to add a key to: {error}") from None
    return document


def _with_key(document: dict[str, object], key: SigningKey) -> dict[str, object]:
    keys = document["keys"]
    assert isinstance(keys, list)
    if any(isinstance(one, dict) and one.get("kid") == key.kid for one in keys):
        raise Problem("repeated-kid", f"the key set has a key `{key.kid}` already: choose another `--kid`")
    return {**document, "keys": [*keys, key.public_jwk()]}


def _write_private(path: Path, key: SigningKey) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(json.dumps(dict(key.private_jwk), indent=2) + "\n")
    except FileExistsError:
        raise Problem("private-file", f"{path} exists, and a private key is not overwritten") from None
    except OSError as error:
        raise Problem("private-file", f"{path}: {error.strerror or error}") from None
