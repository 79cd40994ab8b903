"""How much one request may lead to. The defaults are those of deployed services."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """The buckets of one request, and its parameter results: bucket values before equal ones are counted once."""

    buckets: int = 1000
    parameter_results: int = 1000


DEFAULT_LIMITS: Final = Limits()


class LimitExceeded(Exception):
    """A request leads to more than its limits allow, so it is not answered at all.

    `code` is the service's; `streams` says how many each stream or definition gave, the most first.
    """

    code: Final = "PSYNC_S2305"

    def __init__(self, what: str, limit: int, streams: Mapping[str, int]) -> None:
        self.streams: Final = dict(sorted(streams.items(), key=lambda item: -item[1]))
        most = ", ".join(f"`{name}` {count}" for name, count in list(self.streams.items())[:5])
        super().__init__(f"the request leads to {sum(streams.values())} {what}, more than {limit}: {most}")
