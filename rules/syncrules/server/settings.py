"""How a service runs: what it trusts, how long it waits, and where its data is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from syncrules.resolve.limits import DEFAULT_LIMITS, Limits

MEMORY: Final = "memory"
SHORTEST_SECRET: Final = 32
"""Characters of the secret that rows, reload and metrics ask for."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is decided before a service starts. Times are in seconds, sizes in bytes.

    `store` is `memory`, the path of an SQLite file, or the URL of a PostgreSQL database. `data` are rows to fill it with
    at the start. `secret` opens rows, reload and metrics; without one, they are open on a loopback listener, and on no
    other. `plan` is where the plan of the rules in force lies, for several processes that serve as one.
    """

    rules: Path
    auth: Path
    store: str = MEMORY
    data: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    secret: str | None = None
    limits: Limits = DEFAULT_LIMITS
    timeout: float = 5.0
    body_timeout: float = 30.0
    grace: float = 10.0
    maximum_body: int = 1 << 20
    maximum_rows_body: int = 64 << 20
    plan: Path | None = None
