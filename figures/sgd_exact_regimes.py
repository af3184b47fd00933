"""SGD with steps c/k on a noisy quadratic: below c mu = 1/2 the rate is lost, at 1/2 a logarithm, above it is 1/k."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import (
    Axis,
    Band,
    Curve,
    Drawing,
    FigureRun,
    Floats,
    Kind,
    Mark,
    Panel,
    Series,
    Triangle,
    bound_at,
    caption,
)
from lab.experiment import Experiment, record_steps
from lab.optimizers.sgd import SGD
from lab.schedules import Inverse
from lab.statistics import Limits, log_weights, slope_from_limits
from problems.quadratic import NoisyQuadratic

CLAIMS = (
    "nemirovski2009.sgd_ck_regimes_below",
    "nemirovski2009.sgd_ck_regimes_half",
    "nemirovski2009.sgd_ck_regimes_above",
    "nemirovski2009.sgd_ck_regimes_best",
)
CAPTION = (
    r"$\mathrm{E}\,x_{T+1}^2$ of SGD with steps $c/k$ on $x^2/2$ ($\mu = 1$) from $x_1 = 1$, Gaussian gradient "
    r"noise of deviation 0.3. Lines with markers: mean over N = {N} seeds, with its 99.9% interval (normal "
    r"approximation, each step by itself). Pale: the exact law, $e_{k+1} = (1 - c\mu/k)^2 e_k + c^2\sigma^2/k^2$. "
    r"Dashed, what is proved: at $c\mu = 0.2$ the floor $(1 - c\mu)^2 T^{-2c\mu}$, at 0.5 the floor $c^2\sigma^2 "
    r"\log(T + 1)/T$, at 0.6 the ceiling $(T + 1)^{-2c\mu} + c^2\sigma^2/((2c\mu - 1)(T + 1 - c\mu))$; at 1 the law "
    r"is $\sigma^2/(\mu^2 T)$. After Nemirovski, Juditsky, Lan, Shapiro, SIOPT 2009, section 2.1; constants and "
    r"proofs are the lab’s. Triangles: slope of the mean over the last decade, with an interval that holds wherever "
    r"those of the mean do."
)

SIGMA, STEPS, SEEDS = 0.3, 10_000, 20_000
REGIMES = {0.2: CLAIMS[0], 0.5: CLAIMS[1], 0.6: CLAIMS[2], 1.0: CLAIMS[3]}  # c mu, and what is proved of it
TITLES = {
    0.2: r"$c\mu = 0.2$: the start lingers",
    0.5: r"$c\mu = 0.5$: a logarithm is lost",
    0.6: r"$c\mu = 0.6$: the rate $1/T$",
    1.0: r"$c\mu = 1$: the best, exactly",
}
RATES = {0.2: "$-2c\\mu = -0.4$", 0.5: "$-1$, and log", 0.6: "$-1$", 1.0: "$-1$"}
PROBLEM = NoisyQuadratic(spectrum=(1.0,), sigma=SIGMA, radius=1.0)
TIME = Axis("number of steps, $T$", (1, 1.1 * STEPS), log=True, ticks=(1, 10, 100, 1000))
SQUARE = Axis(r"$\mathrm{E}\,x_{T+1}^2$", (8e-7, 1.5), log=True)


def runs() -> Mapping[str, FigureRun]:
    """Return one run a regime."""
    shared: dict[str, Any] = dict(problem=PROBLEM, steps=STEPS, record=record_steps("log", STEPS))
    metrics = ("distance_sq",)
    return {
        f"{u:g}": FigureRun(Experiment(optimizers=(SGD(lr=Inverse(u)),), metrics=metrics, **shared), SEEDS)
        for u in REGIMES
    }


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a panel for each regime, on common axes."""
    panels = [_panel(u, results[f"{u:g}"]) for u in REGIMES]
    title = "With steps c/k SGD needs c above 1/(2μ): below it the rate 1/T is lost"
    rows = (tuple(panels[:2]), tuple(panels[2:]))
    return Drawing(title=title, caption=caption(CAPTION, results), rows=rows)


def _panel(u: float, data: xr.Dataset) -> Panel:
    s = Series(data, "distance_sq")
    T, mean, lo, hi = s.steps, s.stat("mean"), s.stat("mean_lo"), s.stat("mean_hi")
    marks: list[Mark] = [
        Curve(label="exact law", kind="exact", name="", x=T, y=exact_law(u, T)),
        Band(label="99.9% interval of the mean", kind="run", name="sgd", x=T, lo=lo, hi=hi),
        Curve(label="mean over seeds", kind="run", name="sgd", x=T, y=mean),
        _slope(u, T, mean, lo, hi),
    ]
    if u < 1:
        kind: Kind = "upper" if u > 0.5 else "lower"
        late = T if kind == "upper" else T[T >= 4]  # at T = 1 the floor of 0.2 is the law itself, but for the noise
        marks.append(Curve(label="what is proved", kind=kind, name="sgd", x=late, y=proved(u, late)))
    return Panel(title=TITLES[u], x=TIME, y=SQUARE, marks=tuple(marks), height=1.75)


def _slope(u: float, T: Floats, mean: Floats, lo: Floats, hi: Floats) -> Triangle:
    """Return the slope of the mean over the last decade, with limits that hold wherever all those of the mean do."""
    last = T >= T[-1] / 10
    slope = float(log_weights(T[last]) @ np.log(mean[last]))
    ends = slope_from_limits(T[last], Limits(lo[last], hi[last], "mean_normal", 0.999))
    over = (float(T[-1]) / 25, float(T[-1]) / 4)
    lowest = np.minimum(mean, proved(u, T)) if u <= 0.5 else mean
    height = float(np.interp(over[0], T, lowest)) / 2
    return Triangle(
        label="slope of the mean",
        slope=slope,
        limits=(ends.low, ends.high),
        over=over,
        y=height,
        name="sgd",
        side="below",
        claimed=RATES[u],
    )


def proved(u: float, T: Floats) -> Floats:
    """Return the bound of the regime’s claim after T steps, `(n,)`."""
    return bound_at(REGIMES[u], T, {"u": u, "c": u, "x0": 1, "s2": SIGMA**2, "mu": 1})


def exact_law(u: float, T: Floats) -> Floats:
    """Return E x_{T+1}^2, `(n,)`: the recursion, summed up to each T; for u = 1 its claim."""
    if u == 1:
        return proved(u, T)
    e = np.empty(int(T[-1]) + 1)
    e[0] = 1.0
    for k in range(1, len(e)):
        e[k] = (1 - u / k) ** 2 * e[k - 1] + (u * SIGMA / k) ** 2
    return np.asarray(e[T.astype(int)])
