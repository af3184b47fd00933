"""Figure 1 of the AMSGrad paper, online: average regret and iterate of Adam and AMSGrad, one large slope in 101."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Panel, Series, average_bound, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.schedules import InvSqrt
from problems.reddi import ReddiSyntheticOnline

CLAIMS = ("alacaoglu2020.amsgrad_const_beta1",)
CAPTION = (
    r"The losses $1010\,x$ in the first of 101 rounds and $-10\,x$ in the others, on $[-1, 1]$ from $x_1 = 0$ (Reddi "
    r"et al., ICLR 2018, section 5, Figure 1), after whole periods: average regret above, iterate below. $\beta = "
    r"(0.9, 0.99)$, steps $t^{-1/2}$, no bias correction. Runs: N = {N} each, without interval because nothing is "
    r"random. Dashed: AMSGrad’s ceiling for a constant $\beta_1$, with $G$ for the root of the largest second moment "
    r"(constants derived here, after Alacaoglu et al., ICML 2020); it is a thousand times too high, but its slope is "
    r"right. Grey: what a round costs at $x = 1$, $20/101$; the worst point and the optimum."
)

ALPHA, BETAS = 1.0, (0.9, 0.99)
METHODS: Mapping[str, Optimizer[Any]] = {
    "Adam": Adam(lr=InvSqrt(ALPHA), betas=BETAS, eps=0.0, debias=False),
    "AMSGrad": AMSGrad(lr=InvSqrt(ALPHA), betas=BETAS),
}
PROBLEM = ReddiSyntheticOnline()
PERIODS, PER_DECADE = 100_000, 24
D, G = PROBLEM.constants["D"].value, PROBLEM.constants["G"].value


def runs() -> Mapping[str, FigureRun]:
    """Return one run a method, recorded after whole periods, and after the first step."""
    steps = PROBLEM.period * PERIODS
    ends = {PROBLEM.period * round(10 ** (k / PER_DECADE)) for k in range(5 * PER_DECADE)}
    shared: dict[str, Any] = dict(problem=PROBLEM, steps=steps, record=record_steps(sorted({1} | ends), steps))
    metrics = ("avg_regret", "iterate", "grad_path_norm")
    return {k: FigureRun(Experiment(optimizers=(m,), metrics=metrics, **shared)) for k, m in METHODS.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the average regret on logarithmic axes over the iterate."""
    time = Axis("number of rounds, $T$", (80, 1.2e7), log=True)
    regret = Axis("average regret, $R_T/T$", (0.01, 3e4), log=True, ticks=(0.01, 0.1, 1, 10, 100, 1000))
    place = Axis("$x_T$", (-1.1, 1.1), ticks=(-1, -0.5, 0, 0.5, 1))
    above = Panel(title="Average regret", x=time, y=regret, marks=_regrets(results), height=2.3, headed=False)
    below = Panel(title="Iterate", x=time, y=place, marks=_iterates(results), height=1.4, headed=False)
    title = "Adam goes to the worst point, AMSGrad to the best"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((above,), (below,)))


def _regrets(results: Mapping[str, xr.Dataset]) -> tuple[Curve, ...]:
    steps = Series(results["AMSGrad"], "grad_path_norm").steps
    path = Series(results["AMSGrad"], "grad_path_norm").stat("mean")
    values = {"D": D, "alpha": ALPHA, "beta1": BETAS[0], "beta2": BETAS[1], "S_v": G, "S_g": path}
    ceiling = average_bound(CLAIMS[0], steps, values)
    worst = np.full(len(steps), PROBLEM.mean_slope() * D)
    return (
        Curve(label="cost of a round at x = 1", kind="exact", name="", x=steps, y=worst),
        Curve(label="ceiling of AMSGrad", kind="upper", name="amsgrad", x=steps, y=ceiling, end="AMSGrad’s ceiling"),
        *(_run(label, results[label], "avg_regret") for label in METHODS),
    )


def _iterates(results: Mapping[str, xr.Dataset]) -> tuple[Curve, ...]:
    steps = Series(results["AMSGrad"], "iterate").steps
    edges = (("worst point", 1.0), ("optimum", -1.0))
    return (
        *(Curve(label=k, kind="exact", name="", x=steps, y=np.full(len(steps), edge)) for k, edge in edges),
        *(_run(label, results[label], "iterate") for label in METHODS),
    )


def _run(label: str, data: xr.Dataset, metric: str) -> Curve:
    s = Series(data, metric)
    return Curve(label=label, kind="run", name=METHODS[label].name, x=s.steps, y=s.stat("mean"), end=label)
