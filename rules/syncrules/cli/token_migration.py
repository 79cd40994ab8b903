"""`syncrules token migration`: which tokens still work under another configuration."""

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final

import click

from syncrules.auth.migration import Answer, Comparison, Effect, compare
from syncrules.auth.verified import VerifiedClaims
from syncrules.cli.person import load_verifier, moment
from syncrules.cli.problem import REFUSED, Problem

_COLOURS: Final = {
    Effect.KEPT: "green",
    Effect.LOST: "red",
    Effect.GAINED: "yellow",
    Effect.OTHER_USER: "red",
    Effect.REFUSED: "bright_black",
}
_LARGEST_FILE: Final = 64 * 1024 * 1024


@click.command(name="migration", short_help="Show which tokens still work under another configuration.")
@click.argument("tokens", nargs=-1, metavar="TOKENS...", required=True)
@click.option("--from", "old", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The config today.")
@click.option("--to", "new", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The config to be.")
@click.option("--now", metavar="TIME", help="Check the tokens as of this time (ISO 8601 or seconds since 1970).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def migration(tokens: tuple[str, ...], old: Path, new: Path, now: str | None, as_json: bool) -> None:  # noqa: FBT001 (click's)
    """Show which tokens still work when the configuration changes: before keys rotate, or a secret goes.

    TOKENS are files with one token a line, or - for standard input. A token is kept (the same user), lost,
    gained (accepted only after the change), another user's, or refused both times.

    \b
    Examples:
      syncrules token migration --from today.yaml --to next.yaml tokens/*.jwt
      collect-tokens | syncrules token migration --from today.yaml --to next.yaml - --json

    Exit status: 0 every token is kept or refused both times, 1 some are not, 2 bad input.
    """
    named = {name: token for source in tokens for name, token in _read(source)}
    if not named:
        raise Problem("no-tokens", "there is no token to compare")
    when = time.time() if now is None else moment(now)
    found = list(compare(load_verifier(old), load_verifier(new), named, when))
    click.echo(json.dumps(_json(found), ensure_ascii=False, indent=2) if as_json else _text(found))
    if not all(comparison.is_safe for comparison in found):
        sys.exit(REFUSED)


def _read(source: str) -> list[tuple[str, str]]:
    try:
        if source == "-":
            text = sys.stdin.read(_LARGEST_FILE)
        else:
            with Path(source).open(encoding="utf-8", errors="replace") as file:
                text = file.read(_LARGEST_FILE)
    except OSError as error:
        raise Problem("token-file", f"{source}: {error.strerror or error}") from None
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    tokens = [(number, line) for number, line in lines if line]
    return [(source if len(tokens) == 1 else f"{source}:{number}", line) for number, line in tokens]


def _text(found: list[Comparison]) -> str:
    width = max(len(comparison.name) for comparison in found)
    lines = [
        f"{comparison.name:<{width}}  {click.style(f'{comparison.effect:<10}', fg=_COLOURS[comparison.effect])}  "
        f"{_words(comparison.before)} -> {_words(comparison.after)}"
        for comparison in found
    ]
    counts = Counter(comparison.effect for comparison in found)
    total = ", ".join(f"{counts[effect]} {effect}" for effect in Effect if counts[effect])
    return "\n".join([*lines, "", total])


def _words(answer: Answer) -> str:
    if isinstance(answer, VerifiedClaims):
        return f"user {answer.user_id} ({answer.source})"
    return f"{answer.code} ({answer.hint.code})" if answer.hint is not None else str(answer.code)


def _json(found: list[Comparison]) -> dict[str, object]:
    counts = Counter(comparison.effect for comparison in found)
    return {
        "tokens": [
            {
                "name": comparison.name,
                "effect": comparison.effect,
                "before": _answer(comparison.before),
                "after": _answer(comparison.after),
            }
            for comparison in found
        ],
        "totals": {effect: counts[effect] for effect in Effect},
    }


def _answer(answer: Answer) -> dict[str, object]:
    if isinstance(answer, VerifiedClaims):
        return {"accepted": True, "user_id": answer.user_id, "source": answer.source, "code": None, "hint": None}
    hint = answer.hint.code if answer.hint is not None else None
    return {"accepted": False, "user_id": None, "source": None, "code": answer.code, "hint": hint}
