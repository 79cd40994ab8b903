"""`syncrules resolve`: who is it, which buckets do they sync, and what is in them."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from syncrules.auth import VerifiedClaims
from syncrules.cli.database_option import DATABASE_HELP, TIMEOUT_HELP, database_url
from syncrules.cli.found_rows import Found, from_database, from_files, from_store
from syncrules.cli.person import json_object, moment, unverified, verified
from syncrules.cli.problem import Problem
from syncrules.cli.rules_file import load_rules
from syncrules.cli.subscribe_option import SUBSCRIBE_HELP, subscriptions
from syncrules.engine.bucket import ResolvedBucket
from syncrules.engine.bucket_id import json_value
from syncrules.explain.usage import tell_usage, usage_json
from syncrules.resolve.request import Request, RequestError
from syncrules.resolve.resolution import Resolution
from syncrules.resolve.rules import Rules

MAXIMUM_HELP: Final = "How many rows of a live database may be read."


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the command found; printed as text or as JSON."""

    claims: VerifiedClaims
    is_verified: bool
    found: Found

    @property
    def resolution(self) -> Resolution:
        """The buckets, and what could not be evaluated."""
        return self.found.resolution

    def rows(self, bucket: str) -> Counter[str] | None:
        """How many rows of which tables are in a bucket, if that is known."""
        return None if self.found.rows is None else self.found.rows[bucket]


@click.command(name="resolve", short_help="Show which buckets and rows a user syncs.")
@click.argument("rules_file", metavar="RULES", type=click.Path(path_type=Path))
@click.option(
    "--token", metavar="FILE", help="The user's token: a file, or - for standard input. Or set SYNCRULES_TOKEN."
)
@click.option(
    "--auth", type=click.Path(path_type=Path), metavar="FILE", help="Which keys to trust: a `client_auth` config."
)
@click.option(
    "--claims",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Claims to run as, unverified, in place of a token.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Source rows: a folder, or a YAML, JSON, JSON lines, CSV or SQLite file.",
)
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@click.option("--store", metavar="FILE|URL", help="A store that `syncrules snapshot` filled; rows are not counted.")
@click.option("--max-rows", metavar="NUMBER", type=click.IntRange(1), default=1_000_000, help=MAXIMUM_HELP)
@click.option("--timeout", metavar="SECONDS", type=click.IntRange(1, 86_400), default=60, help=TIMEOUT_HELP)
@click.option("--subscribe", multiple=True, metavar="NAME[=JSON]", help=SUBSCRIBE_HELP)
@click.option("--params", metavar="JSON", default="{}", help="Connection parameters.")
@click.option("--now", metavar="TIME", help="Check the token as of this time (ISO 8601 or seconds since 1970).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def resolve(
    rules_file: Path,
    token: str | None,
    auth: Path | None,
    claims: Path | None,
    data: Path | None,
    database: str | None,
    store: str | None,
    max_rows: int,
    timeout: int,
    subscribe: tuple[str, ...],
    params: str,
    now: str | None,
    as_json: bool,  # noqa: FBT001 (a flag of the command line)
) -> None:
    """Show which buckets and rows a user syncs under RULES.

    The user is who the token says, once it is verified; or, for trying things out, whoever --claims
    says. Rows come from --data, or from a live --database, read as of one moment: what is looked up,
    and the tables of the buckets that come of it. A --store that `syncrules snapshot` filled answers
    which buckets, for a database of any size. Without any, only what the request alone decides is known.

    \b
    Examples:
      syncrules resolve sync.yaml --token ada.jwt --auth auth.yaml --data data/
      syncrules resolve sync.yaml --claims ada.json --data app.sqlite --json
      syncrules resolve sync.yaml --claims ada.json --subscribe 'channel={"id": "c1"}'
      SYNCRULES_DATABASE=postgresql://… syncrules resolve sync.yaml --token ada.jwt --auth auth.yaml

    Exit status: 0 done, 1 the token is refused, 2 bad input.
    """
    rules = load_rules(rules_file)
    if claims is not None and token is not None:
        raise Problem("two-people", "give either `--token` or `--claims`")
    if claims is not None:
        person = unverified(claims)
    else:
        person, verifier = verified(token, auth, None if now is None else moment(now))
        for notice in verifier.warnings:
            click.echo(f"{auth}: warning[{notice.code}]: {notice.message}", err=True)
    try:
        request = Request(person, json_object(params, "--params"), subscriptions(subscribe))
    except RequestError as error:
        raise Problem("request", str(error)) from None
    found = _found(rules, request, data, store, database, max_rows, timeout)
    answer = Answer(request.claims, claims is None, found)
    click.echo(json.dumps(_json(answer), ensure_ascii=False, indent=2) if as_json else _text(answer))


