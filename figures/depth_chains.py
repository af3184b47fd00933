"""A chain of layers that share a weight: gradient descent sits on a plateau for a time exponential in the depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Note, Panel, Series, bound_at, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.normalized import NGD
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.depth import PowerChain

CLAIMS = ("sun2019.sun_power_chain",)
CAPTION = (
    r"$f(w) = (w^m - 1)^2$, a chain of $m$ layers that share one weight, from $w_0 = {w0}$ (after R. Sun, arXiv "
    r"2019; on such chains see Shamir, COLT 2019). Gradient descent has the step $h = 1/(4m^2)$, a quarter of what "
    r"is stable at the minimum; its normalised form (NGD) has steps of length {lr}. Left: the loss of gradient "
    r"descent. Right: steps until $w \geq {w1}$, counted at the recorded steps (each at most 8% after the one "
    r"before); dashed: the floor $(w_0^{2-m} - w_1^{2-m})/(2 h m (m - 2))$, derived by the lab. N = {N} each, "
    r"without interval because nothing is random."
)

FIRST, ARRIVED, STEPS, LENGTH = 0.5, 0.9, 20_000, 0.01
DEPTHS = tuple(range(3, 15))
SHOWN = {3: "gold", 6: "orange", 9: "green", 12: "blue"}


def methods(m: int) -> Mapping[str, Optimizer[Any]]:
    """Return the two methods for depth m."""
    return {"GD": SGD(lr=Constant(step(m))), "normalised GD": NGD(lr=Constant(LENGTH))}


def step(m: int) -> float:
    """Return h = 1 / (4 m^2); f'' at the minimum is 2 m^2."""
    return 1 / (4 * m**2)


def runs() -> Mapping[str, FigureRun]:
    """Return a run for each method and depth."""
    shared: dict[str, Any] = dict(steps=STEPS, record=record_steps("log", STEPS), metrics=("iterate", "suboptimality"))
    return {
        f"{label}, {m}": FigureRun(Experiment(problem=PowerChain(m=m, first=FIRST), optimizers=(method,), **shared))
        for m in DEPTHS
        for label, method in methods(m).items()
    }


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the loss over the steps, and the steps over the depth."""
    text = CAPTION
    for key, value in {"{w0}": FIRST, "{w1}": ARRIVED, "{lr}": LENGTH}.items():
        text = text.replace(key, f"{value:g}")
    title = "Gradient descent needs a time exponential in the depth to leave the plateau"
    return Drawing(title=title, caption=caption(text, results), rows=((_losses(results), _times(results)),))


def _losses(results: Mapping[str, xr.Dataset]) -> Panel:
    marks = []
    for m, colour in SHOWN.items():
        s = Series(results[f"GD, {m}"], "suboptimality")
        y = s.stat("mean")
        marks.append(Curve(label=f"GD, m = {m}", kind="run", name=colour, x=s.steps, y=y))
    when = dict(zip(*arrivals(results, "GD"), strict=True))
    notes = tuple(Note(f"${m}$", 0.45 * when[m], 0.5, colour, "right") for m, colour in SHOWN.items() if m in when)
    time = Axis("step $T$", (1, 1.2 * STEPS), log=True, ticks=(1, 100, 10_000))
    return Panel(
        title="Loss, by depth", x=time, y=Axis("$f(w_T)$", (-0.04, 1.04)), marks=tuple(marks), notes=notes, height=2.4
    )


def _times(results: Mapping[str, xr.Dataset]) -> Panel:
    m, steps = arrivals(results, "GD")
    _, quick = arrivals(results, "normalised GD")
    depth = np.array(DEPTHS, dtype=np.float64)
    marks = (
        Curve(label="floor of GD", kind="lower", name="sgd", x=depth, y=floor(depth), end="floor"),
        Curve(label="GD", kind="run", name="sgd", x=m, y=steps, end="GD"),
        Curve(label="normalised GD", kind="run", name="ngd", x=depth[: len(quick)], y=quick, end="NGD"),
    )
    x = Axis("depth $m$", (2.7, 14.3), ticks=(4, 6, 8, 10, 12, 14))
    y = Axis("steps to arrive", (2, 2e4), log=True)
    return Panel(title="Time to arrive", x=x, y=y, marks=marks, height=2.4)


def arrivals(results: Mapping[str, xr.Dataset], label: str) -> tuple[Floats, Floats]:
    """Return the depths, and the first recorded step with w >= ARRIVED, `(n,)` each, where there is one."""
    pairs = []
    for m in DEPTHS:
        s = Series(results[f"{label}, {m}"], "iterate")
        there = np.flatnonzero(s.stat("mean").ravel() >= ARRIVED)
        if len(there) > 0:
            pairs.append((float(m), float(s.steps[there[0]])))
    depth, steps = np.array(pairs).T
    return depth, steps


def floor(m: Floats) -> Floats:
    """Return the claim’s least number of steps at depth m, `(n,)`."""
    h = np.array([step(int(k)) for k in m])
    return bound_at(CLAIMS[0], m, {"m": m, "h": h, "w0": FIRST, "w1": ARRIVED})
