"""Adam with a fixed step marches to infinity on a smooth function that is bounded below, whatever its betas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Band, Curve, Drawing, FigureRun, Floats, Panel, Series, bound_at, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adagrad import AdaGrad
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, InvSqrt
from problems.toint import TointStaircase

CLAIMS = ("toint2023.toint_adam",)
CAPTION = (
    r"Steps through a function with $|f'| \leq 1.82$ and a Lipschitz gradient, $L = 8.7$, whose slope is $-1$ at 0, "
    r"1, 2, … and whose value rises by 1/2 from one of these to the next (an instance after Toint, Divergence of the "
    r"ADAM algorithm (2023), arXiv 2308.00720). Adam with the step 1 and bias correction sees the slope $-1$ at every "
    r"step and moves by 1 for ever: grey, the law $x_{T+1} = \alpha T$ of claim toint2023.toint_adam. Its line is the "
    r"range over $\beta = (0, 0.1)$, (0, 0.999), (0.5, 0.1), (0.9, 0.5) and (0.9, 0.999), which is one line. GD with "
    r"the step $1/L$, AdaGrad with the step 1 and AMSGrad with $t^{-1/2}$ find a stationary point. N = {N} run each, "
    r"without interval because nothing is random."
)

ALPHA, STEPS = 1.0, 10_000
PROBLEM = TointStaircase(step=ALPHA)
BETAS = ((0.0, 0.1), (0.0, 0.999), (0.5, 0.1), (0.9, 0.5), (0.9, 0.999))
OTHERS: Mapping[str, Optimizer[Any]] = {
    "AMSGrad": AMSGrad(lr=InvSqrt(ALPHA)),
    "AdaGrad": AdaGrad(lr=Constant(ALPHA), eps=0.0),
    "GD": SGD(lr=Constant(1 / PROBLEM.constants["L"].value)),
}
LOWEST = 0.1  # of x
LEAST = 1e-8  # of |f'|, below which rounding decides


def runs() -> Mapping[str, FigureRun]:
    """Return Adam with every pair of betas, and one run for each other method."""
    shared: dict[str, Any] = dict(problem=PROBLEM, steps=STEPS, record=record_steps("log", STEPS))
    adams = tuple(Adam(lr=Constant(ALPHA), betas=betas, eps=0.0) for betas in BETAS)
    methods: dict[str, tuple[Optimizer[Any], ...]] = {"Adam": adams, **{k: (m,) for k, m in OTHERS.items()}}
    metrics = ("iterate", "grad_norm_sq")
    return {k: FigureRun(Experiment(optimizers=o, metrics=metrics, **shared)) for k, o in methods.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the iterates over the slopes, on logarithmic axes."""
    time = Axis("step, $T$", (1, 1.1 * STEPS), log=True)
    steps = Series(results["Adam"], "iterate").steps
    law = Curve(label="law", kind="exact", name="", x=steps, y=bound_at(CLAIMS[0], steps, {"alpha": ALPHA}))
    place = Axis("$x_{T+1}$", (LOWEST, 2e4), log=True)
    steep = Axis("$|f'(x_{T+1})|$", (LEAST, 30), log=True)
    above = Panel(title="Iterate", x=time, y=place, marks=(law, *_all(results, "iterate")), height=1.9, headed=False)
    below = Panel(title="Slope", x=time, y=steep, marks=_all(results, "grad_norm_sq"), height=1.7, headed=False)
    title = "Whatever its betas, Adam with a fixed step climbs for ever"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((above,), (below,)))


def _all(results: Mapping[str, xr.Dataset], metric: str) -> tuple[Band | Curve, ...]:
    steps = Series(results["Adam"], metric).steps
    adams = np.stack([shown(results["Adam"], metric, i) for i in range(len(BETAS))])
    marks: list[Band | Curve] = [
        Band(label="range over betas", kind="run", name="adam", x=steps, lo=adams.min(0), hi=adams.max(0)),
        Curve(label="Adam", kind="run", name="adam", x=steps, y=np.median(adams, axis=0), end="Adam"),
    ]
    for label, method in OTHERS.items():
        y = shown(results[label], metric)
        kept = y > (LEAST if metric == "grad_norm_sq" else LOWEST)
        marks.append(
            Curve(
                label=label,
                kind="run",
                name=method.name,
                x=steps[kept],
                y=y[kept],
                end=label if metric == "iterate" else "",
            )
        )
    return tuple(marks)


def shown(data: xr.Dataset, metric: str, config: int = 0) -> Floats:
    """Return the iterate, or the slope's size."""
    y = Series(data, metric, config).stat("mean")
    return np.sqrt(y) if metric == "grad_norm_sq" else y
