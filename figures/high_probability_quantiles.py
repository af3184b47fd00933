"""Quantiles of the error against the probability of failure: a power of 1/delta for SGD, a logarithm when clipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, Floats, Mark, Panel, Points, Triangle, bound_at, caption
from figures.kit.laws import LawRun, law
from lab.experiment import Experiment
from lab.optimizer import Optimizer
from lab.optimizers.gclip import GClip
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from lab.statistics import (
    Sample,
    clopper_pearson,
    exceedances,
    log_weights,
    quantile,
    quantile_limits,
    slope_from_limits,
)
from problems.heavy_tails import RareJump
from problems.quadratic import HeavyTailedQuadratic

CLAIMS = ("sadiev2023.sgd_lb",)
CAPTION = (
    r"Above: the $(1 - \delta)$-quantile of $x^2$ after 500 steps of 0.05 on $x^2/2$ from $x_0 = 1$ with two-sided "
    r"Pareto noise of tail index 2.5: the variance is finite. N = {N} seeds; bands: intervals by order statistics, "
    r"99.9% at each $\delta$. Grey: $(C/\delta)^{2/2.5}$, the exact tail of SGD’s $x^2$ as $\delta \to 0$; the "
    r"triangle is fitted over the smaller half of the $\delta$ (limits from all intervals there at once). A step of "
    r"SGD clipped at 2 adds 0.1 at most. Below: noise made against SGD, in the last of $K$ steps alone, $\pm A$ with "
    r"probability $1/(2A^2)$ each, $A = 2\varepsilon^{1/2}/\gamma$, $\varepsilon = 0.01$, and the step $\gamma$ that "
    r"is within $\varepsilon^{1/2}/2$ of the optimum after $K$ steps without noise. Dashed: the least "
    r"$\mathrm{P}(x_K^2 \geq \varepsilon)$ that any fixed step leaves (after Sadiev et al., ICML 2023; construction "
    r"and constants are the lab’s); markers: the share of seeds, where 10 or more fail, with its 99.9% Clopper-Pearson "
    r"interval, cut at the floor."
)

SEEDS, STEPS, STEP, TAIL = 131_072, 500, 0.05, 2.5
METHODS: Mapping[str, Optimizer[Any]] = {
    "SGD": SGD(lr=Constant(STEP)),
    "clipped SGD": GClip(lr=Constant(STEP), max_norm=2.0),
}
KS = (20, 40, 80, 160, 320)
EPS, SIGMA, MU, X0 = 0.01, 1.0, 1.0, 1.0
LEVEL = 1e-3


def step_of(k: int) -> float:
    """Return the step that brings x_0 within sqrt(eps) / 2 of 0 in k steps without noise."""
    return float(1 - (0.5 * EPS**0.5 / X0) ** (1 / k)) / MU


def runs() -> Mapping[str, LawRun]:
    """Return both methods under Pareto noise, and SGD on its own noise for each number of steps."""
    made = {}
    for label, method in METHODS.items():
        experiment = Experiment(
            problem=HeavyTailedQuadratic(spectrum=(1.0,), tail=TAIL),
            optimizers=(method,),
            steps=STEPS,
            record=(0, 100, STEPS),
            metrics=("distance_sq",),
        )
        made[label] = LawRun(experiment, SEEDS)
    for k in KS:
        lr = step_of(k)
        experiment = Experiment(
            problem=RareJump(mu=MU, sigma=SIGMA, eps=EPS, sgd_lr=lr, x1=X0, last=k),
            optimizers=(SGD(lr=Constant(lr)),),
            steps=k,
            record=(0, min(k, 80), k) if k > 80 else (0, k),
            metrics=("distance_sq",),
        )
        made[f"K = {k}"] = LawRun(experiment, SEEDS)
    return made


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the quantiles over the probabilities of failure."""
    title = "With probability 1 − δ: SGD pays a power of 1/δ, clipped SGD a logarithm"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((_quantiles(results),), (_failures(results),)))


