"""Where six methods go when one large gradient in 93 outweighs all the others: x over 100,000 seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Note, Panel, Series, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.adam import Adam
from lab.optimizers.adamw import AdamW
from lab.optimizers.amsgrad import AMSGrad
from lab.optimizers.momentum import Momentum
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, InvSqrt
from problems.reddi import ReddiStochastic

DEMO = True  # `ratelab demo` shows it
CLAIMS = ("reddi2018.thm3",)
CAPTION = (
    r"The iterate $x_t$ on linear losses whose slope is $C = 101$ with probability $(1 + \delta)/(C + 1)$ and $-1$ "
    r"otherwise, $\delta = 0.1$, on $[-1, 1]$ from $x_1 = 0$ (the problem of Reddi et al., ICLR 2018, Theorem 3). The "
    r"mean slope is $\delta$, so the optimum is $x^{\ast} = -1$, the edge of the box. Lines: median over N = {N} "
    r"seeds; bands: 5% to 95% quantiles of the seeds, no confidence interval. Steps: $0.5\,t^{-1/2}$; AdaGrad: 0.5; "
    r"momentum 0.9: $0.05\,t^{-1/2}$. Adam, AdamW and AMSGrad: $\beta = (0.9, 0.99)$. The draws are common to the six. "
    r"The theorem itself asks for a far larger $C$, and speaks of the walk without the box."
)

STEPS, SEEDS = 10_000, 100_000
STEP, BETAS = InvSqrt(0.5), (0.9, 0.99)
METHODS: Mapping[str, Optimizer[Any]] = {
    "Adam": Adam(lr=STEP, betas=BETAS, eps=0.0, debias=False),
    "AdamW": AdamW(lr=STEP, betas=BETAS),
    "AMSGrad": AMSGrad(lr=STEP, betas=BETAS),
    "AdaGrad": AdaGrad(lr=Constant(0.5), eps=0.0),
    "SGD": SGD(lr=STEP),
    "Momentum": Momentum(lr=InvSqrt(0.05), momentum=0.9),
}
KEY = (  # written into the first panel, for all six
    Note(r"$x^{\ast} = -1$", 1.2, -0.82),
    Note("median", 420, 0.5, "adam", "center"),
    Note("5% to 95%", 330, -0.12, "adam", "center"),
)


def runs() -> Mapping[str, FigureRun]:
    """Return one experiment a method, so that each is shared with whoever runs the same."""
    shared: dict[str, Any] = dict(problem=ReddiStochastic(C=101.0, delta=0.1), steps=STEPS, metrics=("iterate",))
    shared["record"] = record_steps("log", STEPS)
    return {label: FigureRun(Experiment(optimizers=(m,), **shared), SEEDS) for label, m in METHODS.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return six panels on common axes."""
    panels = [_panel(label, results[label]) for label in METHODS]
    title = "Adam and AdamW turn away from the optimum; the others move towards it"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(tuple(panels[:3]), tuple(panels[3:])))


def _panel(label: str, data: xr.Dataset) -> Panel:
    s, name = Series(data, "iterate"), METHODS[label].name
    lo, hi, edge = s.quantile(0.05), s.quantile(0.95), np.full(len(s.steps), -1.0)
    return Panel(
        title=label,
        x=Axis("step $t$", (1, 1.1 * STEPS), log=True, ticks=(1, 10, 100, 1000)),
        y=Axis("$x_t$", (-1.16, 1.12), ticks=(-1, -0.5, 0, 0.5, 1)),
        marks=(
            Band(label="5% to 95% of seeds", kind="run", name=name, x=s.steps, lo=lo, hi=hi),
            Curve(label="median", kind="run", name=name, x=s.steps, y=s.stat("median")),
            Curve(label="optimum, at the edge of the box", kind="lower", name="", x=s.steps, y=edge),
        ),
        notes=KEY if label == "Adam" else (),
        height=1.35,
    )
