"""Coverage as text, as values for JSON, and as a page that marks the rules file."""

from collections.abc import Iterable, Sequence
from html import escape

from syncrules.casefile.coverage import Coverage, Point


def coverage_text(found: Sequence[Coverage]) -> str:
    """A line for each rules file, and below it what was never seen."""
    lines = []
    for each in found:
        lines.append(f"{each.source.name}: {each.percent:.0f} % ({each.covered} of {each.total})")
        for point, ways in each.missing():
            line = each.source.position(point.span.start).line
            lines.append(f"  line {line}: {point.what} was never {_or(ways)}")
    return "\n".join(lines)


_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1d2733 }
pre { background: #f6f8fa; padding: 1rem; overflow-x: auto; border-radius: 6px; line-height: 1.6 }
.all { background: #d3f5dc } .some { background: #fff1b8 } .none { background: #ffd6d6 }
li code { background: #f6f8fa; padding: 0 .25em }
.n { color: #8a94a0; user-select: none }
"""


def coverage_page(found: Sequence[Coverage]) -> str:
    """One HTML page without anything from elsewhere: green went every way, yellow some, red none."""
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Coverage of rules</title><style>{_STYLE}</style>"
    ]
    parts.append("<h1>Coverage of rules</h1>")
    for each in found:
        parts.append(f"<h2>{escape(each.source.name)}: {each.percent:.0f} %</h2><pre>{_marked(each)}</pre>")
        items = [
            f"<li>line {each.source.position(point.span.start).line}: {_code(point.what)} was never {escape(_or(ways))}"
            for point, ways in each.missing()
        ]
        parts.append(f"<ul>{''.join(items)}</ul>" if items else "<p>Everything was seen to go every way.</p>")
    return "\n".join(parts) + "</html>\n"


def _marked(coverage: Coverage) -> str:
    """The text with each stretch coloured by the innermost thing that covers it."""
    text = coverage.source.text
    by_span: dict[tuple[int, int], list[Point]] = {}
    for point in coverage.seen:
        by_span.setdefault((point.span.start, point.span.end), []).append(point)
    owner: list[tuple[int, int] | None] = [None] * len(text)
    for span in sorted(by_span, key=lambda span: span[0] - span[1]):
        owner[span[0] : span[1]] = [span] * (span[1] - span[0])
    pieces, start = [], 0
    for end in range(1, len(text) + 1):
        if end == len(text) or owner[end] != owner[start]:
            pieces.append(_piece(text[start:end], by_span.get(owner[start] or (-1, -1)), coverage))
            start = end
    lines = "".join(pieces).split("\n")
    return "\n".join(f"<span class=n>{number:>4}</span>  {line}" for number, line in enumerate(lines, start=1))


def _piece(text: str, points: list[Point] | None, coverage: Coverage) -> str:
    if not points:
        return escape(text)
    missing = [point.ways - coverage.seen[point] for point in points]
    seen = [point.ways & coverage.seen[point] for point in points]
    kind = "all" if not any(missing) else "some" if any(seen) else "none"
    told = "; ".join(f"{p.what}: {', '.join(sorted(coverage.seen[p])) or 'never seen'}" for p in points)
    mark = f'<span class={kind} title="{escape(told, quote=True)}">'
    return "\n".join(f"{mark}{escape(line)}</span>" for line in text.split("\n"))


def _code(what: str) -> str:
    return f"<code>{escape(what.strip('`'))}</code>"


def _or(ways: Iterable[str]) -> str:
    return " or ".join(sorted(ways))