def _quantiles(results: Mapping[str, xr.Dataset]) -> Panel:
    marks: list[Mark] = []
    for label, method in METHODS.items():
        sample = law(results[label])
        x, y, lo, hi = quantiles(sample)
        name = method.name
        marks.append(Band(label=f"{label}, interval", kind="run", name=name, x=x, lo=lo, hi=hi))
        marks.append(Curve(label=label, kind="run", name=name, x=x, y=y, end=label))
    x, y, lo, hi = quantiles(law(results["SGD"]))
    half = len(x) // 2
    fit = slope_from_limits(x[half:], limits_of(law(results["SGD"]), 1 / x[half:]))
    slope = float(log_weights(x[half:]) @ np.log(y[half:]))
    exact = Curve(label="tail of SGD", kind="exact", name="", x=x[half:], y=tail_of_sgd(1 / x[half:]), end="exact tail")
    triangle = Triangle(
        label="slope of SGD",
        slope=slope,
        limits=(fit.low, fit.high),
        over=(float(x[half]), float(x[half]) * 5),
        y=float(y[half]) * 2.5,
        name="sgd",
        side="above",
        claimed="2/2.5",
    )
    return Panel(
        title="Quantiles",
        x=Axis(r"$1/\delta$", (2, 8000), log=True, ticks=(10, 100, 1000)),
        y=Axis("$x^2$", (0.008, 60), log=True, ticks=(0.01, 0.1, 1, 10)),
        marks=(exact, *marks, triangle),
        height=2.1,
        headed=False,
    )


def quantiles(sample: Sample) -> tuple[Floats, Floats, Floats, Floats]:
    """Return 1/delta, the (1 - delta)-quantiles and their limits, for as small a delta as 20 seeds reach."""
    delta = np.geomspace(0.5, 20 / sample.n, 32)
    limits = limits_of(sample, delta)
    return 1 / delta, quantile(sample, 1 - delta), limits.low, limits.high


def limits_of(sample: Sample, delta: Floats) -> Any:
    """Return the limits of the (1 - delta)-quantiles."""
    return quantile_limits(sample, 1 - delta, LEVEL)


def tail_of_sgd(delta: Floats) -> Floats:
    """Return the (1 - delta)-quantile of x^2 as delta tends to 0: P(|x| > y) ~ C y^-a, C the sum of the steps' shares.

    The noise of j steps ago is in x with the factor lr (1 - lr)^j, and one large one decides (G. Samorodnitsky, M.
    Taqqu, Stable non-Gaussian random processes, 1994, for sums of laws with regularly varying tails).
    """
    c = STEP**TAIL * (1 - (1 - STEP) ** (TAIL * STEPS)) / (1 - (1 - STEP) ** TAIL)
    return np.asarray((c / delta) ** (2 / TAIL))


def share_left(k: Floats) -> Floats:
    """Return the beta of which the claim says that it takes k steps, `(n,)`."""
    beta = np.geomspace(0.49, 1e-5, 400)
    steps = bound_at(CLAIMS[0], beta, {"sigma": SIGMA, "mu": MU, "epsilon": EPS, "beta": beta, "x_0": X0})
    return np.asarray(np.exp(np.interp(np.log(k), np.log(steps), np.log(beta))))


def _failures(results: Mapping[str, xr.Dataset]) -> Panel:
    seen = []
    for k in KS:
        sample = law(results[f"K = {k}"])
        failed, n = exceedances(sample, EPS)[0], sample.n
        limits = clopper_pearson(failed, n, LEVEL)
        if failed >= 10:
            seen.append((k, failed / n, limits.low, limits.high))
    at, share, lo, hi = np.array(seen, dtype=np.float64).T
    fine = np.geomspace(14, 480, 60)
    floor = Curve(label="lower bound", kind="lower", name="sgd", x=fine, y=share_left(fine), end="floor")
    lo = np.maximum(lo, share_left(at))  # it is proved that the probability is above
    points = Points(label="share of seeds", kind="run", name="sgd", x=at, y=share, lo=lo, hi=hi)
    return Panel(
        title="Failures of SGD",
        x=Axis("number of steps, $K$", (13, 500), log=True, ticks=(20, 50, 100, 200)),
        y=Axis("P(failure)", (4e-4, 0.6), log=True, ticks=(0.001, 0.01, 0.1)),
        marks=(floor, points),
        height=1.35,
        headed=False,
    )
