"""A forecast as an SVG picture: for each stream, how many users use how much, against the limits."""

from collections import Counter
from dataclasses import dataclass
from math import ceil, log10
from typing import Final

from syncrules.explain.forecast import MEASURES, Forecast, Measure, Spread
from syncrules.explain.forecast_telling import ALL_STREAMS, ordered_streams
from syncrules.explain.svg_text import cut, xml_text

_NAMES: Final = 200
_LETTERS: Final = 24
_PANEL: Final = 380
_GAP: Final = 48
_HEAD: Final = 64
_ROW: Final = 62
_BARS: Final = 34
_BINS: Final = 48
_STYLE: Final = """
  svg { background: #fff; font: 12px ui-monospace, Menlo, Consolas, monospace }
  text { fill: #1c2430 } .title { font-weight: bold } .heading { font-size: 13px }
  .label { fill: #667; font-size: 11px } .axis { stroke: #d5dae2 } .limit { stroke: #c0392b; stroke-dasharray: 5 3 }
  .within { fill: #5b83c9 } .over { fill: #c0392b } text.over { font-weight: bold }
  @media (prefers-color-scheme: dark) {
    svg { background: #14181f } text { fill: #e6eaf2 } .label { fill: #9aa6b8 } .axis { stroke: #333c4a }
    .within { fill: #7ba3ea } .over, text.over { fill: #ff7b6b } .limit { stroke: #ff7b6b }
  }
"""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a count stands: by its logarithm, so that few and very many are seen in one picture."""

    left: float
    top: int

    def at(self, count: float) -> float:
        """The place of a count, from the left of the picture."""
        return self.left + _PANEL * self.share(count)

    def share(self, count: float) -> float:
        """The place of a count, from 0 to 1."""
        return log10(1 + count) / log10(1 + self.top)


def draw_forecast(found: Forecast) -> str:
    """A whole SVG document. Each row is a histogram of users; its axis is logarithmic, and what is over a limit is red."""
    rows = [None, *ordered_streams(found)]
    width = _NAMES + len(MEASURES) * (_PANEL + _GAP)
    height = _HEAD + _ROW * len(rows) + 40
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        "<title>What users use of the limits</title>",
        f"<style>{_STYLE}</style>",
        f'<text class="label" x="16" y="24">{len(found.users):,} users</text>',
        *(_name(stream or ALL_STREAMS, row) for row, stream in enumerate(rows)),
    ]
    for number, measure in enumerate(MEASURES):
        scale = _scale(found, measure, _NAMES + number * (_PANEL + _GAP))
        parts += _frame(found, measure, scale, height)
        for row, stream in enumerate(rows):
            parts.append(_histogram(found, measure, stream, scale, row))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _scale(found: Forecast, measure: Measure, left: float) -> _Scale:
    most = max(found.limit(measure), found.spread(measure).maximum)
    return _Scale(left, 10 ** ceil(log10(most * 1.3)))


def _name(name: str, row: int) -> str:
    shown = xml_text(cut(name, _LETTERS))
    return f'<g><title>{xml_text(name)}</title><text class="title" x="16" y="{_base(row) - 4}">{shown}</text></g>'


def _base(row: int) -> int:
    """Where the bars of a row stand."""
    return _HEAD + _ROW * (row + 1) - 8


def _frame(found: Forecast, measure: Measure, scale: _Scale, height: int) -> list[str]:
    """The heading of a panel, its axis, and the limit."""
    over = len(found.over(measure))
    limit = found.limit(measure)
    bottom = height - 34
    parts = [
        f'<text class="heading" x="{scale.left:.0f}" y="24">{measure} a user</text>',
        f'<text class="{"over" if over else "label"}" x="{scale.left:.0f}" y="42">{over:,} over the limit of {limit:,}</text>',
    ]
    for count in (0, *(10**power for power in range(round(log10(scale.top)) + 1))):
        x = scale.at(count)
        parts.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{_HEAD}" y2="{bottom}"/>')
        parts.append(f'<text class="label" x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{_short(count)}</text>')
    x = scale.at(limit)
    parts.append(f'<text class="label" x="{x:.1f}" y="{_HEAD - 18}" text-anchor="middle">limit</text>')
    parts.append(f'<line class="limit" x1="{x:.1f}" x2="{x:.1f}" y1="{_HEAD - 14}" y2="{bottom}"/>')
    return parts


def _short(count: int) -> str:
    """A power of ten, or nothing.

    >>> _short(100), _short(10_000)
    ('100', '10k')
    """
    for unit, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= unit:
            return f"{count // unit}{letter}"
    return str(count)


def _histogram(found: Forecast, measure: Measure, stream: str | None, scale: _Scale, row: int) -> str:
    """How many users have about so many, each bar as high as its share of the highest; and the numbers above."""
    counts = found.counts(measure, stream)
    spread, limit, base = Spread.of(counts), found.limit(measure), _base(row)
    bins = Counter((min(_BINS - 1, int(_BINS * scale.share(count))), count > limit) for count in counts)
    highest = max(Counter(place for place, _ in bins.elements()).values(), default=1)
    wide, bars, heights = _PANEL / _BINS, [], Counter[int]()
    for (place, over), users in sorted(bins.items()):
        tall = max(2.0, _BARS * users / highest)
        heights[place] += round(tall)
        bars.append(
            f'<rect class="{"over" if over else "within"}" x="{scale.left + place * wide:.1f}" '
            f'y="{base - heights[place]}" width="{wide - 1:.1f}" height="{round(tall)}"/>'
        )
    told = f"p50 {spread.p50:,}  p95 {spread.p95:,}  max {spread.maximum:,}"
    title = f"{stream or ALL_STREAMS}, {measure}: {told}"
    kind = "over" if spread.maximum > limit else "label"
    label = f'<text class="{kind}" x="{scale.left:.0f}" y="{base - _BARS - 6}">{told}</text>'
    return f"<g><title>{xml_text(title)}</title>{''.join(bars)}{label}</g>"
