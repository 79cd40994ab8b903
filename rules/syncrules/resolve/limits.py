"""How much one request may lead to, and what it led to. The default limits are those of deployed services."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from syncrules.engine.bucket import Step


@dataclass(frozen=True, slots=True)
class Limits:
    """The buckets of one request, and its parameter results: the source rows that its lookups return.

    Buckets are counted once for each id. Parameter results are counted before equal ones are one: every row counts, in
    every step, for every stream and every subscription that runs it.
    """

    buckets: int = 1000
    parameter_results: int = 1000


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a request led to: buckets by the stream that gave them first, parameter results by step. The most first."""

    buckets: Mapping[str, int]
    parameter_results: Mapping[Step, int]

    @classmethod
    def of(cls, definitions: Iterable[str], results: Iterable[tuple[Step, int]]) -> "Usage":
        """What single buckets and single reads add up to."""
        steps: Counter[Step] = Counter()
        for step, count in results:
            steps[step] += count
        return cls(
            dict(Counter(definitions).most_common()), {step: count for step, count in steps.most_common() if count}
        )

    def results_by_stream(self) -> Counter[str]:
        """The parameter results of each stream."""
        streams: Counter[str] = Counter()
        for step, count in self.parameter_results.items():
            streams[step.stream] += count
        return streams


class LimitExceeded(Exception):
    """A request leads to more than its limits allow, so it is not answered at all.

    `code` is the service's; `what` is "buckets" or "parameter results"; `usage` has everything that was counted by
    then. `streams` says how many each stream or definition gave, the most first, and `steps` through which lookups.
    """

    code: Final = "PSYNC_S2305"

    def __init__(self, what: str, limit: int, streams: Mapping[str, int], usage: Usage) -> None:
        self.what: Final = what
        self.limit: Final = limit
        self.usage: Final = usage
        self.streams: Final = most_first(streams)
        self.steps: Final = usage.parameter_results
        parts = [f"the request leads to {sum(streams.values())} {what}, more than {limit}: {_few(self.streams)}"]
        if self.steps:
            parts.append(f"rows looked up: {_few({str(step): count for step, count in self.steps.items()})}")
        super().__init__("; ".join(parts))


def most_first(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by name, the highest first."""
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def _few(counts: Mapping[str, int]) -> str:
    named = [f"{name if name.startswith('`') else f'`{name}`'} {count}" for name, count in counts.items()]
    return ", ".join(named[:5]) + (f", and {len(named) - 5} more" if len(named) > 5 else "")
