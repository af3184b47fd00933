"""An experiment drawn as inline SVG: what was measured beside what was predicted, over the steps.

Both scales, logarithmic and linear, are in one picture, of which the style sheet shows one; a script only switches.
Colours come from the style sheet, so that a picture follows the reader's dark mode and prints in ink.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Point = tuple[float, ...]  # (t, low, high, predicted low, predicted high)
Scale = Literal["log", "linear"]

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 76, 24, 12, 48
MOST = 160  # points drawn; more are joined into intervals that contain them
TICKS = 6
FALLBACK = 1e-300


@dataclass(frozen=True)
class Axis:
    """A direction of the picture: values from `low` to `high` lie between the pixels `start` and `end`."""

    scale: Scale
    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the pixel of a value; one outside, an infinity among them, lies on the edge."""
        a, b, v = (self._of(x) for x in (self.low, self.high, min(max(value, self.low), self.high)))
        return self.start + (self.end - self.start) * ((v - a) / (b - a))

    def _of(self, value: float) -> float:
        return math.log10(value) if self.scale == "log" else value

    def ticks(self) -> list[float]:
        """Return round numbers on the axis: powers of ten where it spans two, else steps of 1, 2 or 5."""
        if self.scale == "log" and math.log10(self.high / self.low) >= 2:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            every = max(1, math.ceil((last - first) / TICKS))
            return [10.0**k for k in range(first, last + 1, every)]
        raw = (self.high - self.low) / TICKS
        unit = 10.0 ** math.floor(math.log10(raw))
        step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= raw)
        first = math.ceil(self.low / step - 1e-9)
        return [k * step for k in range(first, math.floor(self.high / step + 1e-9) + 1)]


def thinned(curve: Sequence[Point], most: int = MOST) -> list[Point]:
    """Return at most so many points: neighbours in log t joined, with limits that contain all of theirs."""
    if len(curve) <= most:
        return [tuple(p) for p in curve]
    span = math.log(max(curve[-1][0], 2) / max(curve[0][0], 1)) or 1.0
    groups: dict[int, list[Point]] = {}
    for p in curve:
        place = math.log(max(p[0], 1) / max(curve[0][0], 1)) / span
        groups.setdefault(min(int(place * most), most - 1), []).append(p)
    return [_joined(group) for _, group in sorted(groups.items())]


def _joined(group: Sequence[Point]) -> Point:
    t, low, high, below, above = zip(*group, strict=True)
    return t[-1], min(low), max(high), min(below), max(above)


def scales(curve: Sequence[Point]) -> tuple[Scale, ...]:
    """Return the scales on which a curve can be drawn, the better one first: log needs positive numbers."""
    positive = all(p[0] > 0 and p[2] > 0 and p[4] > 0 for p in curve)
    return ("log", "linear") if positive else ("linear",)


def chart(curve: Sequence[Point], title: str, metric: str) -> str:
    """Return the SVG of at least two points; empty for fewer, or where nothing finite is to be seen."""
    points = thinned([p for p in curve if all(map(_drawable, p))])
    if len(points) < 2:
        return ""
    kinds = scales(points)
    groups = "".join(f'<g class="{kind}">{_marks(points, kind, metric)}</g>' for kind in kinds)
    label = escape(f"{title}: measured and predicted {metric} over the steps t", quote=True)
    head = f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}"'
    return f'{head} data-scale="{kinds[0]}" data-scales="{" ".join(kinds)}">{groups}</svg>'


def _drawable(value: float) -> bool:
    return not math.isnan(value)


def _marks(points: Sequence[Point], scale: Scale, metric: str) -> str:
    x = _axis([p[0] for p in points], scale, LEFT, WIDTH - RIGHT, 0.0)
    y = _axis([v for p in points for v in p[1:]], scale, HEIGHT - BOTTOM, TOP, 0.06)
    lines = [
        _grid(x, y),
        _band(points, x, y, "predicted", 3, 4),
        _band(points, x, y, "measured", 1, 2),
        _line(points, x, y, "predicted", lambda p: (p[3] + p[4]) / 2),
        _line(points, x, y, "measured", lambda p: _middle(p[1], p[2], scale)),
        f'<text class="name" x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">step t</text>',
        f'<text class="name" transform="translate(13 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)" '
        f'text-anchor="middle">{escape(metric)}</text>',
    ]
    return "".join(lines)


def _axis(values: Sequence[float], scale: Scale, start: float, end: float, margin: float) -> Axis:
    seen = [v for v in values if math.isfinite(v) and (scale == "linear" or v > FALLBACK)]
    low, high = (min(seen), max(seen)) if seen else (1.0, 10.0)
    if scale == "log":
        room = (high / low) ** margin
        low, high = (low / room, high * room) if high > low * (1 + 1e-9) else (low / 2, high * 2)
    else:
        room = (high - low) * margin
        low, high = (low - room, high + room) if room or not margin else (low - 0.5, high + 0.5)
        if high - low <= 1e-9 * max(abs(low), abs(high)):
            middle = abs(low) or 1.0
            low, high = low - middle / 2, high + middle / 2
    return Axis(scale, low, high, start, end)


def _middle(low: float, high: float, scale: Scale) -> float:
    if math.isinf(high) or math.isinf(low):
        return low if math.isinf(high) else high
    return math.sqrt(low * high) if scale == "log" and low > 0 else (low + high) / 2


def _grid(x: Axis, y: Axis) -> str:
    out = f'<path class="axis" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>'
    for tick in y.ticks():
        at = y.at(tick)
        out += f'<path class="grid" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>'
        out += f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{_tick(tick, y.scale)}</text>'
    for tick in x.ticks():
        at = x.at(tick)
        out += f'<path class="axis" d="M{at:.1f} {HEIGHT - BOTTOM}v4"/>'
        place = f'x="{at:.1f}" y="{HEIGHT - BOTTOM + 19}"'
        out += f'<text {place} text-anchor="middle">{_tick(tick, x.scale)}</text>'
    return out


def _tick(value: float, scale: Scale) -> str:
    """Return a number as an axis has it: powers of ten with a raised exponent, short numbers as they are."""
    if value and (abs(value) >= 1e4 or abs(value) < 1e-2):
        power = math.floor(math.log10(abs(value)) + 1e-9)
        factor = value / 10.0**power
        lead = "" if abs(factor - 1) < 1e-6 else f"{factor:.3g}·"
        return f'{lead}10<tspan dy="-5" font-size="9">{power}</tspan>'.replace(">-", ">−")
    return f"{value:.4g}".replace("-", "−")


def _band(points: Sequence[Point], x: Axis, y: Axis, name: str, low: int, high: int) -> str:
    there = [f"{x.at(p[0]):.1f},{y.at(p[high]):.1f}" for p in points]
    back = [f"{x.at(p[0]):.1f},{y.at(p[low]):.1f}" for p in reversed(points)]
    return f'<polygon class="band {name}" points="{" ".join(there + back)}"/>'


def _line(points: Sequence[Point], x: Axis, y: Axis, name: str, value: Callable[[Point], float]) -> str:
    places = [(x.at(p[0]), y.at(value(p))) for p in points]
    line = f'<polyline class="line {name}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in places)}"/>'
    if name == "measured" and len(points) <= 40:
        line += "".join(f'<circle class="dot {name}" cx="{a:.1f}" cy="{b:.1f}" r="2.4"/>' for a, b in places)
    return line
