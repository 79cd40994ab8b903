"""`syncrules token inspect`: a doctor for tokens."""

import json
import sys
import time
from pathlib import Path
from typing import Final

import click

from syncrules.auth.inspection import Finding, Inspection, Verdict
from syncrules.auth.verifier import Verifier
from syncrules.cli.person import load_verifier, moment, token_text
from syncrules.cli.problem import REFUSED

_COLOURS: Final = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "red",
    Verdict.SKIPPED: "bright_black",
    Verdict.NOTE: "yellow",
}


@click.command(name="inspect", short_help="Show each check of a token with its own verdict.")
@click.option("--token", "token_file", metavar="FILE", help="The token: a file, or - for standard input.")
@click.option(
    "--auth", type=click.Path(path_type=Path), metavar="FILE", required=True, help="Which keys to trust: `client_auth`."
)
@click.option("--now", metavar="TIME", help="Check the token as of this time (ISO 8601 or seconds since 1970).")
@click.option("--show-claims", is_flag=True, help="Print header and claims too: personal data.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def inspect(token_file: str | None, auth: Path, now: str | None, show_claims: bool, as_json: bool) -> None:  # noqa: FBT001 (click's)
    """Show each check of a token with its own verdict, the code it raises, and what to change.

    Verification stops at the first fault; here all that can be checked is checked. The token is read from
    --token or SYNCRULES_TOKEN. Neither keys nor the token are ever printed, and claims only if asked for.

    \b
    Examples:
      syncrules token inspect --token ada.jwt --auth auth.yaml
      pbpaste | syncrules token inspect --token - --auth service.yaml --show-claims
      syncrules token inspect --token ada.jwt --auth auth.yaml --json | jq .code

    Exit status: 0 the token is accepted, 1 it is refused, 2 bad input.
    """
    token = token_text(token_file)
    verifier = load_verifier(auth)
    when = time.time() if now is None else moment(now)
    inspection = verifier.inspect(token, when)
    if as_json:
        found = _json(inspection, verifier, show_claims=show_claims)
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_text(inspection, verifier, show_claims=show_claims)))
    if inspection.refusal is not None:
        sys.exit(REFUSED)


def _text(inspection: Inspection, verifier: Verifier, *, show_claims: bool) -> list[str]:
    width = max(len(finding.check) for finding in inspection.findings)
    lines = [line for finding in inspection.findings for line in _lines(finding, width)]
    lines += [
        click.style(f"{'note':<8} {'config':<{width}}  {notice.message} [{notice.code}]", fg="yellow")
        for notice in verifier.warnings
    ]
    if show_claims:
        words = {"header": inspection.token.header, "payload": inspection.token.payload}
        lines += ["", json.dumps(words, ensure_ascii=False, indent=2)]
    return [*lines, "", _conclusion(inspection)]


def _lines(finding: Finding, width: int) -> list[str]:
    code = f"{finding.code} " if finding.code is not None else ""
    verdict = click.style(f"{finding.verdict:<8}", fg=_COLOURS[finding.verdict])
    lines = [f"{verdict} {finding.check:<{width}}  {code}{finding.message}"]
    if finding.advice is not None:
        lines.append(f"{'':<8} {'':<{width}}  -> {finding.advice}")
    return lines


def _conclusion(inspection: Inspection) -> str:
    if inspection.refusal is not None:
        return click.style(f"refused: {inspection.refusal}", fg="red", bold=True)
    claims = inspection.claims
    assert claims is not None
    text = f"accepted: user {claims.user_id}, signed by {claims.source} ({claims.algorithm})"
    return click.style(text, fg="green", bold=True)


def _json(inspection: Inspection, verifier: Verifier, *, show_claims: bool) -> dict[str, object]:
    claims, refusal = inspection.claims, inspection.refusal
    found: dict[str, object] = {
        "accepted": claims is not None,
        "code": refusal.code if refusal is not None else None,
        "message": refusal.message if refusal is not None else None,
        "hint": refusal.hint.code if refusal is not None and refusal.hint is not None else None,
        "user_id": claims.user_id if claims is not None else None,
        "source": claims.source if claims is not None else None,
        "algorithm": claims.algorithm if claims is not None else None,
        "expires_at": claims.expires_at if claims is not None else None,
        "checks": [
            {
                "check": finding.check,
                "verdict": finding.verdict,
                "message": finding.message,
                "code": finding.code,
                "advice": finding.advice,
            }
            for finding in inspection.findings
        ],
        "warnings": [{"code": notice.code, "message": notice.message} for notice in verifier.warnings],
    }
    if show_claims:
        found |= {"header": inspection.token.header, "payload": inspection.token.payload}
    return found
