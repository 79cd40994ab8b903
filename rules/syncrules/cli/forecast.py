"""`syncrules forecast`: how near the users of a data set are to the limits of a service."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from syncrules.auth import VerifiedClaims
from syncrules.cli.database_option import DATABASE_HELP, TIMEOUT_HELP
from syncrules.cli.forecast_rows import Places, rows_for
from syncrules.cli.output_option import write
from syncrules.cli.person import json_object, unverified
from syncrules.cli.problem import REFUSED, Problem
from syncrules.cli.rules_file import load_rules
from syncrules.cli.subscribe_option import SUBSCRIBE_HELP, subscriptions
from syncrules.cli.users_option import People, claimed, people_in, users_in
from syncrules.explain.forecast import COUNTED_BUCKETS, MEASURES, Forecast
from syncrules.explain.forecast import forecast as forecast_of
from syncrules.explain.forecast_svg import draw_forecast
from syncrules.explain.forecast_telling import forecast_json, tell_forecast
from syncrules.explain.users import guessed_users, other_claims
from syncrules.resolve.limits import DEFAULT_LIMITS, Limits
from syncrules.resolve.request import Request, RequestError, Subscription
from syncrules.resolve.rules import Rules
from syncrules.stores.change import Change
from syncrules.stores.memory import MemoryStore

_MAXIMUM_HELP: Final = "How many rows of a live database may be read: 1000000 unless said."
_DRAWINGS: Final = {"svg": draw_forecast}
_PEOPLE_HELP: Final = "The users: a case file, or their claims, a JSON line each, as a list or by name."
_USERS_HELP: Final = "The users: each value of a column of the data (of `id`, unless it says which) is a claim `sub`."
_CLAIMS_HELP: Final = "Claims that users found in the data have beside their `sub`."


@click.command(name="forecast", short_help="Show how near users are to the limits of a service.")
@click.argument("rules_file", metavar="RULES", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Source rows: a folder, or a YAML, JSON, JSON lines, CSV or SQLite file.",
)
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@click.option("--max-rows", metavar="NUMBER", type=click.IntRange(1), default=1_000_000, help=_MAXIMUM_HELP)
@click.option("--timeout", metavar="SECONDS", type=click.IntRange(1, 86_400), default=60, help=TIMEOUT_HELP)
@click.option("--people", type=click.Path(path_type=Path), metavar="FILE", help=_PEOPLE_HELP)
@click.option("--users", metavar="TABLE[.COLUMN]", help=_USERS_HELP)
@click.option("--claims", type=click.Path(path_type=Path), metavar="FILE", help=_CLAIMS_HELP)
@click.option("--subscribe", multiple=True, metavar="NAME[=JSON]", help=SUBSCRIBE_HELP)
@click.option("--params", metavar="JSON", default="{}", help="Connection parameters.")
@click.option(
    "--limit-buckets",
    metavar="N",
    type=click.IntRange(1, COUNTED_BUCKETS),
    default=DEFAULT_LIMITS.buckets,
    show_default=True,
)
@click.option(
    "--limit-results", metavar="N", type=click.IntRange(1), default=DEFAULT_LIMITS.parameter_results, show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--draw", type=click.Choice([*_DRAWINGS]), help="Draw it: users by what they use, against the limits.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write there, not to standard output.")
def forecast(
    rules_file: Path,
    data: Path | None,
    database: str | None,
    max_rows: int,
    timeout: int,
    people: Path | None,
    users: str | None,
    claims: Path | None,
    subscribe: tuple[str, ...],
    params: str,
    limit_buckets: int,
    limit_results: int,
    as_json: bool,  # noqa: FBT001 (a flag of the command line)
    draw: str | None,
    output: Path | None,
) -> None:
    """Show how many buckets and parameter results RULES give the users of a data set, and who is over a limit.

    A service refuses a connection that leads to more than 1,000 buckets, or whose lookups return more than
    1,000 rows (PSYNC_S2305). Users are those of --people, or the values of --users; without either, all
    whose id stands in a column that the rules compare with the user's id. All of them connect alike.
    A live --database is read as of one moment: what is looked up, and what tells who the users are.

    \b
    Examples:
      syncrules forecast sync.yaml --data data/
      syncrules forecast sync.yaml --data app.sqlite --users profiles.user_id
      syncrules forecast sync.yaml --people app.syncrules.yaml
      SYNCRULES_DATABASE=postgresql://… syncrules forecast sync.yaml
      syncrules forecast sync.yaml --data data/ --draw svg -o forecast.svg

    Exit status: 0 all are within the limits, 1 somebody is over one, 2 bad input.
    """
    if as_json and draw:
        message = "--json and --draw are two forms: choose one"
        raise click.UsageError(message)
    if people and (users or claims):
        raise Problem("two-people", "the users of `--people` have claims: leave out `--users` and `--claims`")
    rules = load_rules(rules_file)
    asked = subscriptions(subscribe)
    parameters = json_object(params, "--params")
    given = None if people is None else people_in(people)
    changes = rows_for(rules, Places(data, database, timeout, max_rows), users, given)
    store = MemoryStore(rules)
    store.apply(changes)
    if store.errors:
        click.echo(
            f"warning[row-errors]: {len(store.errors)} rows cannot be looked up: see `syncrules resolve`", err=True
        )
    found = given or _found(rules, changes, store, users, {} if claims is None else unverified(claims).claims)
    if found.refused:
        click.echo(
            f"warning[refused]: left out, because their tokens are refused: {', '.join(found.refused)}", err=True
        )
    if not found.claims:
        raise Problem("no-users", "there are no users: give `--people FILE`, or `--users TABLE.COLUMN`")
    requests = [(name, _request(each, parameters, asked)) for name, each in found.claims]
    limits = Limits(limit_buckets, limit_results)
    with click.progressbar(requests, label="users", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        made = forecast_of(rules, bar, store, limits)
    write(_formed(made, as_json=as_json, draw=draw), output)
    if any(made.over(measure) for measure in MEASURES):
        sys.exit(REFUSED)


def _formed(found: Forecast, *, as_json: bool, draw: str | None) -> str:
    if as_json:
        return json.dumps(forecast_json(found), ensure_ascii=False, indent=2) + "\n"
    return tell_forecast(found) + "\n" if draw is None else _DRAWINGS[draw](found)


def _found(
    rules: Rules, changes: Sequence[Change], store: MemoryStore, place: str | None, claims: Mapping[str, object]
) -> People:
    """Users found in the data; what the rules would ask of them besides is told."""
    found = guessed_users(rules.plan, changes, store) if place is None else users_in(changes, place)
    if found.ids:
        click.echo(f"{len(found.ids):,} users found in {', '.join(found.columns)}", err=True)
    missing = [claim for claim in other_claims(rules.plan) if claim.partition(".")[0] not in claims]
    if missing:
        message = f"these users have no {', '.join(missing)}, which rules read: counts may be too low"
        click.echo(f"warning[missing-claims]: {message} (`--people` and `--claims` say more)", err=True)
    return claimed(found.ids, claims)


def _request(claims: VerifiedClaims, parameters: Mapping[str, object], asked: tuple[Subscription, ...]) -> Request:
    try:
        return Request(claims, parameters, asked)
    except RequestError as error:
        raise Problem("request", str(error)) from None
