"""`syncrules resolve`: who is it, which buckets do they sync, and what is in them."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

from syncrules.auth import VerifiedClaims
from syncrules.cli.person import json_object, moment, unverified, verified
from syncrules.cli.problem import Problem
from syncrules.cli.rules_file import load_rules
from syncrules.engine.bucket_id import json_value
from syncrules.resolve.limits import LimitExceeded
from syncrules.resolve.request import Request, RequestError, Subscription
from syncrules.resolve.resolution import Resolution, ResolvedBucket
from syncrules.resolve.rules import Rules
from syncrules.sources.files import RowsError, read_changes
from syncrules.stores.bucket_contents import BucketContents
from syncrules.stores.memory import MemoryStore


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything the command found; printed as text or as JSON."""

    claims: VerifiedClaims
    is_verified: bool
    resolution: Resolution
    rows: dict[str, Counter[str]]
    row_errors: tuple[str, ...]


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
@click.option(
    "--subscribe", multiple=True, metavar="NAME[=JSON]", help="Subscribe to a stream, with parameters. May be repeated."
)
@click.option("--params", metavar="JSON", default="{}", help="Connection parameters.")
@click.option("--now", metavar="TIME", help="Check the token as of this time (ISO 8601 or seconds since 1970).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def resolve(
    rules_file: Path,
    token: str | None,
    auth: Path | None,
    claims: Path | None,
    data: Path | None,
    subscribe: tuple[str, ...],
    params: str,
    now: str | None,
    as_json: bool,  # noqa: FBT001 (a flag of the command line)
) -> None:
    """Show which buckets and rows a user syncs under RULES.

    The user is who the token says, once it is verified; or, for trying things out, whoever --claims
    says. Rows come from --data; without it, only what the request alone decides is known.

    \b
    Examples:
      syncrules resolve sync.yaml --token ada.jwt --auth auth.yaml --data data/
      syncrules resolve sync.yaml --claims ada.json --data app.sqlite --json
      syncrules resolve sync.yaml --claims ada.json --subscribe 'channel={"id": "c1"}'

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
        request = Request(person, json_object(params, "--params"), tuple(map(_subscription, subscribe)))
    except RequestError as error:
        raise Problem("request", str(error)) from None
    answer = _answer(rules, request, data, is_verified=claims is None)
    click.echo(json.dumps(_json(answer), ensure_ascii=False, indent=2) if as_json else _text(answer))


def _subscription(text: str) -> Subscription:
    name, equals, parameters = text.partition("=")
    try:
        return Subscription(name, json_object(parameters, f"the parameters of `{name}`") if equals else None)
    except RequestError as error:
        raise Problem("subscription", str(error)) from None


def _answer(rules: Rules, request: Request, data: Path | None, *, is_verified: bool) -> Answer:
    store, contents = MemoryStore(rules), BucketContents(rules)
    if data is not None:
        try:
            changes = list(read_changes(data))
            store.apply(changes)
            contents.apply(changes)
        except RowsError as error:
            raise Problem(error.code, str(error)) from None
    try:
        resolution = rules.resolve(request, store)
    except LimitExceeded as error:
        raise Problem(error.code, str(error)) from None
    wanted = {bucket.id for bucket in resolution.buckets}
    rows: dict[str, Counter[str]] = {name: Counter() for name in wanted}
    for evaluation in contents.evaluations().values():
        for row in evaluation.rows:
            if row.bucket in wanted:
                rows[row.bucket][row.table] += 1
    errors = [
        f"{table.schema}.{table.name}, row {key}: {error.message}"
        for (table, key), found in (*store.errors.items(), *contents.errors.items())
        for error in found
    ]
    return Answer(request.claims, is_verified, resolution, rows, tuple(errors))


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
                "rows": answer.rows[bucket.id].total(),
                "tables": dict(sorted(answer.rows[bucket.id].items())),
            }
            for bucket in _ordered(answer.resolution)
        ],
        "errors": [
            {"definition": e.definition, "message": e.message, "reason": e.reason} for e in answer.resolution.errors
        ],
        "row_errors": list(answer.row_errors),
        "totals": {
            "buckets": len(answer.resolution.buckets),
            "rows": _total(answer),
            "tables": sorted(_tables(answer)),
        },
    }


def _text(answer: Answer) -> str:
    lines = [_who(answer), ""]
    buckets = _ordered(answer.resolution)
    if buckets:
        header = ("bucket", "parameters", "priority", "definition", "reason", "rows", "tables")
        lines += _table([header, *(_cells(bucket, answer.rows[bucket.id]) for bucket in buckets)])
    else:
        lines.append("no buckets")
    lines.append("")
    tables = _tables(answer)
    lines.append(f"{_count(len(buckets), 'bucket')}, {_count(_total(answer), 'row')} in {_count(len(tables), 'table')}")
    for error in answer.resolution.errors:
        lines.append(click.style(f"not evaluated: {error.definition}: {error.message}", fg="red"))
    for message in answer.row_errors:
        lines.append(click.style(f"row not evaluated: {message}", fg="red"))
    return "\n".join(lines)


def _who(answer: Answer) -> str:
    user = answer.claims.user_id
    if not answer.is_verified:
        return click.style(
            f"user {user or '(none)'}, NOT VERIFIED: the claims are taken from a file", fg="red", bold=True
        )
    return click.style(f"user {user}, verified ({answer.claims.algorithm})", fg="green")


def _cells(bucket: ResolvedBucket, rows: Counter[str]) -> tuple[str, ...]:
    parameters = json.dumps([json_value(value) for value in bucket.parameters], ensure_ascii=False)
    reasons = ", ".join(reason if isinstance(reason, str) else f"subscription {reason}" for reason in bucket.reasons)
    tables = ", ".join(f"{name} {count}" for name, count in sorted(rows.items())) or "-"
    return bucket.id, parameters, str(bucket.priority), bucket.definition, reasons, str(rows.total()), tables


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _ordered(resolution: Resolution) -> list[ResolvedBucket]:
    return sorted(resolution.buckets, key=lambda bucket: (bucket.priority, bucket.id))


def _total(answer: Answer) -> int:
    return sum(rows.total() for rows in answer.rows.values())


def _tables(answer: Answer) -> set[str]:
    return {table for rows in answer.rows.values() for table in rows}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
