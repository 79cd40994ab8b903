"""Counters and times of a service, as Prometheus reads them."""

import os
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where several processes that serve as one count, each in files of its own."""

_TRIES: Final = 50
_SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_COUNTS: Final = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Everything that is counted."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    refusals: Counter
    buckets: Histogram
    results: Histogram
    changes: Counter
    row_errors: Counter
    reloads: Counter
    checkpoint: Gauge

    @classmethod
    def make(cls) -> Self:
        """Counters that stand at zero."""
        to = CollectorRegistry()
        return cls(
            to,
            Counter("syncrules_requests", "Answers, by path and status", ["path", "status"], registry=to),
            Histogram("syncrules_request_seconds", "Seconds an answer took", ["path"], registry=to, buckets=_SECONDS),
            Counter("syncrules_refusals", "Requests that were refused, by code", ["code"], registry=to),
            Histogram("syncrules_buckets", "Buckets of a resolution", registry=to, buckets=_COUNTS),
            Histogram("syncrules_parameter_results", "Rows its lookups returned", registry=to, buckets=_COUNTS),
            Counter("syncrules_changes", "Source rows taken in, by operation", ["operation"], registry=to),
            Counter("syncrules_row_errors", "Rules that failed on a row", registry=to),
            Counter("syncrules_reloads", "Rules that were to be put in force", ["result"], registry=to),
            Gauge("syncrules_checkpoint", "The last checkpoint that was seen", registry=to, multiprocess_mode="max"),
        )

    def text(self) -> bytes:
        """What Prometheus reads.

        Another process may be making its file just now: what is half written is read again, for a second at the most.
        """
        if FOLDER_VARIABLE not in os.environ:
            return generate_latest(self.registry)
        for _ in range(_TRIES):
            with suppress(struct.error, RuntimeError, ValueError, OSError):
                return _of_all_processes()
            time.sleep(1 / _TRIES)
        return _of_all_processes()


def _of_all_processes() -> bytes:
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)
