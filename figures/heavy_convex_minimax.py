"""Projected SGD on the convex heavy-tail lower bound: its own rate is the floor's, so that neither can be improved."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Floats, Mark, Panel, Series, Triangle, caption
from figures.kit.heavy import Worst
from lab.experiment import Experiment
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.rare_spikes import HeavyLinear

CLAIMS = ()
CAPTION = (
    r"After $T$ steps on $f(x) = -s m x$ on $[-1, 1]$ from 0: the oracle is $-s\,T^{1/p}$ with probability $1/T$, else "
    r"0; $m = T^{1/p - 1}$, so that $\mathrm{E}\,\vert g\vert^p = 1$. Every $T$ has its own problem; by symmetry $s = "
    r"1$ and $s = -1$ are alike. Projected SGD with the step $T^{-1/p}$: the error of its average, mean over N = {N} "
    r"seeds with its 99.9% interval (normal approximation; errors lie in $[0, 2m]$; cut at the bounds), and its slope, "
    r"whose limits follow from the intervals at all $T$ together. Dashed: the floor $T^{1/p - 1}/4$ of every method on "
    r"the worse $s$ (Nemirovski, Yudin, 1983; for heavy tails Vural et al., COLT 2022; constant derived here), and the "
    r"ceiling $(1 + 4^{2 - p})\,T^{1/p - 1}/2$ of this method on every convex $f$ (derived here)."
)

ORDERS = (1.2, 1.5, 2.0)
HORIZONS = (30, 100, 316, 1000, 3162, 10_000)
SEEDS, RADIUS, SIGMA = 8192, 1.0, 1.0


def runs() -> Mapping[str, FigureRun]:
    """Return one run for each order of the moment and horizon."""
    made = {}
    for p in ORDERS:
        for horizon in HORIZONS:
            experiment = Experiment(
                problem=HeavyLinear(p=p, k=horizon, sigma=SIGMA, R=RADIUS),
                optimizers=(SGD(lr=Constant(step(p, horizon))),),
                steps=horizon,
                record=tuple(sorted({0, min(horizon, 100), horizon})),
                metrics=("average_suboptimality",),
            )
            made[f"{p}, {horizon}"] = FigureRun(experiment, SEEDS)
    return made


def step(p: float, horizon: int) -> float:
    """Return the step R / (sigma T^(1/p))."""
    return float(RADIUS / (SIGMA * horizon ** (1 / p)))


def floor(p: float, horizons: Floats) -> Floats:
    """Return sigma R T^(1/p - 1) / 4, `(n,)`: with probability (1 - 1/T)^T >= 1/4 nothing is seen, and s = +-1 add up.

    A. Nemirovski, D. Yudin, Problem complexity and method efficiency in optimization, 1983, for the method of proof.
    """
    return np.asarray(SIGMA * RADIUS * horizons ** (1 / p - 1) / 4)


def ceiling(p: float, horizons: Floats) -> Floats:
    """Return (1 + 4^(2-p)) sigma R T^(1/p - 1) / 2, `(n,)`: projected SGD with the step h = R / (sigma T^(1/p)).

    With r = |x - x*| and D = 2 R a step has r+^2 <= r^2 - 2 h g (x - x*) + max over |d| <= D of -2 h g d - d^2, and
    that is at most min((h g)^2, 2 h |g| D) <= (h |g|)^p (2 D)^(2-p). Summed, with r_1 = R: for every convex f on
    [-R, R].
    """
    return np.asarray((1 + 4 ** (2 - p)) / 2 * SIGMA * RADIUS * horizons ** (1 / p - 1))


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a panel for each order of the moment."""
    panels = tuple(_panel(p, measured(results, p)) for p in ORDERS)
    title = "Under heavy tails projected SGD has the minimax rate on a bounded domain, unclipped"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(panels,))


def measured(results: Mapping[str, xr.Dataset], p: float) -> Worst:
    """Return the mean error of the average at each horizon, with its interval."""
    found = []
    for horizon in HORIZONS:
        s = Series(results[f"{p}, {horizon}"], "average_suboptimality")
        found.append([s.stat(name)[-1] for name in ("mean", "mean_lo", "mean_hi")])
    return Worst(np.array(HORIZONS, dtype=np.float64), *np.array(found).T)


def _panel(p: float, error: Worst) -> Panel:
    slope, low, high = error.slope()
    triangle = Triangle(
        label="slope",
        slope=slope,
        limits=(low, high),
        over=(120.0, 1200.0),
        y=float(error.mean[1]) * 0.12,
        name="sgd",
        claimed=f"{1 / p - 1:.2f}".replace("-", "\N{MINUS SIGN}"),
    )
    lo, hi = np.maximum(error.lo, floor(p, error.k)), np.minimum(error.hi, ceiling(p, error.k))  # both are proved
    marks: tuple[Mark, ...] = (
        Curve(label="ceiling", kind="upper", name="sgd", x=error.k, y=ceiling(p, error.k)),
        Curve(label="floor", kind="lower", name="sgd", x=error.k, y=floor(p, error.k)),
        Band(label="interval", kind="run", name="sgd", x=error.k, lo=lo, hi=hi),
        Curve(label="projected SGD", kind="run", name="sgd", x=error.k, y=error.mean),
        triangle,
    )
    return Panel(
        title=f"$p = {p}$",
        x=Axis("horizon $T$", (25, 1.2e4), log=True, ticks=(100, 1000)),
        y=Axis("error of the average", (7e-4, 2), log=True, ticks=(0.001, 0.01, 0.1, 1)),
        marks=marks,
        height=2.3,
    )
