"""On the instances of the heavy-tail lower bound, one a horizon: no method gets under it, the best keep its rate.

The expected error at horizon k is measured on the pair of problems that the proof makes for that k, and the worse of
the two is what the bound speaks of.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from figures.kit.drawing import (
    Axis,
    Band,
    Curve,
    Drawing,
    Feasible,
    FigureRun,
    Floats,
    Mark,
    Note,
    Panel,
    bound_at,
    caption,
)
from figures.kit.heavy import LOOKS, METHODS, Worst, least, pairs, worst

CLAIMS = ("zhang2020heavy.lb_sc",)
CAPTION = (
    r"The larger of two expected errors, divided by the rate $k^{-2(\alpha-1)/\alpha}$, after $k$ steps on $f(x) = (x "
    r"- b)^2/2$ on [0, 1/2]: the oracle is $x - \chi$ with $\chi = k^{1/\alpha}/2$ with probability $1/k$, else 0, $b "
    r"= \mathrm{E}\,\chi$; the other problem has $\chi = b = 0$. Every $k$ has its own pair; N = {N} seeds each. "
    r"Bands: 99.9% interval of the mean at each $k$ (normal approximation; errors lie in [0, 1/8]), cut at the floor. "
    r"Dashed: the floor 1/80 for every method (after Zhang et al., NeurIPS 2020; instance and constant are the lab’s). "
    r"Shaded: half to twice the least error at $k = 10^4$; the slope is that of the least errors (its limits follow "
    r"from those of all means; at $\alpha = 1.2$ the rate sets in from $10^3$ on). SGD: $1/t$; clipped SGD: $4/(t+1)$, "
    r"threshold $t^{1/\alpha}$, weighted average; NSGD with momentum 0.9: $2/(t+1)$; AdaGrad: 1/4; Adam: $2/(t+10)$."
)

ALPHAS = (1.2, 1.5, 1.8, 2.0)
HORIZONS = tuple(round(10 ** (2 + i / 3)) for i in range(7))
SEEDS = 4096


def runs() -> Mapping[str, FigureRun]:
    """Return one run for each order of the moment, horizon and problem of the pair."""
    return dict(pairs(ALPHAS, HORIZONS, tuple(METHODS), SEEDS))


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a panel for each order of the moment."""
    panels = [_panel(results, alpha) for alpha in ALPHAS]
    title = "No method gets under the heavy-tail lower bound, and the best keep its rate over two decades"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(tuple(panels[:2]), tuple(panels[2:])))


def _panel(results: Mapping[str, xr.Dataset], alpha: float) -> Panel:
    k, exponent = np.array(HORIZONS, dtype=np.float64), -2 * (alpha - 1) / alpha
    raw = [worst(results, alpha, HORIZONS, i) for i in range(len(METHODS))]
    best = least(raw)
    slope, low, high = best.slope()
    floor = bound_at(CLAIMS[0], k, {"alpha": alpha, "G": 1.0, "mu": 1.0}) / k**exponent
    curves = [m for method, w in zip(METHODS, raw, strict=True) for m in _marks(method, w.over(k**exponent), floor)]
    wall = Curve(label="lower bound", kind="lower", name="", x=k, y=floor)
    says = (f"slope {slope:.2f} [{low:.2f}, {high:.2f}]", f"claimed {exponent:.2f}")
    return Panel(
        title=rf"$\alpha = {alpha}$",
        x=Axis("horizon $k$", (90, 1.12e4), log=True, ticks=(100, 1000, 10_000)),
        y=Axis("error / rate", (0.008, 8), log=True, ticks=(0.01, 0.1, 1)),
        marks=(_around(best.over(k**exponent)), *curves, wall),
        notes=tuple(Note(w.replace("-", "\N{MINUS SIGN}"), 100, y) for w, y in zip(says, (4.4, 2.2), strict=True)),
        height=1.75,
    )


def _marks(method: str, w: Worst, floor: Floats) -> tuple[Mark, ...]:
    lo = np.maximum(w.lo, floor)  # it is proved that the mean is above
    return (
        Band(label=f"{method}, interval", kind="run", name=LOOKS[method], x=w.k, lo=lo, hi=w.hi),
        Curve(label=method, kind="run", name=LOOKS[method], x=w.k, y=w.mean, end=method),
    )


def _around(best: Worst) -> Feasible:
    """Return the region between half and twice the last value."""
    at = np.full(len(best.k), best.mean[-1])
    return Feasible(label="half to twice the least error at the end", x=best.k, lo=at / 2, hi=2 * at)