def _found(
    rules: Rules,
    request: Request,
    data: Path | None,
    store: str | None,
    database: str | None,
    max_rows: int,
    timeout: int,
) -> Found:
    if sum(place is not None for place in (data, store, database)) > 1:
        raise Problem("two-sources", "give one of `--data`, `--database` and `--store`")
    if store is not None:
        return from_store(rules, request, store)
    url = None if data is not None else database_url(database)
    return from_files(rules, request, data) if url is None else from_database(rules, request, url, timeout, max_rows)


def _json(answer: Answer) -> dict[str, object]:
    claims = answer.claims
    return {
        "user": {"id": claims.user_id, "verified": answer.is_verified, "algorithm": claims.algorithm},
        "buckets": [
            {
                "bucket": bucket.id,
                "parameters": [json_value(value) for value in bucket.parameters],
                "priority": bucket.priority,
                "definition": bucket.definition,
                "reasons": list(bucket.reasons),
                "rows": None if (rows := answer.rows(bucket.id)) is None else rows.total(),
                "tables": None if rows is None else dict(sorted(rows.items())),
            }
            for bucket in _ordered(answer.resolution)
        ],
        "errors": [
            {"definition": e.definition, "message": e.message, "reason": e.reason} for e in answer.resolution.errors
        ],
        "row_errors": list(answer.found.row_errors),
        "usage": usage_json(answer.resolution.usage),
        "totals": {
            "buckets": len(answer.resolution.buckets),
            "rows": None if answer.found.rows is None else _total(answer.found.rows),
            "tables": None if answer.found.rows is None else sorted(_tables(answer.found.rows)),
        },
    }


def _text(answer: Answer) -> str:
    lines = [_who(answer), ""]
    buckets = _ordered(answer.resolution)
    if buckets:
        header = ("bucket", "parameters", "priority", "definition", "reason", "rows", "tables")
        lines += _table([header, *(_cells(bucket, answer.rows(bucket.id)) for bucket in buckets)])
    else:
        lines.append("no buckets")
    lines.append("")
    lines.append(f"{_count(len(buckets), 'bucket')}, {_totals(answer.found.rows)}")
    lines.append(tell_usage(answer.resolution.usage))
    for error in answer.resolution.errors:
        lines.append(click.style(f"not evaluated: {error.definition}: {error.message}", fg="red"))
    for message in answer.found.row_errors:
        lines.append(click.style(f"row not evaluated: {message}", fg="red"))
    return "\n".join(lines)


def _who(answer: Answer) -> str:
    user = answer.claims.user_id
    if not answer.is_verified:
        return click.style(
            f"user {user or '(none)'}, NOT VERIFIED: the claims are taken from a file", fg="red", bold=True
        )
    return click.style(f"user {user}, verified ({answer.claims.algorithm})", fg="green")


def _cells(bucket: ResolvedBucket, rows: Counter[str] | None) -> tuple[str, ...]:
    parameters = json.dumps([json_value(value) for value in bucket.parameters], ensure_ascii=False)
    reasons = ", ".join(reason if isinstance(reason, str) else f"subscription {reason}" for reason in bucket.reasons)
    tables = ", ".join(f"{name} {count}" for name, count in sorted((rows or {}).items())) or "-"
    total = "-" if rows is None else str(rows.total())
    return bucket.id, parameters, str(bucket.priority), bucket.definition, reasons, total, tables


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _ordered(resolution: Resolution) -> list[ResolvedBucket]:
    return sorted(resolution.buckets, key=lambda bucket: (bucket.priority, bucket.id))


def _totals(rows: Mapping[str, Counter[str]] | None) -> str:
    if rows is None:
        return "rows not counted"
    return f"{_count(_total(rows), 'row')} in {_count(len(_tables(rows)), 'table')}"


def _total(rows: Mapping[str, Counter[str]]) -> int:
    return sum(tables.total() for tables in rows.values())


def _tables(rows: Mapping[str, Counter[str]]) -> set[str]:
    return {table for tables in rows.values() for table in tables}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
