"""The toy problem of ADOPT: where Adam, AMSGrad and ADOPT end, over beta2 and the size of the noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Panel, Series, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.adopt import ADOPTUnclipped
from lab.optimizers.amsgrad import AMSGrad
from lab.schedules import Bottou
from problems.online import AdoptToy

CLAIMS = ()
CAPTION = (
    r"The iterate after 100,000 steps on $f(x) = x$, $|x| \leq 1$, from $x_1 = 0$; the slope is $k^2$ with "
    r"probability $1/k$ and $-k$ otherwise, a mean of 1 and a variance of $(k - 1)(k + 1)^2$ (the toy problem of "
    r"Taniguchi et al., NeurIPS 2024). $\beta_1 = 0.9$ and $\beta_2 > \beta_1^2$; steps $0.04\,(1 + 0.01\,t)^{-1/2}$. "
    r"ADOPT is the one first published, without a clip; with the clip at $(t - 1)^{1/4}$ of its authors’ later code "
    r"it climbs until $t$ is about $(k - 1)^4$, 130,000 steps for $k = 20$. The optimum is $-1$. Lines: median over N "
    r"= {N} seeds; bands: 5% to 95% quantiles of the seeds, no confidence interval; the draws are common to all."
)

LR = Bottou(0.04, decay=0.25, power=0.5)
BETA2 = (0.85, 0.9, 0.95, 0.98, 0.99, 0.997, 0.999, 0.9999, 0.99999)
METHODS: Mapping[str, Callable[[float], Optimizer[Any]]] = {
    "Adam": lambda beta2: Adam(lr=LR, betas=(0.9, beta2), eps=0.0),
    "AMSGrad": lambda beta2: AMSGrad(lr=LR, betas=(0.9, beta2)),
    "ADOPT": lambda beta2: ADOPTUnclipped(lr=LR, betas=(0.9, beta2)),
}
NOISE = (5.0, 10.0, 20.0)
STEPS, SEEDS = 100_000, 256


def runs() -> Mapping[str, FigureRun]:
    """Return one experiment a method and a noise, with a configuration for each beta2."""
    shared: dict[str, Any] = dict(steps=STEPS, record=record_steps((100,), STEPS), metrics=("iterate",))
    return {
        f"{label}, k = {k:g}": FigureRun(
            Experiment(problem=AdoptToy(k=k), optimizers=tuple(method(b) for b in BETA2), **shared), SEEDS
        )
        for k in NOISE
        for label, method in METHODS.items()
    }


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a panel for each k, on common axes."""
    panels = tuple(_panel(k, results) for k in NOISE)
    title = "The larger the noise, the nearer to 1 Adam needs $\\beta_2$; ADOPT takes any"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(panels,))


def _panel(k: float, results: Mapping[str, xr.Dataset]) -> Panel:
    marks: list[Band | Curve] = []
    for label, method in METHODS.items():
        marks += _ends(label, method(BETA2[0]).name, results[f"{label}, k = {k:g}"], named=k == NOISE[-1])
    return Panel(
        title=rf"$k = {k:g}$",
        x=Axis(r"$1 - \beta_2$", (6e-6, 0.25), log=True),
        y=Axis("$x$ at the end", (-1.12, 1.08), ticks=(-1, -0.5, 0, 0.5, 1)),
        marks=tuple(marks),
        height=2.2,
    )


def _ends(label: str, name: str, data: xr.Dataset, *, named: bool) -> tuple[Band, Curve]:
    """Return where the seeds are at the last step, over 1 - beta2."""
    each = [Series(data, "iterate", i) for i in range(len(BETA2))]
    x = 1 - np.array(BETA2[::-1])
    lo, y, hi = (np.array([v[-1] for v in found[::-1]]) for found in zip(*map(_spread, each), strict=True))
    return (
        Band(label=f"5% to 95% of {label}", kind="run", name=name, x=x, lo=lo, hi=hi),
        Curve(label=label, kind="run", name=name, x=x, y=y, end=label if named else ""),
    )


def _spread(s: Series) -> tuple[Any, Any, Any]:
    return s.quantile(0.05), s.stat("median"), s.quantile(0.95)
