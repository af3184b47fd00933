"""Fitted exponents over the order of the moment: the hard family's, and SGD's median under stable noise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Note, Panel, Points, Series, caption
from figures.kit.heavy import LOOKS, Worst, pairs, worst
from lab.discovery import get_claim
from lab.experiment import Experiment
from lab.optimizers.sgd import SGD
from lab.schedules import Inverse
from problems.quadratic import StableQuadratic

CLAIMS = ("zhang2020heavy.lb_sc", "zhang2020heavy.thm_sc_upper", "lab.sgd_stable_mean")
CAPTION = (
    r"Least-squares slopes in logarithms, with limits that follow from 99.9% intervals of all the points together. "
    r"Grey: $2(\alpha - 1)/\alpha$, the exponent of the lower bound and of clipped SGD’s upper bound (after Zhang et "
    r"al., NeurIPS 2020). Above: the larger expected error on the two problems of the lower bound, a pair for each of "
    r"5 horizons from $10^2$ to $10^4$, of SGD with steps $1/t$ and of clipped SGD ($4/(t+1)$, threshold "
    r"$t^{1/\alpha}$, weighted average). At small $\alpha$ this window is too early: SGD still feels the edge of the "
    r"domain, clipped SGD its bias. Below: the median of $f$ for SGD with steps $1/t$ on $x^2/2$ with symmetric "
    r"$\alpha$-stable noise, horizons 10 to $10^3$: its mean is infinite for $\alpha < 2$, and its law has this "
    r"exponent exactly. N = {N} seeds each."
)

ALPHAS = tuple(round(1.1 + 0.1 * i, 1) for i in range(10))
HORIZONS = (100, 316, 1000, 3162, 10_000)
SHOWN = ("SGD", "clipped")
STABLE_HORIZONS = (10, 32, 100, 316, 1000)
SEEDS = 4096


def runs() -> Mapping[str, FigureRun]:
    """Return the hard family for every order, and SGD under stable noise of that index."""
    made = dict(pairs(ALPHAS, HORIZONS, SHOWN, SEEDS))
    for alpha in ALPHAS:
        experiment = Experiment(
            problem=StableQuadratic(alpha=alpha, radius=0.0),
            optimizers=(SGD(lr=Inverse(1.0)),),
            steps=STABLE_HORIZONS[-1],
            record=(0, *STABLE_HORIZONS),
            metrics=("suboptimality",),
        )
        made[f"{alpha}, stable"] = FigureRun(experiment, SEEDS)
    return made


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the exponents of the means over those of the medians."""
    family = [[worst(results, alpha, HORIZONS, i) for alpha in ALPHAS] for i in range(len(SHOWN))]
    stable = [median_of(results[f"{alpha}, stable"]) for alpha in ALPHAS]
    means = [_points(m, LOOKS[m], curves) for m, curves in zip(SHOWN, family, strict=True)]
    medians = _points("SGD, median", "sgd", stable)
    order = Axis(r"order $\alpha$ of the moment", (1.06, 2.04), ticks=(1.2, 1.4, 1.6, 1.8, 2.0))
    above = Panel(
        title="Hard family, means",
        x=order,
        y=Axis("exponent", (0, 1.16), ticks=(0, 0.5, 1)),
        marks=(_theory(), *means),
        notes=(Note("SGD", 1.66, 0.88, "sgd", "right"), Note("clipped SGD", 1.63, 0.5, "gclip_growing")),
        height=1.9,
    )
    below = Panel(
        title="Stable noise, median",
        x=order,
        y=Axis("exponent", (0, 1.2), ticks=(0, 0.5, 1)),
        marks=(_theory(), medians),
        height=1.45,
    )
    title = "Heavy tails slow SGD and clipped SGD down to the exponent $2(\\alpha - 1)/\\alpha$"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((above,), (below,)))


def median_of(data: xr.Dataset) -> Worst:
    """Return the median over the recorded steps, with its interval."""
    s = Series(data, "suboptimality")
    return Worst(s.steps, *(s.stat(name) for name in ("median", "median_lo", "median_hi")))


def _theory() -> Curve:
    alpha = np.linspace(ALPHAS[0], ALPHAS[-1], 91)
    return Curve(label="claimed", kind="exact", name="", x=alpha, y=claimed(alpha), end="claimed")


def claimed(alpha: Floats) -> Floats:
    """Return minus the exponent of the horizon in the lower bound, `(n,)`, as the claim declares it."""
    rate = get_claim(CLAIMS[0]).rate
    assert rate is not None  # the claim has one
    (order,) = rate.exponent.free_symbols
    return np.array([-float(rate.exponent.subs(order, float(a))) for a in alpha])


def _points(label: str, name: str, curves: list[Worst]) -> Points:
    slope, low, high = np.array([curve.slope() for curve in curves]).T
    return Points(label=label, kind="run", name=name, x=np.array(ALPHAS), y=-slope, lo=-high, hi=-low)
