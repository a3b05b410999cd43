"""Small charts of the report: bars of one line, a histogram; HTML and SVG as text, coloured by the page's style."""

from collections.abc import Sequence
from html import escape
from math import log10

WIDTH, HEIGHT, FOOT = 480, 150, 22
VERDICTS = {"link": "matsu", "review": "yamabuki", "reject": "hai"}


def bar(parts: Sequence[tuple[str, float]], label: str = "") -> str:
    """Return one bar of coloured parts; each part is a colour and its share, 0..1."""
    inner = "".join(
        f'<i class="{colour}" style="width:{min(max(share, 0), 1):.2%}"></i>' for colour, share in parts if share
    )
    return f'<span class="track" title="{escape(label)}">{inner}</span>'


def bars(rows: Sequence[tuple[str, int]]) -> str:
    """Return named counts as bars against the largest."""
    top = max((count for _, count in rows), default=0)
    return "".join(line(name, bar([("ai", count / top if top else 0)]), f"{count:,}") for name, count in rows)


def log_bars(rows: Sequence[tuple[str, int]], colour: str = "ai") -> str:
    """Return named counts as bars on a logarithmic scale, so that one in a million is still seen."""
    top = max((count for _, count in rows), default=0)
    scale = log10(top + 1) if top else 1
    return "".join(line(name, bar([(colour, log10(count + 1) / scale)]), f"{count:,}") for name, count in rows)


def line(name: str, drawn: str, value: str) -> str:
    """Return a name, a drawing and a value in one line."""
    return f'<div class="row"><span>{escape(name)}</span>{drawn}<span class="v">{value}</span></div>'


def key(colours: Sequence[tuple[str, str]]) -> str:
    """Return what the colours mean."""
    return f'<div class="key">{"".join(f"<span><i class={c}></i>{escape(n)}</span>" for c, n in colours)}</div>'


def histogram(bins: Sequence[tuple[int, str, int]], width: int) -> str:
    """Return the weights of pairs as columns stacked by verdict; `width` of a bin in bits, a dashed line at 0."""
    if not bins:
        return '<p class="note">No pair is stored.</p>'
    low, high = min(b[0] for b in bins), max(b[0] for b in bins) + width
    low, high = min(low, 0), max(high, width)
    total: dict[int, int] = {}
    for start, _, count in bins:
        total[start] = total.get(start, 0) + count
    top, step = max(total.values()), WIDTH / ((high - low) / width)
    drawn, reached = [], dict.fromkeys(total, 0.0)
    for verdict, colour in VERDICTS.items():
        for start, _, count in (b for b in bins if b[1] == verdict):
            tall = count / top * (HEIGHT - 14)
            reached[start] += tall
            x, y = (start - low) / width * step, HEIGHT - reached[start]
            tip = f"{start} to {start + width} bits: {count:,} {verdict}"
            drawn.append(
                f'<rect class="{colour}" x="{x + 0.5:.1f}" y="{y:.1f}" width="{max(step - 1, 0.8):.1f}" '
                f'height="{max(tall, 0.6):.1f}"><title>{tip}</title></rect>'
            )
    return _frame(
        "".join(drawn) + _scale(low, high), f"Weights of pairs from {low} to {high} bits, most {top:,} in a bin"
    )


def _scale(low: int, high: int) -> str:
    """Return the axis of the histogram with its marks."""
    every = next((s for s in (10, 20, 50, 100) if (high - low) / s <= 9), 200)
    marks = [m for m in range(low - low % every, high + 1, every) if low <= m <= high]
    texts = []
    for mark in marks:
        x = (mark - low) / (high - low) * WIDTH
        anchor = "start" if x < 12 else "end" if x > WIDTH - 12 else "middle"
        texts.append(f'<text x="{x:.1f}" y="{HEIGHT + 15}" text-anchor="{anchor}">{mark}</text>')
    zero = -low / (high - low) * WIDTH
    return (
        f'<line class="axis" x1="0" x2="{WIDTH}" y1="{HEIGHT}" y2="{HEIGHT}"/>'
        f'<line class="zero" x1="{zero:.1f}" x2="{zero:.1f}" y1="0" y2="{HEIGHT}"/>{"".join(texts)}'
    )


def _frame(inner: str, label: str) -> str:
    """Return a drawing that fills its place."""
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT + FOOT}" role="img" aria-label="{escape(label)}">{inner}</svg>'
