"""Findings that were there before, so that only new ones fail a build.

A baseline is JSON that belongs into the repository: `{"version": 1, "findings": {"fingerprint": count}}`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from syncrules.lint.finding import Finding


class BaselineError(Exception):
    """A file is no baseline."""


def write_baseline(findings: Iterable[Finding]) -> str:
    """The baseline in which all of these findings are known."""
    counts = Counter(finding.fingerprint for finding in findings)
    return json.dumps({"version": 1, "findings": dict(sorted(counts.items()))}, indent=2) + "\n"


def read_baseline(text: str) -> Mapping[str, int]:
    """How often each fingerprint is known. Raises BaselineError."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    match document:
        case {"version": 1, "findings": dict() as known} if all(type(count) is int for count in known.values()):
            return known
        case _:
            msg = "this is no baseline: write one with `syncrules lint --write-baseline FILE`"
            raise BaselineError(msg)


def new_findings(findings: Iterable[Finding], known: Mapping[str, int]) -> Iterator[Finding]:
    """The findings beyond those that are known, counted by fingerprint."""
    left = Counter(known)
    for finding in findings:
        if left[finding.fingerprint] > 0:
            left[finding.fingerprint] -= 1
        else:
            yield finding
