"""`syncrules serve`: who syncs what, over HTTP."""

import logging
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from syncrules.cli.person import load_verifier
from syncrules.cli.problem import Problem
from syncrules.cli.rules_file import load_rules
from syncrules.resolve.limits import DEFAULT_LIMITS, Limits

_SECRET: Final = "SYNCRULES_SERVER_SECRET"
_STORE: Final = "SYNCRULES_STORE"


@click.command(name="serve", short_help="Answer over HTTP who syncs what.")
@click.argument("rules_file", metavar="RULES", type=click.Path(path_type=Path))
@click.option(
    "--auth",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Which keys to trust: a `client_auth` config.",
)
@click.option(
    "--store",
    metavar="STORE",
    help=f"`memory` (the default), an SQLite file, or the URL of a PostgreSQL database. Or set {_STORE}: lists of processes show arguments.",
)
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="PATH", help="Fill the store with these rows at the start."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="The port; 0 takes a free one."
)
@click.option(
    "--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that serve as one."
)
@click.option(
    "--timeout",
    default=5.0,
    show_default=True,
    type=click.FloatRange(0.01, 3600),
    help="Seconds that an answer may take.",
)
@click.option(
    "--grace",
    default=10.0,
    show_default=True,
    type=click.FloatRange(1, 3600),
    help="Seconds to finish requests when told to end.",
)
@click.option(
    "--limit-buckets",
    default=DEFAULT_LIMITS.buckets,
    show_default=True,
    type=click.IntRange(1),
    help="Buckets of one request.",
)
@click.option(
    "--limit-results",
    default=DEFAULT_LIMITS.parameter_results,
    show_default=True,
    type=click.IntRange(1),
    help="Rows that its lookups may return.",
)
@click.option("--quiet", is_flag=True, help="Log no request that went well.")
@click.option("--log", type=click.Choice(["json", "text"]), help="The form of the log; text on a terminal, else JSON.")
def serve(
    rules_file: Path,
    auth: Path,
    store: str | None,
    data: Path | None,
    host: str,
    port: int,
    processes: int,
    timeout: float,
    grace: float,
    limit_buckets: int,
    limit_results: int,
    log: str | None,
    quiet: bool,  # noqa: FBT001 (a flag of the command line)
) -> None:
    """Answer over HTTP who syncs what under RULES.

    \b
    POST /v1/resolve   the buckets of the user whose token is sent
    POST /v1/rows      takes source rows in, as a sync server sees them change
    POST /v1/reload    reads the rules file anew (as SIGHUP does)
    GET  /health, /ready, /metrics, /openapi.json

    Rows, reload and metrics are open to programs on the same machine if the address is a loopback one. Elsewhere they
    need the secret in SYNCRULES_SERVER_SECRET (at least 32 characters), sent as `Authorization: Bearer SECRET`;
    without one they are off. SIGTERM ends the service once the requests that run are answered.

    \b
    Examples:
      syncrules serve sync.yaml --auth auth.yaml --data data/
      syncrules serve sync.yaml --auth auth.yaml --store lookups.sqlite --processes 2
      SYNCRULES_STORE=postgresql://… syncrules serve sync.yaml --auth auth.yaml --host 0.0.0.0

    Exit status: 0 ended as told, 1 a process could not start or kept dying, 2 bad input.
    """
    try:
        from syncrules.server.listen import bound
        from syncrules.server.listen import serve as serve_alone
        from syncrules.server.logs import Form, Logs, set_up_logs
        from syncrules.server.processes import serve_together
        from syncrules.server.settings import MEMORY, SHORTEST_SECRET, Settings
    except ModuleNotFoundError as error:
        raise Problem("extra", f"`serve` needs {error.name}: pip install 'syncrules[server]'") from None
    secret = os.environ.get(_SECRET)
    if secret is not None and len(secret) < SHORTEST_SECRET:
        raise Problem("secret", f"{_SECRET} must have at least {SHORTEST_SECRET} characters")
    settings = Settings(
        rules=rules_file,
        auth=auth,
        store=store or os.environ.get(_STORE) or MEMORY,
        data=data,
        host=host,
        port=port,
        secret=secret,
        limits=Limits(limit_buckets, limit_results),
        timeout=timeout,
        grace=grace,
    )
    if processes > 1 and settings.store == MEMORY:
        raise Problem("store", "several processes share no memory: name a file or a database with `--store`")
    if processes > 1 and data is not None:
        raise Problem(
            "data", "several processes would each fill the store: fill it first, by a start with `--processes 1`"
        )
    form: Form = "text" if (log or ("text" if sys.stderr.isatty() else "json")) == "text" else "json"
    logs = Logs(form, logging.WARNING if quiet else logging.INFO)
    set_up_logs(logs)
    rules = load_rules(rules_file)
    load_verifier(auth)
    try:
        listening = bound(settings)
    except OSError as error:
        raise Problem("address", f"cannot listen on {host}:{port}: {error.strerror or error}") from None
    with listening:
        taken = listening.getsockname()[1]
        click.echo(f"listening on http://{f'[{host}]' if ':' in host else host}:{taken}", err=True)
        settings = replace(settings, port=taken)
        status = (
            serve_alone(settings, listening)
            if processes == 1
            else serve_together(settings, rules, listening, processes, logs)
        )
    sys.exit(1 if status else 0)
