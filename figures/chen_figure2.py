"""Chen et al.'s Figure 2: the oscillation of Adam's step size keeps up with its sum, and Adam moves away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from figures.kit.drawing import Axis, Drawing, FigureRun, caption
from figures.kit.effective_steps import MEASURES, six_panels
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adafom import AdaFom
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.schedules import Constant
from problems.adam_nonconvex import ChenOscillation

CLAIMS = ("chen2019.conditions",)
CAPTION = (
    r"$f = (f_1 + \dots + f_{11})/11$ with $f_1 = 11 h$ and $f_i = -h$ for the ten others, $h(x) = x^2/2$ for $|x| "
    r"\leq 1$ and $|x| - 1/2$ beyond, one $f_i$ drawn at each step (Chen et al., ICLR 2019, Figure 2). From $x_1 = 2$ "
    r"with the step 0.01 and $\beta = (0, 0.9)$, AdaFom with $\beta_1 = 0$; no bias correction. The measures are "
    r"those of Figure 1 there: a method converges if (b) and (c) grow more slowly than (a). Adam’s two ratios level "
    r"off, and it leaves the minimizer at the speed of its steps. Lines: median over N = {N} seeds; bands: 5% to 95% "
    r"quantiles of the seeds, no confidence interval."
)

METHODS: Mapping[str, Optimizer[Any]] = {
    "Adam": Adam(lr=Constant(0.01), betas=(0.0, 0.9), eps=0.0, debias=False),
    "AMSGrad": AMSGrad(lr=Constant(0.01), betas=(0.0, 0.9)),
    "AdaFom": AdaFom(lr=Constant(0.01), beta1=0.0),
}
STEPS, SEEDS = 100_000, 1_024
LIMITS = ((1e-4, 1e3), (0.01, 1e3), (1e-4, 30), (1e-3, 100), (1e-3, 0.3), (1e-5, 1))


def runs() -> Mapping[str, FigureRun]:
    """Return one experiment a method."""
    shared: dict[str, Any] = dict(problem=ChenOscillation(), steps=STEPS, record=record_steps("log", STEPS))
    metrics = tuple(m.metric for m in MEASURES)
    return {k: FigureRun(Experiment(optimizers=(o,), metrics=metrics, **shared), SEEDS) for k, o in METHODS.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the distance, the three sums and the two ratios."""
    title = "Adam’s step size oscillates with the gradient, and Adam diverges"
    panels = six_panels(results, METHODS, LIMITS, Axis("step $t$", (1, 1.1 * STEPS), log=True))
    return Drawing(title=title, caption=caption(CAPTION, results), rows=panels)
