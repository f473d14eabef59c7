"""Pictures: bars, waterfalls and the wall of weeks as plain elements, vintages and rings as inline SVG.

Invariant: a picture holds no text that depends on a font's width to be read, no colour without a word or shape beside
it, and nothing from outside the page. Colours come from the page's own style (light and dark). Amounts in it open, or
the table behind it does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from markupsafe import Markup

from panhuo.journey.report.opening import Figure
from panhuo.journey.report.words import Text, money


def _text(x: float, y: float, words: Text | str, anchor: str = "start", kind: str = "") -> str:
    both = words if isinstance(words, Text) else Text(words, words)
    css = f' class="{kind}"' if kind else ""
    if both.zh == both.en:
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{css}>{escape(both.zh)}</text>'
    return "".join(
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" lang="{lang}"{css}>{escape(words)}</text>'
        for lang, words in (("zh", both.zh), ("en", both.en))
    )


def _svg(width: int, height: int, body: str, title: Text) -> Markup:
    name = escape(f"{title.zh} / {title.en}")
    return Markup(
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{name}" '
        f'xmlns="http://www.w3.org/2000/svg">{body}</svg>'
    )


def stacked_bar(parts: Sequence[tuple[Text, int, str, Figure]], title: Text) -> Markup:
    """One bar of parts (name, size, step of the risk scale 1-5, share), and a legend with a shape, a name and the share
    of each, which opens."""
    total = sum(size for _, size, *_ in parts) or 1
    bars, legend = [], []
    for name, size, step, opens in parts:
        share = 100 * size / total
        if size:
            bars.append(f'<i class="risk{step}" style="width:{max(share, 0.25):.2f}%"></i>')
        legend.append(f'<span><span class="mark step{step}"></span>{name.__html__()} <b>{opens.__html__()}</b></span>')
    label = escape(f"{title.zh} / {title.en}")
    return Markup(
        f'<div class="bar" role="img" aria-label="{label}">{"".join(bars)}</div>'
        f'<div class="legend">{"".join(legend)}</div>'
    )


def lines(series: Sequence[tuple[str, Sequence[tuple[int, int]]]], title: Text, x_name: Text) -> Markup:
    """Lines of (x, ppm) by name, the newest darkest; x in whole months."""
    width, height, left, right, top, bottom = 760, 280, 48, 86, 14, 34
    xs = [x for _, points in series for x, _ in points]
    ys = [y for _, points in series for _, y in points]
    if not xs:
        return Markup("")
    last, high = max(xs), max(max(ys), 1)
    step = _step(high)
    ceiling = math.ceil(high / step) * step

    def px(x: int) -> float:
        return left + (width - left - right) * x / max(last, 1)

    def py(y: float) -> float:
        return top + (height - top - bottom) * (1 - y / ceiling)

    body = []
    for k in range(int(ceiling / step) + 1):
        y = py(k * step)
        body.append(f'<line x1="{left}" y1="{y:.1f}" x2="{width - right}" y2="{y:.1f}" class="grid"/>')
        body.append(_text(left - 6, y + 4, f"{k * step / 10_000:.1f} %", "end", "small"))
    for x in range(0, last + 1, 12):
        body.append(_text(px(x), height - 16, str(x), "middle", "small"))
    body.append(_text((left + width - right) / 2, height - 2, x_name, "middle", "small"))
    taken: list[float] = []
    for place, (name, points) in enumerate(series):
        shade = 0.25 + 0.75 * (place + 1) / len(series)
        path = " ".join(f"{'M' if i == 0 else 'L'}{px(x):.1f} {py(y):.1f}" for i, (x, y) in enumerate(points))
        body.append(f'<path d="{path}" class="line" style="opacity:{shade:.2f}"><title>{escape(name)}</title></path>')
        end_x, end_y = points[-1]
        at = py(end_y)
        if all(abs(at - other) > 11 for other in taken):
            taken.append(at)
            body.append(_text(px(end_x) + 5, at + 4, name, kind="small"))
    return _svg(width, height, "".join(body), title)


def _step(high: int) -> int:
    for step in (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000):
        if high / step <= 5:
            return step
    return 500_000


@dataclass(frozen=True)
class Step:
    """One step of a waterfall: its name, its signed amount, what it opens, and whether it is a level reached."""

    name: Text
    amount: int
    opens: Figure
    level: bool = False


def _line(name: str, start: float, wide: float, kind: str, shown: str) -> str:
    bar = f'<i class="{kind}" style="left:{start:.2f}%;width:{max(wide, 0.3):.2f}%"></i>'
    named = f'<span class="name">{name}</span><span class="track">{bar}</span>'
    return f'<div class="step">{named}<span class="amount">{shown}</span></div>'


def waterfall(steps: Sequence[Step], title: Text, currency: str = "CNY") -> Markup:
    """Levels as bars from nought, steps hung between them; each amount opens. Amounts in minor units of `currency`."""
    running, spans = 0, []
    for step in steps:
        start, end = (0, step.amount) if step.level else (running, running + step.amount)
        spans.append((start, end))
        running = end
    low = min(0, *(min(span) for span in spans))
    reach = max(max(span) for span in spans) - low or 1
    body = []
    for step, (start, end) in zip(steps, spans, strict=True):
        kind = "total" if step.level else ("minus" if step.amount < 0 else "plus")
        sign = "−" if step.amount < 0 else ("" if step.level or not step.amount else "+")
        text = Text(sign, sign) + money(abs(step.amount), currency)
        shown = replace(step.opens, text=text).__html__()
        at = 100 * (min(start, end) - low) / reach
        body.append(_line(step.name.__html__(), at, 100 * abs(end - start) / reach, kind, shown))
    label = escape(f"{title.zh} / {title.en}")
    return Markup(f'<div class="fall" role="group" aria-label="{label}">{"".join(body)}</div>')


def wall(bars: Sequence[tuple[Text, int, Figure | None, Figure | None, str]], title: Text) -> Markup:
    """One line a span of days: its name, a bar by the money at risk, how many and how much; both open."""
    reach = max((amount for _, amount, *_ in bars), default=0) or 1
    body = []
    for name, amount, number, sum_of, kind in bars:
        shown = "—" if number is None or sum_of is None else f"{number.__html__()} · {sum_of.__html__()}"
        body.append(_line(name.__html__(), 0, 100 * amount / reach, kind if number else "none", shown))
    label = escape(f"{title.zh} / {title.en}")
    return Markup(f'<div class="fall spans" role="group" aria-label="{label}">{"".join(body)}</div>')


def ring(
    members: Sequence[str], title: Text, ties: Sequence[tuple[int, Text]], opens: str, cut: tuple[str, str] | None
) -> Markup:
    """A ring drawn as one: who guarantees whom, for how much; where to cut is dashed in accent. The drawing opens."""
    size, high, count = 360, 320, len(members)
    middle, centre, radius = size / 2, high / 2, 104
    places = [
        (middle + radius * math.sin(2 * math.pi * i / count), centre - radius * math.cos(2 * math.pi * i / count))
        for i in range(count)
    ]
    most = max((amount for amount, _ in ties), default=0) or 1
    body = [
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z" class="tip"/></marker></defs>'
    ]
    said = []
    for i, (x, y) in enumerate(places):
        x2, y2 = places[(i + 1) % count]
        length = math.hypot(x2 - x, y2 - y) or 1
        bend = 26 if count == 2 else 0
        mx = (x + x2) / 2 + bend * (y2 - y) / length
        my = (y + y2) / 2 - bend * (x2 - x) / length
        amount, text = ties[i]
        wide = 1.2 + 4.5 * math.sqrt(amount / most) if amount else 1.0
        kind = "edge" if amount else "edge gone"
        if cut == (members[i], members[(i + 1) % count]):
            kind = "edge cut"
        away = 16 / (math.hypot(mx - x, my - y) or 1)
        near = 19 / (math.hypot(mx - x2, my - y2) or 1)
        body.append(
            f'<path d="M{x + (mx - x) * away:.1f} {y + (my - y) * away:.1f} Q{mx:.1f} {my:.1f} '
            f'{x2 - (x2 - mx) * near:.1f} {y2 - (y2 - my) * near:.1f}" class="{kind}" style="stroke-width:{wide:.1f}" '
            'marker-end="url(#arrow)"/>'
        )
        inward = 0.0 if count == 2 else 0.14
        at = (mx + (middle - mx) * inward, my + (centre - my) * inward)
        said.append(_text(at[0], at[1] + 4, text, "middle", "small halo amount"))
    for name, (x, y) in zip(members, places, strict=True):
        body.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="12" class="node"/>')
        out_x, out_y = (x - middle) / radius, (y - centre) / radius
        anchor = "middle" if abs(out_x) < 0.3 else ("start" if out_x > 0 else "end")
        short = name if len(name) <= 10 else name[:9] + "…"
        said.append(_text(x + 18 * out_x, y + 22 * out_y + 4, short, anchor, "small halo"))
    return _svg(size, high, f'<a href="#{opens}">{"".join(body)}{"".join(said)}</a>', title)
