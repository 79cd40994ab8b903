"""How many times faster, as a picture: a bar for each job on a logarithmic scale, and a mark where its goal is."""

from collections.abc import Mapping
from html import escape
from math import log10
from typing import Final

_LEFT: Final = 340
_WIDTH: Final = 480
_ROW: Final = 26
_DECADES: Final = 4
"""From a tenth to a thousand times as fast."""


def ratios_svg(ratios: Mapping[str, tuple[float | None, float]]) -> str:
    """The picture of ratios and goals by job; a job without a ratio is left out."""
    known = {name: (ratio, goal) for name, (ratio, goal) in ratios.items() if ratio is not None}
    height = _ROW * len(known) + 50
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 80} {height}" font-family="sans-serif" font-size="12">',
        "<title>How many times faster than the peer</title>",
        f'<rect width="100%" height="{height}" fill="white"/>',
    ]
    for power in range(-1, _DECADES):
        at = _x(10.0**power)
        lines.append(f'<line x1="{at}" y1="20" x2="{at}" y2="{height - 20}" stroke="#ddd"/>')
        lines.append(f'<text x="{at}" y="14" text-anchor="middle" fill="#555">{10.0**power:g}×</text>')
    for place, (name, (ratio, goal)) in enumerate(known.items()):
        top = 24 + place * _ROW
        start, end = sorted((_x(1.0), _x(ratio)))
        colour = "#2a7f62" if ratio >= goal else "#b5482f"
        lines.append(f'<text x="{_LEFT - 8}" y="{top + 14}" text-anchor="end">{escape(name)}</text>')
        lines.append(f'<rect x="{start}" y="{top + 3}" width="{max(1.0, end - start)}" height="16" fill="{colour}"/>')
        lines.append(
            f'<line x1="{_x(goal)}" y1="{top}" x2="{_x(goal)}" y2="{top + 22}" stroke="black" stroke-width="2"/>'
        )
        lines.append(f'<text x="{max(end, _x(goal)) + 6}" y="{top + 15}">{ratio:g}×</text>')
    lines.append(
        f'<text x="{_LEFT}" y="{height - 6}" fill="#555">bars: peer’s time to ours; black marks: the goals</text></svg>'
    )
    return "\n".join(lines) + "\n"


def _x(ratio: float) -> float:
    return round(_LEFT + (min(max(log10(ratio), -1), _DECADES - 1) + 1) / _DECADES * _WIDTH, 1)
