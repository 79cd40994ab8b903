"""Who a command runs as: a verified token, or claims that nobody has verified."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from syncrules.auth import ConfigError, TokenError, VerifiedClaims, Verifier
from syncrules.auth import Problem as AuthProblem
from syncrules.cli.problem import REFUSED, Problem, Problems

TOKEN_VARIABLE: Final = "SYNCRULES_TOKEN"
_LONGEST_TOKEN: Final = 65_536
_TOKEN_DOTS: Final = 2


def verified(token_file: str | None, auth_file: Path | None, now: float | None) -> tuple[VerifiedClaims, Verifier]:
    """The claims of the token in a file, on standard input (`-`), or in SYNCRULES_TOKEN."""
    if auth_file is None:
        raise Problem("auth-missing", "a token needs `--auth FILE` that says which keys to trust")
    token = token_text(token_file)
    verifier = load_verifier(auth_file)
    try:
        return verifier.verify(token, now=now), verifier
    except TokenError as error:
        hint = f" (hint: {error.hint.message})" if error.hint else ""
        raise Problem(str(error.code), f"the token is refused: {error.message}{hint}", REFUSED) from None


def load_verifier(auth_file: Path) -> Verifier:
    """The verifier of a configuration file."""
    try:
        return Verifier.from_config(auth_file)
    except ConfigError as error:
        raise Problems(tuple(_line(auth_file, problem) for problem in error.problems)) from None


def _line(auth_file: Path, problem: AuthProblem) -> str:
    advice = f" ({problem.help})" if problem.help else ""
    return f"error[{problem.code}]: {auth_file}: {problem.message}{advice}"


def unverified(claims_file: Path) -> VerifiedClaims:
    """Claims from a JSON or YAML file, taken as they are."""
    from syncrules.sources.files import RowsError, read_document

    try:
        claims = read_document(claims_file)
    except OSError as error:
        raise Problem("claims-file", f"{claims_file}: {error.strerror or error}") from None
    except RowsError as error:
        raise Problem(error.code, str(error)) from None
    if not isinstance(claims, dict):
        raise Problem("claims-shape", f"{claims_file}: claims are a mapping, such as `sub: ada`")
    return VerifiedClaims.unverified_for_testing(claims)


def moment(text: str) -> float:
    """Seconds since 1970 of a time given as such, or in ISO 8601 (UTC unless it says otherwise)."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise Problem("time", f"`{text}` is no time: write 2026-11-25T12:00:00Z, or seconds since 1970") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def json_object(text: str, what: str) -> dict[str, object]:
    """A JSON object given as an argument."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Problem("json-argument", f'{what} must be JSON, such as `{{"id": 1}}`') from None
    if not isinstance(value, dict):
        raise Problem("json-argument", f'{what} must be a JSON object, such as `{{"id": 1}}`')
    return value


def token_text(token_file: str | None) -> str:
    """A token from a file, from standard input (`-`), or from SYNCRULES_TOKEN."""
    match token_file:
        case None:
            token = os.environ.get(TOKEN_VARIABLE, "")
            if not token:
                raise Problem("token-missing", f"give `--token FILE`, `--token -` or {TOKEN_VARIABLE}")
        case "-":
            token = sys.stdin.read(_LONGEST_TOKEN + 1)
        case _:
            path = Path(token_file)
            if token_file.count(".") == _TOKEN_DOTS and token_file.startswith("ey"):
                message = "`--token` takes a file: a token itself would show in the list of processes"
                raise Problem("token-argument", message)
            try:
                with path.open(encoding="utf-8", errors="replace") as file:
                    token = file.read(_LONGEST_TOKEN + 1)
            except OSError as error:
                raise Problem("token-file", f"{path}: {error.strerror or error}") from None
    return token.strip()
