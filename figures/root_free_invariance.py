"""One problem in two systems of units: which change a root-free method does not notice, and which RMSProp does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Panel, Series, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.rmsprop import RMSprop
from lab.optimizers.root_free import RFRMSprop
from lab.problem import Problem
from lab.schedules import Constant
from problems.reparametrised import ReparametrisedQuadratic

CLAIMS = ("lin2024.rf_diagonal_invariance", "lin2024.rf_loss_scaling")
CAPTION = (
    r"Loss, divided by its scale $c$, of $(c/2)(w_1^2 + 4 w_2^2)$, $c = 10^4$, gradient noise of deviation $0.1\,c$ "
    r"in each $w_i$; median over N = {N} seeds, without interval: each pair has the same draws. Pale: the problem "
    r"as it is. Lines: above, with the coordinates $y_i = w_i/a_i$, $a = (1, 8)$, in place of $w$; below, with the "
    r"loss 100 times as large; the step is kept, but for the line “step × 100”. RMSProp (step 0.02) and root-free "
    r"RMSProp ($500$), both with $\alpha = 0.9$, $\epsilon = 0$, no momentum; the start $s_0 = 1$ of the root-free "
    r"$s$, which the invariance would scale as well, is below $10^{-6}$ of the first gradients squared. Method and "
    r"invariance: Lin et al., ICML 2024; identities checked by the lab."
)

STEPS, SEEDS, SCALE = 200, 2_000, 1e4
PLAIN = ReparametrisedQuadratic(spectrum=(1.0, 4.0), stretch=(1.0, 1.0), c=SCALE, sigma=0.1)
STRETCHED, SCALED = replace(PLAIN, stretch=(1.0, 8.0)), replace(PLAIN, c=100 * SCALE)
ROOT = RMSprop(lr=Constant(0.02), alpha=0.9, eps=0.0)
FREE = RFRMSprop(lr=Constant(0.05 * SCALE), alpha=0.9, eps=0.0)
FREE_SCALED = replace(FREE, lr=Constant(5 * SCALE))
METHODS: Mapping[str, Optimizer[Any]] = {"RMSProp": ROOT, "root-free": FREE}
TIME = Axis("step $T$", (1, 1.1 * STEPS), log=True, ticks=(1, 10, 100))
LOSS = Axis("$f/c$", (1e-4, 8), log=True)


def runs() -> Mapping[str, FigureRun]:
    """Return both methods on the problem and on its two changes, and the root-free one with its step scaled too."""
    made = {}
    for label, method in METHODS.items():
        for change, problem in (("plain", PLAIN), ("stretched", STRETCHED), ("scaled", SCALED)):
            made[f"{label}, {change}"] = _run(problem, method)
    return made | {"root-free, step × 100": _run(SCALED, FREE_SCALED)}


def _run(problem: Problem, method: Optimizer[Any]) -> FigureRun:
    shared: dict[str, Any] = dict(steps=STEPS, record=record_steps("log", STEPS), metrics=("value",))
    return FigureRun(Experiment(problem=problem, optimizers=(method,), **shared), SEEDS)


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a panel for each method and change of units, on common axes."""
    rows = tuple(tuple(_panel(label, change, results) for label in METHODS) for change in ("stretched", "scaled"))
    title = "Root-free steps do not see the coordinates, but the loss’s scale"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=rows)


def _panel(label: str, change: str, results: Mapping[str, xr.Dataset]) -> Panel:
    plain = Series(results[f"{label}, plain"], "value")
    scale = SCALED.c if change == "scaled" else PLAIN.c
    marks = [
        Curve(label="as it is", kind="exact", name="", x=plain.steps, y=plain.stat("median") / PLAIN.c),
        _curve(results[f"{label}, {change}"], change, METHODS[label].name, scale),
    ]
    if change == "scaled" and label == "root-free":
        marks.append(_curve(results["root-free, step × 100"], "step × 100", "orange", scale))
    says = "other coordinates" if change == "stretched" else "loss × 100"
    return Panel(title=f"{label}, {says}", x=TIME, y=LOSS, marks=tuple(marks), height=1.5)


def _curve(data: xr.Dataset, label: str, name: str, scale: float) -> Curve:
    s = Series(data, "value")
    return Curve(label=label, kind="run", name=name, x=s.steps, y=s.stat("median") / scale)
