"""Gradient descent’s worst case against the step size: a Huber function below the best step, a parabola above it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Note, Panel, bound_at, caption
from lab.experiment import Experiment
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant
from problems.gd_worst_cases import GDHuber, GDQuadratic, GDStronglyConvexHuber

CLAIMS = ("kim2024.gd_smooth_convex_tight", "kim2024.gd_strongly_convex_mixed_tight")
CAPTION = (
    r"$f(x_T) - f^{\ast}$ after $T = {T}$ steps of gradient descent with step $h/L$, in units of $L R^2$, on the "
    r"two functions that are worst for it: a Huber function made for each $h$ (blue) and the parabola $L x^2/2$ "
    r"(orange). Left: convex; right: $\mu$-strongly convex, $\mu = L/10$, the Huber function with curvature $\mu$ "
    r"outside. Pale: the tight bound for all such functions, $(L R^2/2)\max\{1/(2Th + 1), (1 - h)^{2T}\}$ on the "
    r"left, conjectured by Drori, Teboulle, MP 2014 and by Taylor, Hendrickx, Glineur, MP 2017, proved by Kim, "
    r"arXiv 2024. Its least value marks the best constant step. N = {N} each, without interval because nothing is "
    r"random."
)

T, MU = 10, 0.1
STEPS = tuple(np.round(np.linspace(0.1, 1.95, 12), 4).tolist())  # h
FINE = np.linspace(0.05, 1.98, 400)
NEAR_2 = tuple(np.round(np.linspace(1.5, 1.95, 12), 4).tolist())  # where the parabola is the worse one


def runs() -> Mapping[str, FigureRun]:
    """Return the Huber functions, one run a step, and the parabola, all steps in one run."""
    made = {"parabola": _run(GDQuadratic(), NEAR_2)}
    for h in STEPS:
        made[f"convex, {h}"] = _run(GDHuber(n=T, h=h), (h,))
        made[f"strongly convex, {h}"] = _run(GDStronglyConvexHuber(n=T, h=h, mu=MU), (h,))
    return made


def _run(problem: Problem, steps: tuple[float, ...]) -> FigureRun:
    descents = tuple(SGD(lr=Constant(h)) for h in steps)
    shared: dict[str, Any] = dict(steps=T, record=(0, T), metrics=("suboptimality",))
    return FigureRun(Experiment(problem=problem, optimizers=descents, **shared))


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the convex and the strongly convex case."""
    panels = (_panel("convex", results), _panel("strongly convex", results))
    title = "The best constant step is where two worst cases balance, close to 2/L"
    return Drawing(title=title, caption=caption(CAPTION.replace("{T}", str(T)), results), rows=(panels,))


def _panel(case: str, results: Mapping[str, xr.Dataset]) -> Panel:
    huber = np.array([_last(results[f"{case}, {h}"], 0) for h in STEPS])
    parabola = np.array([_last(results["parabola"], i) for i in range(len(NEAR_2))])
    marks = (
        Curve(label="tight bound", kind="exact", name="", x=FINE, y=bound(case, FINE)),
        Curve(label="on the Huber function", kind="run", name="blue", x=np.array(STEPS), y=huber),
        Curve(label="on the parabola", kind="run", name="orange", x=np.array(NEAR_2), y=parabola),
    )
    best = best_step(case)
    notes = (
        Note("Huber", 0.35, 2.5 * float(bound(case, np.array([0.35]))[0]), "blue"),
        Note("parabola", 1.42, 0.25, "orange", "center"),
        Note(f"best $h = {best:.3f}$", 1.2, 1.6e-4, "", "center"),
    )
    return Panel(
        title=case[0].upper() + case[1:],
        x=Axis("step size times $L$, $h$", (0, 2), ticks=(0, 0.5, 1, 1.5, 2)),
        y=Axis(r"$(f(x_T) - f^{\ast})/(L R^2)$", (1e-4, 0.7), log=True),
        marks=marks,
        notes=notes,
        height=2.6,
    )


def _last(data: xr.Dataset, config: int) -> float:
    """Return f - f* after the last step, of one step size."""
    return float(data["suboptimality_mean"].values[config][-1])


def bound(case: str, h: Floats) -> Floats:
    """Return the tight bound after T steps for every h, `(n,)`."""
    shared = {"L": 1, "R": 1, "h": h}
    horizon = np.full(len(h), float(T))
    return (
        bound_at(CLAIMS[0], horizon, shared) if case == "convex" else bound_at(CLAIMS[1], horizon, shared | {"c": MU})
    )


def best_step(case: str) -> float:
    """Return the h with the least bound: a bisection on the slope’s sign, the bound being unimodal in h."""
    low, high = 1.0, 1.98
    for _ in range(30):
        third = (high - low) / 3
        left, right = bound(case, np.array([low + third, high - third]))
        low, high = (low, high - third) if left < right else (low + third, high)
    return (low + high) / 2
