"""RMSprop and Adam on the n-function: which beta2 suffices depends on the order in which the components come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Note, Panel, Series, caption
from lab.experiment import Experiment, record_steps
from lab.optimizers.adam import Adam
from lab.sampling import Order, RandomReshuffling, WithReplacement
from lab.schedules import InvSqrt
from problems.adam_nonconvex import NFunction

CLAIMS = ("zhang2022.nfunction",)
CAPTION = (
    r"The iterate on the n-function of Zhang et al., NeurIPS 2022: $n = 20$ smooth components, one of slope 20 and 19 "
    r"of slope $-1$ to the right of $-1$, all stationary at the minimizer $x^{\ast} = -2$; $x_1 = 1$, steps "
    r"$2\,t^{-1/2}$ with bias correction. The upper row shows every component once an epoch, in a new random order; "
    r"the lower row draws them independently. RMSprop is Adam with $\beta_1 = 0$. Lines: median over N = {N} seeds; "
    r"bands: 5% to 95% quantiles of the seeds, no confidence interval. Where $\beta_2$ is too small both leave for "
    r"infinity, with independent draws also past the minimizer to the left; and independent draws ask for a larger "
    r"$\beta_2$ than reshuffling does."
)

ORDERS: Mapping[str, Order] = {"reshuffled": RandomReshuffling(), "independent": WithReplacement()}
BETA1: Mapping[str, float] = {"RMSprop": 0.0, "Adam": 0.9}
BETA2 = (0.9, 0.99, 0.999)
STEPS, SEEDS = 100_000, 512


def runs() -> Mapping[str, FigureRun]:
    """Return an experiment for each order and beta1, with a configuration for each beta2."""
    shared: dict[str, Any] = dict(steps=STEPS, record=record_steps("log", STEPS), metrics=("iterate",))
    found = {}
    for order, law in ORDERS.items():
        for method, beta1 in BETA1.items():
            adams = tuple(Adam(lr=InvSqrt(2.0), betas=(beta1, beta2), eps=0.0) for beta2 in BETA2)
            experiment = Experiment(problem=NFunction(n=20, order=law), optimizers=adams, **shared)
            found[f"{method}, {order}"] = FigureRun(experiment, SEEDS)
    return found


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a row for each order, a column for each beta2, on common axes."""
    title = "Adam needs a larger $\\beta_2$ when components are drawn with replacement"
    rows = tuple(tuple(_panel(order, i, results) for i in range(len(BETA2))) for order in ORDERS)
    return Drawing(title=title, caption=caption(CAPTION, results), rows=rows)


def _panel(order: str, config: int, results: Mapping[str, xr.Dataset]) -> Panel:
    marks: list[Band | Curve] = []
    for method in BETA1:
        s, name = Series(results[f"{method}, {order}"], "iterate", config), method.lower()
        lo, hi = s.quantile(0.05), s.quantile(0.95)
        marks += [
            Band(label=f"5% to 95% of {method}", kind="run", name=name, x=s.steps, lo=lo, hi=hi),
            Curve(label=method, kind="run", name=name, x=s.steps, y=s.stat("median")),
        ]
    goal = np.full(len(s.steps), -2.0)
    first = order == "reshuffled" and config == 0
    return Panel(
        title=rf"{order}, $\beta_2 = {BETA2[config]:g}$",
        x=Axis("step $t$", (1, 1.2 * STEPS), log=True, ticks=(1, 100, 10_000)),
        y=Axis("$x_t$", (-6, 32), ticks=(-2, 10, 20, 30)),
        marks=(Curve(label="minimizer", kind="exact", name="", x=s.steps, y=goal), *marks),
        notes=(Note("RMSprop", 3, 25, "rmsprop"), Note("Adam", 3, 20, "adam")) if first else (),
        height=1.3,
    )
