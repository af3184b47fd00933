"""Figure 1 of the AMSGrad paper, stochastic: iterate and average regret of Adam and AMSGrad over 512 seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Note, Panel, Series, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.schedules import InvSqrt
from problems.reddi import ReddiSyntheticStochastic

CLAIMS = ()
CAPTION = (
    r"The losses $1010\,x$ with probability 0.01 and $-10\,x$ otherwise, on $[-1, 1]$ from $x_1 = 0$ (Reddi et al., "
    r"ICLR 2018, section 5, Figure 1, of which the published lines are single runs). The mean slope is 0.2: the "
    r"optimum is $x^{\ast} = -1$, and a round at $x = 1$ costs 0.4 more (grey). $\beta = (0.9, 0.99)$, steps "
    r"$t^{-1/2}$, no bias correction; the draws are common to both methods. Lines: median over N = {N} seeds; bands: "
    r"5% to 95% quantiles of the seeds, no confidence interval. Regret is against the best fixed point in hindsight, "
    r"which for $T$ below $10^5$ is often the wrong end: the sum of slopes has mean $0.2\,T$ and deviation "
    r"$101\,T^{1/2}$."
)

ALPHA, BETAS = 1.0, (0.9, 0.99)
METHODS: Mapping[str, Optimizer[Any]] = {
    "Adam": Adam(lr=InvSqrt(ALPHA), betas=BETAS, eps=0.0, debias=False),
    "AMSGrad": AMSGrad(lr=InvSqrt(ALPHA), betas=BETAS),
}
PROBLEM = ReddiSyntheticStochastic()
STEPS, SEEDS = 3_000_000, 512
LATE = 10_000  # rounds from which the regret is drawn
KEY = (Note("median", 150, 0.1, "adam"), Note("5% to 95%", 6e4, 0.45, "adam", "center"))


def runs() -> Mapping[str, FigureRun]:
    """Return one experiment a method."""
    shared: dict[str, Any] = dict(problem=PROBLEM, steps=STEPS, record=record_steps("log", STEPS))
    metrics = ("iterate", "avg_regret")
    return {k: FigureRun(Experiment(optimizers=(m,), metrics=metrics, **shared), SEEDS) for k, m in METHODS.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a column a method: the iterate over the average regret."""
    iterates = tuple(_iterate(label, results[label]) for label in METHODS)
    regrets = tuple(_regret(label, results[label]) for label in METHODS)
    title = "With random slopes too, Adam ends at the worst point"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(iterates, regrets))


def _iterate(label: str, data: xr.Dataset) -> Panel:
    s = Series(data, "iterate")
    optimum = Curve(label="optimum", kind="lower", name="", x=s.steps, y=np.full(len(s.steps), -1.0))
    return Panel(
        title=label,
        x=Axis("step $t$", (1, 1.2 * STEPS), log=True),
        y=Axis("$x_t$", (-1.15, 1.1), ticks=(-1, -0.5, 0, 0.5, 1)),
        marks=(*_spread(label, s), optimum),
        notes=KEY if label == "Adam" else (),
        height=1.5,
    )


def _regret(label: str, data: xr.Dataset) -> Panel:
    s = Series(data, "avg_regret")
    worst = np.full(len(s.steps), PROBLEM.mean_slope() * PROBLEM.constants["D"].value)
    return Panel(
        title=f"average regret of {label}",
        x=Axis("number of rounds, $T$", (LATE, 1.2 * STEPS), log=True),
        y=Axis("$R_T/T$", (-0.25, 2.6), ticks=(0, 1, 2)),
        marks=(
            Curve(label="mean cost of a round at x = 1", kind="exact", name="", x=s.steps, y=worst),
            *_spread(label, s),
        ),
        height=1.2,
        headed=False,
    )


def _spread(label: str, s: Series) -> tuple[Band, Curve]:
    """Return the quantile band and the median of a method."""
    name, lo, hi = METHODS[label].name, s.quantile(0.05), s.quantile(0.95)
    return (
        Band(label="5% to 95% of seeds", kind="run", name=name, x=s.steps, lo=lo, hi=hi),
        Curve(label="median", kind="run", name=name, x=s.steps, y=s.stat("median")),
    )
