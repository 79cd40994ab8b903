"""Forecasts in words, as a table, and as values for JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from syncrules.explain.forecast import COUNTED_BUCKETS, MEASURES, Forecast, Measure, Spread, UserUsage
from syncrules.explain.usage import usage_json

_Name = TypeVar("_Name")

ALL_STREAMS: Final = "all streams"
_NOTE: Final = (
    "p50, p95: half of the users, and 95 in 100, have at most this (nearest rank)\n"
    "buckets: by id, those of several streams for the first; parameter results: rows that lookups return, also equal ones"
)


def tell_forecast(found: Forecast) -> str:
    """A table of the streams, the most used first; then who is over a limit, and through what."""
    lines = [*_table([*_head(found), *_body(found), *_foot(found)]), "", _NOTE]
    for measure in MEASURES:
        lines += _over(found, measure)
    failed = [user for user in found.users if user.failed]
    if failed:
        streams = ", ".join(sorted({stream for user in failed for stream in user.failed}))
        lines += ["", f"not evaluated for {_users(len(failed))}, and so not counted: {streams}"]
    if not any(found.over(measure) for measure in MEASURES):
        lines += ["", "nobody is over a limit"]
    return "\n".join(lines)


def ordered_streams(found: Forecast) -> list[str]:
    """The streams whose users come nearest to a limit first."""

    def nearness(stream: str) -> float:
        return max(found.spread(measure, stream).maximum / max(found.limit(measure), 1) for measure in MEASURES)

    return sorted(found.streams, key=lambda stream: -nearness(stream))


def _head(found: Forecast) -> list[tuple[str, ...]]:
    return [
        (_users(len(found.users)), "buckets", "", "", "parameter results", "", ""),
        ("stream", "p50", "p95", "max", "p50", "p95", "max"),
    ]


def _body(found: Forecast) -> Iterator[tuple[str, ...]]:
    for stream in (None, *ordered_streams(found)):
        spreads = [found.spread(measure, stream) for measure in MEASURES]
        yield (stream or ALL_STREAMS, *(cell for spread in spreads for cell in _cells(spread)))


def _cells(spread: Spread) -> tuple[str, str, str]:
    return f"{spread.p50:,}", f"{spread.p95:,}", f"{spread.maximum:,}"


def _foot(found: Forecast) -> Iterator[tuple[str, ...]]:
    yield ("limit", *(cell for measure in MEASURES for cell in ("", "", f"{found.limit(measure):,}")))
    yield ("users over it", *(cell for measure in MEASURES for cell in ("", "", f"{len(found.over(measure)):,}")))


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The rows, aligned; what is limited stands over its three columns, and rules part head, body and foot."""
    head, *numbers = rows
    widths = [max(len(row[column]) for row in numbers) for column in range(len(head))]
    widths[0] = max(widths[0], len(head[0]))
    widths[1:] = [max(width, 6) for width in widths[1:]]
    groups = [sum(widths[start : start + 3]) + 4 for start in (1, 4)]
    titles = [head[place].center(group).rstrip() for place, group in zip((1, 4), groups, strict=True)]
    lines = [f"{head[0]:<{widths[0]}}   {titles[0]:<{groups[0]}}   {titles[1]}"]
    for row in numbers:
        cells = [f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append(f"{row[0]:<{widths[0]}}   {'  '.join(cells[:3])}   {'  '.join(cells[3:])}")
    rule = "─" * max(map(len, lines))
    return [*lines[:2], rule, *lines[2:-2], rule, *lines[-2:]]


def _over(found: Forecast, measure: Measure) -> list[str]:
    """The first user over a limit, with the streams or the steps that used it up."""
    over = found.over(measure)
    if not over:
        return []
    first = over[0]
    more = "" if first.is_whole else f" or more (counting ends at {COUNTED_BUCKETS:,})"
    many = f"{first.count(measure):,}{more if measure == 'buckets' else ''}"
    lines = [
        "",
        f"over {found.limit(measure):,} {measure}: {_users(len(over))}, most of all `{first.user}` with {many}",
    ]
    if measure == "buckets":
        lines += [f"  {count:>9,}  `{stream}`" for stream, count in _top(first.usage.buckets)]
    if measure != "buckets" or first not in found.over("parameter results")[:1]:
        lines += [f"  {count:>9,}  rows for {step}" for step, count in _top(first.usage.parameter_results)]
    return lines


def _top(counts: Mapping[_Name, int]) -> list[tuple[_Name, int]]:
    return sorted(counts.items(), key=lambda item: -item[1])[:5]


def _users(count: int) -> str:
    return f"{count:,} user{'' if count == 1 else 's'}"


def forecast_json(found: Forecast) -> dict[str, object]:
    """A forecast as values for JSON."""
    return {
        "users": len(found.users),
        "percentiles": "nearest rank",
        **{measure.replace(" ", "_"): _measure_json(found, measure) for measure in MEASURES},
        "not_evaluated": [{"user": user.user, "streams": list(user.failed)} for user in found.users if user.failed],
    }


def _measure_json(found: Forecast, measure: Measure) -> dict[str, object]:
    over = found.over(measure)
    return {
        "limit": found.limit(measure),
        "all": _spread_json(found.spread(measure)),
        "streams": {stream: _spread_json(found.spread(measure, stream)) for stream in found.streams},
        "users_over": len(over),
        "first_over": _user_json(found, over[0], measure) if over else None,
    }


def _user_json(found: Forecast, user: UserUsage, measure: Measure) -> dict[str, object]:
    refusal = str(found.refusal(user, measure))
    return {
        "user": user.user,
        "message": refusal,
        "counted_to_the_end": user.is_whole,
        "usage": usage_json(user.usage, found.limits),
    }


def _spread_json(spread: Spread) -> dict[str, int]:
    return {"p50": spread.p50, "p95": spread.p95, "max": spread.maximum}
