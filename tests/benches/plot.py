#!/usr/bin/env python3
"""Draws the figures of `mozy-lab bench --json` over the number of subscriptions: plot.py FIGURES.json > performance.svg"""
import json, math, sys

PANELS = [
    ("resident memory, MB", [("peak", lambda f: f["memory_peak_mb"])], 128),
    ("sweep, subscriptions a second", [
        ("sweep", lambda f: f["at_once_answered"]["sweep_per_second"]),
        ("bare loop", lambda f: f["at_once_answered"]["bare_per_second"])], None),
    ("change to call behind a sweep, p99 ms", [("p99", lambda f: f["change_behind_sweep"]["p99_ms"])], 1000),
    ("start to ready, s", [("start", lambda f: f["start_to_ready_s"])], 2),
]
COLOURS = ["#1b5e8c", "#b4561f"]
W, H, LEFT, TOP = 330, 200, 60, 34

def known(value, figure):
    """A figure that was not measured at some size is left out there."""
    try:
        return value(figure)
    except (KeyError, TypeError):
        return None

def panel(figures, title, series, limit, x0, y0):
    xs = [math.log10(f["subscriptions"]) for f in figures]
    low, high = min(xs), max(max(xs), min(xs) + 1)
    seen = [known(value, f) for _, value in series for f in figures]
    top = max([v for v in seen if v is not None] + [limit or 0]) * 1.1 or 1
    x = lambda v: x0 + LEFT + (v - low) / (high - low) * (W - LEFT - 20)
    y = lambda v: y0 + H - 26 - v / top * (H - TOP - 26)
    out = [f'<text x="{x0 + LEFT}" y="{y0 + 18}" font-weight="bold">{title}</text>']
    for n in range(5):
        v = top / 1.1 * n / 4
        out.append(f'<line x1="{x0 + LEFT}" x2="{x0 + W - 20}" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#ddd"/>')
        out.append(f'<text x="{x0 + LEFT - 6}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.3g}</text>')
    if limit:
        out.append(f'<line x1="{x0 + LEFT}" x2="{x0 + W - 20}" y1="{y(limit):.1f}" y2="{y(limit):.1f}" stroke="#a00" stroke-dasharray="5 4"/>')
    for f, v in zip(figures, xs):
        out.append(f'<text x="{x(v):.1f}" y="{y0 + H - 8}" text-anchor="middle">{f["subscriptions"]:,}</text>')
    for (name, value), colour in zip(series, COLOURS):
        points = [(x(v), y(known(value, f))) for f, v in zip(figures, xs) if known(value, f) is not None]
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}"/>')
        out += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        if len(series) > 1 and points:
            a, b = points[0]
            out.append(f'<text x="{a + 6:.1f}" y="{b - 6:.1f}" fill="{colour}">{name}</text>')
    return "\n".join(out)

figures = sorted(json.load(open(sys.argv[1])), key=lambda f: f["subscriptions"])
print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * W}" height="{2 * H}" font-family="sans-serif" font-size="11">')
print(f'<rect width="{2 * W}" height="{2 * H}" fill="white"/>')
for n, (title, series, limit) in enumerate(PANELS):
    print(panel(figures, title, series, limit, n % 2 * W, n // 2 * H))
print("</svg>")
