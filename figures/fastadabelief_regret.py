"""Regret on strongly convex losses: FastAdaBelief and SAdam grow like log T, AdaGrad and AMSGrad like sqrt(T)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Panel, Series, Triangle, bound_at, caption
from lab.domain import Box
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.amsgrad import AMSGrad
from lab.optimizers.sadam import FastAdaBelief, SAdam
from lab.schedules import Constant, InvSqrt
from lab.statistics import Limits, slope_from_limits
from lab.wrappers.domains import Restrict
from problems.coins import CoinStronglyConvex

CLAIMS = ("wang2020.sadam_log", "duchi2011.cor6", "zhou2021.no_momentum_linear_regret")
CAPTION = (
    r"Regret against the minimizer on the losses $x^2/2 - c_t x$, $c_t = 1$ with probability 3/4 and $-1$ otherwise, "
    r"on $[-1, 1]$ from $x_1 = 0$: $\mu = 1$, $G = D = 2$. Lines: mean over N = {N} seeds with its 99.9% interval "
    r"(normal approximation, each $T$ by itself; the losses are bounded). Dashed: SAdam’s ceiling with $\alpha = "
    r"G^2/\mu$ and $\delta = 0.01$ (constants derived here, after Wang et al., ICLR 2020) and AdaGrad’s, $2^{1/2} "
    r"D\,\mathrm{E}\,\Vert g_{1:T}\Vert$ (Duchi et al., JMLR 2011, Corollary 6). FastAdaBelief (Zhou et al., 2021, "
    r"whose constants we have not seen): the same $\alpha$ and $\delta$, $\beta_1 = 0.9$; below also with $\beta_1 = "
    r"0$, where its belief is 0, its step never falls, and its regret is linear (as in claim "
    r"zhou2021.no_momentum_linear_regret, where the targets alternate). AMSGrad: $t^{-1/2}$, $\beta = (0.9, 0.999)$. "
    r"Triangles: slope between the ends of the last half of $\log T$, from the two intervals."
)

PROBLEM = Restrict(inner=CoinStronglyConvex(G=1.0, mu=1.0, delta=0.5), within=Box(-1.0, 1.0))
D, MU, G = 2.0, 1.0, 2.0  # |x - c| <= 2 on the box
DELTA, GAMMA = 0.01, 0.9
METHODS: Mapping[str, Optimizer[Any]] = {
    "AMSGrad": AMSGrad(lr=InvSqrt(1.0)),
    "AdaGrad": AdaGrad(lr=Constant(D / 2**0.5), eps=0.0),
    "SAdam": SAdam(lr=Constant(G**2 / MU), beta1=0.0, gamma=GAMMA, xi1=0.0, xi2=DELTA),
    "FastAdaBelief": FastAdaBelief(lr=Constant(G**2 / MU), beta1=0.9, gamma=GAMMA, delta=DELTA),
}
STILL = r"$\beta_1 = 0$"
BELIEFS: Mapping[str, Optimizer[Any]] = {
    STILL: FastAdaBelief(lr=Constant(G**2 / MU), beta1=0.0, gamma=GAMMA, delta=DELTA)
}
STEPS, SEEDS = 100_000, 1_024


def runs() -> Mapping[str, FigureRun]:
    """Return one experiment a method."""
    shared: dict[str, Any] = dict(problem=PROBLEM, steps=STEPS, record=record_steps("log", STEPS))
    metrics = ("regret", "grad_path_norm")
    both = {**METHODS, **BELIEFS}
    return {k: FigureRun(Experiment(optimizers=(m,), metrics=metrics, **shared), SEEDS) for k, m in both.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the four methods with two ceilings, over FastAdaBelief without momentum."""
    time = Axis("number of rounds, $T$", (1, 1.1 * STEPS), log=True)
    regrets = {label: Series(results[label], "regret") for label in results}
    marks = [m for label, method in METHODS.items() for m in _mean(label, method.name, regrets[label])]
    above = Panel(
        title="Regret",
        x=time,
        y=Axis("regret, $R_T$", (0.1, 3000), log=True),
        marks=(*_ceilings(results), *marks, _triangle(regrets["AdaGrad"], "adagrad", 3.0, 60.0)),
        height=2.7,
        headed=False,
    )
    still = _mean(STILL, BELIEFS[STILL].name, regrets[STILL])
    below = Panel(
        title="FastAdaBelief without momentum",
        x=time,
        y=Axis("$R_T$", (0.1, 1e5), log=True),
        marks=(*still, _triangle(regrets[STILL], BELIEFS[STILL].name, 1e3, 150.0)),
        height=1.15,
    )
    title = "Strongly convex losses: FastAdaBelief’s regret is logarithmic, given momentum"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((above,), (below,)))


def _ceilings(results: Mapping[str, xr.Dataset]) -> tuple[Curve, Curve]:
    path = Series(results["AdaGrad"], "grad_path_norm")
    values = {"D": D, "d": 1.0, "delta": DELTA, "mu": MU, "G": G, "gamma": GAMMA, "S_g": path.stat("mean")}
    sadam, adagrad = (bound_at(claim, path.steps, values) for claim in CLAIMS[:2])
    return (
        Curve(label="ceiling of SAdam", kind="upper", name="sadam", x=path.steps, y=sadam, end="SAdam’s ceiling"),
        Curve(
            label="ceiling of AdaGrad", kind="upper", name="adagrad", x=path.steps, y=adagrad, end="AdaGrad’s ceiling"
        ),
    )


def _mean(label: str, name: str, s: Series) -> tuple[Band, Curve]:
    """Return a method's mean and its interval where that is positive."""
    lo, y, hi = (s.stat(k) for k in ("mean_lo", "mean", "mean_hi"))
    kept = lo > 0
    x = s.steps[kept]
    return (
        Band(label=f"99.9% interval of {label}", kind="run", name=name, x=x, lo=lo[kept], hi=hi[kept]),
        Curve(label=label, kind="run", name=name, x=x, y=y[kept], end=label),
    )


def _triangle(s: Series, name: str, x: float, y: float) -> Triangle:
    """Return the slope between the last step and its root, as certain as both intervals together, drawn at (x, y)."""
    ends = [int(np.abs(s.steps - t).argmin()) for t in (s.steps[-1] ** 0.5, s.steps[-1])]
    t, mean, lo, hi = (v[ends] for v in (s.steps, s.stat("mean"), s.stat("mean_lo"), s.stat("mean_hi")))
    found = slope_from_limits(t, Limits(lo, hi, "normal", 0.998))
    slope, limits = float(np.log(mean[1] / mean[0]) / np.log(t[1] / t[0])), (found.low, found.high)
    return Triangle(label=f"slope of {name}", slope=slope, limits=limits, over=(x, 10 * x), y=y, name=name)
