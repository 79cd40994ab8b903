"""How much of the limits was used, in words and as values for JSON."""

from syncrules.resolve.limits import DEFAULT_LIMITS, Limits, Usage


def tell_usage(usage: Usage, limits: Limits = DEFAULT_LIMITS) -> str:
    """How much of both limits was used.

    >>> tell_usage(Usage({"lists": 2}, {}))
    '2 of 1,000 buckets, 0 of 1,000 parameter results'
    """
    buckets, results = sum(usage.buckets.values()), sum(usage.parameter_results.values())
    return f"{buckets:,} of {limits.buckets:,} buckets, {results:,} of {limits.parameter_results:,} parameter results"


def usage_json(usage: Usage, limits: Limits = DEFAULT_LIMITS) -> dict[str, object]:
    """How much of both limits was used, by stream and by step, the most first."""
    return {
        "buckets": {
            "used": sum(usage.buckets.values()),
            "limit": limits.buckets,
            "streams": dict(usage.buckets),
        },
        "parameter_results": {
            "used": sum(usage.parameter_results.values()),
            "limit": limits.parameter_results,
            "streams": dict(usage.results_by_stream().most_common()),
            "steps": [
                {"stream": step.stream, "table": step.table, "rule": step.rule, "rows": rows}
                for step, rows in usage.parameter_results.items()
            ],
        },
    }
