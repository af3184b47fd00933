"""Adam on Reddi's C-cycle: each pair of betas has a period C that keeps the average regret above 1/C."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Note, Panel, Series, average_bound, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.schedules import InvSqrt
from problems.reddi import ReddiPeriod

CLAIMS = ("reddi2018.thm2",)
CAPTION = (
    r"Average regret times the period, $C R_T/T$, after whole periods of the losses $C x$ (once in $C$ rounds) and "
    r"$-x$, on $[-1, 1]$ from $x_1 = 1$, the first $C$ losses being 0 (Reddi et al., ICLR 2018, Theorem 2). Lines "
    r"with markers: runs, N = {N} each, without interval because nothing is random. Dashed, with ticks on the "
    r"forbidden side: the theorem’s floor $R_T \geq T/C$ for $T \geq 4C$, with the period that it asks of each pair, "
    r"$\beta_2^{C/2} C^2 \leq 1$ and $(C/2)(1 - \beta_2)^{1/2}(1 - \beta_1\beta_2^{-1/2}) \geq 4$. Grey: what a "
    r"period costs at $x = 1$, $C R_T/T = 2$. Steps $\alpha\,t^{-1/2}$: Adam with $\alpha = 0.1$ and no bias "
    r"correction; AMSGrad above with $\alpha = 2$ (left) and 5 (right); below it would take of the order of $C^3$ "
    r"periods, and is not run."
)

ALPHA = 0.1


@dataclass(frozen=True)
class Case:
    """A pair of betas, the period that the theorem asks for, the periods that are run, and AMSGrad's step scale."""

    betas: tuple[float, float]
    C: int
    periods: int
    amsgrad: float | None

    @property
    def title(self) -> str:
        """Return the panel's name."""
        return rf"$\beta = ({self.betas[0]:g}, {self.betas[1]:g})$, $C = {self.C}$"

    def methods(self) -> Mapping[str, Optimizer[Any]]:
        """Return Adam, and AMSGrad where it is run."""
        adam = Adam(lr=InvSqrt(ALPHA), betas=self.betas, eps=0.0, debias=False)
        if self.amsgrad is None:
            return {"Adam": adam}
        return {"Adam": adam, "AMSGrad": AMSGrad(lr=InvSqrt(self.amsgrad), betas=self.betas)}


CASES = (
    Case((0.0, 0.5), 16, 10_000, 2.0),
    Case((0.5, 0.6), 36, 10_000, 5.0),
    Case((0.0, 0.9), 202, 10_000, None),
    Case((0.9, 0.99), 3214, 1_000, None),
)
KEY = (  # written into the first panel, for all four
    Note("AMSGrad", 30, 4.6, "amsgrad"),
    Note("Adam", 4.2, 2.7, "adam"),
    Note("Adam’s floor", 4.2, 0.74, "adam"),
)
FIRST = 4  # periods: the theorem speaks from T = 4 C on
PER_DECADE = 12


def runs() -> Mapping[str, FigureRun]:
    """Return one run a pair of betas and a method, recorded after whole periods."""
    found = {}
    for case in CASES:
        ends = sorted({round(FIRST * 10 ** (k / PER_DECADE)) for k in range(4 * PER_DECADE)} | {case.periods})
        steps = case.C * case.periods
        record = record_steps([case.C * k for k in ends if k <= case.periods], steps)
        problem = ReddiPeriod(C=case.C)
        for label, method in case.methods().items():
            shared: dict[str, Any] = dict(problem=problem, steps=steps, record=record, metrics=("avg_regret",))
            found[f"{label}, {case.title}"] = FigureRun(Experiment(optimizers=(method,), **shared))
    return found


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a panel for each pair of betas, on common axes."""
    panels = [_panel(case, results) for case in CASES]
    title = "Whatever the betas, on some period Adam’s regret is linear"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=(tuple(panels[:2]), tuple(panels[2:])))


def _panel(case: Case, results: Mapping[str, xr.Dataset]) -> Panel:
    found = {label: Series(results[f"{label}, {case.title}"], "avg_regret") for label in case.methods()}
    steps = found["Adam"].steps
    values = {"C": case.C, "beta1": case.betas[0], "beta2": case.betas[1]}
    floor = case.C * average_bound(CLAIMS[0], steps, values)
    problem = ReddiPeriod(C=case.C)
    edge = np.full(len(steps), case.C * problem.mean_slope() * problem.constants["D"].value)
    marks = [
        Curve(label="cost of a period at x = 1", kind="exact", name="", x=steps / case.C, y=edge),
        Curve(label="floor of Adam", kind="lower", name="adam", x=steps / case.C, y=floor),
    ]
    for label, s in found.items():
        y = case.C * s.stat("mean")
        name = case.methods()[label].name
        marks.append(Curve(label=label, kind="run", name=name, x=s.steps / case.C, y=y))
    return Panel(
        title=case.title,
        x=Axis("periods, $T/C$", (3.5, 12_000), log=True),
        y=Axis("$C R_T/T$", (0.4, 20), log=True, ticks=(0.5, 1, 2, 5, 10)),
        marks=tuple(marks),
        notes=KEY if case is CASES[0] else (),
        height=1.55,
    )
