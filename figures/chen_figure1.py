"""Chen et al.'s Figure 1: gradient descent's squared steps keep up with its step sizes, those of AMSGrad do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from figures.drawing import Axis, Band, Curve, Drawing, FigureRun, Floats, Panel, Series, caption
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


@dataclass(frozen=True)
class Measure:
    """What a panel shows of a run: a metric or the root of one, in words and in symbols."""

    metric: str
    title: str
    symbol: str
    root: bool = False


DISTANCE = Measure("distance_sq", "Distance", r"$|x_t - x^{\ast}|$", root=True)
A = Measure("effective_step_sum", "(a) Sum of step sizes", r"sum of $A_s$")
B = Measure("effective_step_sq", "(b) Sum of squared steps", r"$\sum (A_s g_s)^2$")
C = Measure("effective_step_change", "(c) Oscillation", r"$\sum |A_s - A_{s-1}|$")
B_OVER_A = Measure("effective_step_sq_ratio", "(b) over (a)", "ratio (b)/(a)")
C_OVER_A = Measure("effective_step_change_ratio", "(c) over (a)", "ratio (c)/(a)")
MEASURES = (DISTANCE, A, B, C, B_OVER_A, C_OVER_A)  # two a row
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


def six_panels(
    results: Mapping[str, xr.Dataset],
    methods: Mapping[str, Optimizer[Any]],
    limits: tuple[tuple[float, float], ...],
    time: Axis,
) -> tuple[tuple[Panel, Panel], ...]:
    """Return three rows of two panels, one a measure, each with every method's median and band of quantiles."""
    panels = []
    for i, (measure, (low, high)) in enumerate(zip(MEASURES, limits, strict=True)):
        y = Axis(measure.symbol, (low, high), log=True)
        marks = [m for k in methods for m in spread(k, methods[k].name, results[k], measure, ends=i % 2 == 1)]
        panels.append(Panel(title=measure.title, x=time, y=y, marks=tuple(marks), height=1.15))
    return tuple((panels[i], panels[i + 1]) for i in range(0, len(panels), 2))


def spread(label: str, name: str, data: xr.Dataset, measure: Measure, *, ends: bool) -> tuple[Band | Curve, ...]:
    """Return a method's quantile band and median where they are positive: nothing where the measure is always 0."""
    s = Series(data, measure.metric)
    median, lo, hi = (_shown(y, measure) for y in (s.stat("median"), s.quantile(0.05), s.quantile(0.95)))
    kept = lo > 0
    if not kept.any():
        return ()
    x, end = s.steps[kept], label if ends else ""
    curve = Curve(label=label, kind="run", name=name, x=x, y=median[kept], end=end)
    if int(data.attrs["seeds"]) == 1:
        return (curve,)
    band = Band(label=f"5% to 95% of {label}", kind="run", name=name, x=x, lo=lo[kept], hi=hi[kept])
    return band, curve


def _shown(y: Floats, measure: Measure) -> Floats:
    return np.sqrt(y) if measure.root else y
