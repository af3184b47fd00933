"""Chen et al.'s Figure 1: gradient descent's squared steps keep up with its step sizes, those of AMSGrad do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from figures.kit.drawing import Axis, Drawing, FigureRun, caption
from figures.kit.effective_steps import MEASURES, six_panels
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adafom import AdaFom
from lab.optimizers.amsgrad import AMSGrad
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.adam_nonconvex import ChenHuber

CLAIMS = ("chen2019.conditions",)
CAPTION = (
    r"$f(x) = 100\,x^2$ for $|x| \leq 10$, continued linearly, from $x_1 = 5$ with the step 0.01 (after Chen et al., "
    r"ICLR 2019, Figure 1; the start is ours). A method $x_{t+1} = x_t - A_t m_t$ converges if the sum (b) of its "
    r"squared steps and the oscillation (c) of its effective step size $A_t$ both grow more slowly than (a), the sum "
    r"of $A_t$. Gradient descent steps by $2/L$ and jumps between 5 and $-5$: (b)/(a) stays at $10^4$, and its (c) is "
    r"0. AMSGrad: $\beta = (0, 0.99)$, no bias correction; AdaFom: $\beta_1 = 0$. N = {N} run each, without interval "
    r"because nothing is random."
)

METHODS: Mapping[str, Optimizer[Any]] = {
    "GD": SGD(lr=Constant(0.01)),
    "AMSGrad": AMSGrad(lr=Constant(0.01), betas=(0.0, 0.99)),
    "AdaFom": AdaFom(lr=Constant(0.01), beta1=0.0),
}
STEPS = 10_000


LIMITS = ((1e-5, 30), (1e-5, 1e3), (1e-4, 1e7), (1e-8, 1e-3), (0.1, 1e5), (1e-5, 1))


def runs() -> Mapping[str, FigureRun]:
    """Return one run a method."""
    shared: dict[str, Any] = dict(problem=ChenHuber(), steps=STEPS, record=record_steps("log", STEPS))
    metrics = tuple(m.metric for m in MEASURES)
    return {k: FigureRun(Experiment(optimizers=(o,), metrics=metrics, **shared)) for k, o in METHODS.items()}


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the distance, the three sums and the two ratios."""
    title = "Gradient descent with the step 2/L: its squared steps never fade"
    panels = six_panels(results, METHODS, LIMITS, Axis("step $t$", (1, 1.1 * STEPS), log=True))
    return Drawing(title=title, caption=caption(CAPTION, results), rows=panels)
