"""Gradient descent, Nesterov's method, triple momentum and ITEM on strongly convex functions: bounds and runs."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Panel, Series, bound_at, caption
from lab.experiment import Experiment
from lab.optimizer import Optimizer
from lab.optimizers.agd import AGDStronglyConvex
from lab.optimizers.item import ITEM
from lab.optimizers.sgd import SGD
from lab.optimizers.tmm import TripleMomentum
from lab.problem import Problem
from lab.schedules import Constant
from problems.gd_worst_cases import GDQuadratic
from problems.nesterov_chains import NesterovStronglyConvex

CLAIMS = (
    "taylor2018.gd_strongly_convex_contraction_distance",
    "daspremont2021.nag_sc_upper",
    "vanscoy2018.tmm_tight",
    "taylor2022.item_tight",
    "nesterov2004.nesterov_lower_sc",
)
CAPTION = (
    r"$\Vert x_T - x^{\ast}\Vert^2/R^2$, $R = \Vert x_0 - x^{\ast}\Vert$, $L = 1$, $\mu = 1/100$. N = {N} each, no "
    r"interval because nothing is random. GD has the step $2/(L + \mu)$. Left: GD, TMM (triple momentum) and ITEM "
    r"on $L x^2/2$, where what is proved of them is attained (pale): Polyak’s contraction (Taylor, Hendrickx, "
    r"Glineur, JOTA 2018), Van Scoy, Freeman, Lynch, L-CSS 2018, Theorem 1 (which bounds $f$, here $x^2/2$), and "
    r"Taylor, Drori, MP 2023, Theorem 3. Right: all four on Nesterov’s chain of {d} coordinates, above $q^{2T}$ "
    r"(after Nesterov 2004, Theorem 2.1.13), $q = (\sqrt{\kappa} - 1)/(\sqrt{\kappa} + 1)$; the ceiling of "
    r"Nesterov’s method is that of d’Aspremont, Scieur, Taylor, FTO 2021, Corollary 4.15, which bounds $f$, and so "
    r"the distance by strong convexity."
)

L, MU = 1.0, 0.01
ROOT = sqrt(MU / L)
STEPS, DIM = 60, 150
METHODS: Mapping[str, Optimizer[Any]] = {
    "GD": SGD(lr=Constant(2 / (L + MU))),
    "NAG": AGDStronglyConvex(L=L, mu=MU),
    "TMM": TripleMomentum(L=L, mu=MU),
    "ITEM": ITEM(L=L, mu=MU),
}
TIGHT = ("GD", "TMM", "ITEM")  # one step takes NAG to the minimizer of L x^2 / 2
CHAIN, LINE = NesterovStronglyConvex(d=DIM, L=L, mu=MU), GDQuadratic(L=L)
TIME = Axis("number of steps, $T$", (0, STEPS + 1), ticks=(0, 20, 40, 60))
DISTANCE = Axis(r"$\Vert x_T - x^{\ast}\Vert^2 / R^2$", (1e-11, 300), log=True)


def runs() -> Mapping[str, FigureRun]:
    """Return every method on Nesterov’s chain, and on the line those whose bound is attained there."""
    line = {f"{label} on the line": _run(LINE, METHODS[label]) for label in TIGHT}
    return line | {f"{label} on the chain": _run(CHAIN, method) for label, method in METHODS.items()}


def _run(problem: Problem, method: Optimizer[Any]) -> FigureRun:
    shared: dict[str, Any] = dict(steps=STEPS, record=tuple(range(STEPS + 1)))
    metrics = ("distance_sq", "suboptimality")
    return FigureRun(Experiment(problem=problem, optimizers=(method,), metrics=metrics, **shared))


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the two panels on common axes."""
    T = Series(results["GD on the line"], "distance_sq").steps
    shared: dict[str, Any] = dict(x=TIME, y=DISTANCE, height=2.9)
    line = (*_tight(T), *(_curve(results, label, "on the line", 1.0) for label in TIGHT))
    left = Panel(title=r"On $L x^2/2$: tight bounds", marks=line, **shared)
    floor = bound_at(CLAIMS[4], T, {"R": 1, "q": CHAIN.q})
    lower = Curve(label="lower bound, every span method", kind="lower", name="", x=T, y=floor, end="lower bound")
    ceiling = _ceiling(results["NAG on the chain"], T)
    chain = (lower, ceiling, *(_curve(results, label, "on the chain", radius(), end=label) for label in METHODS))
    right = Panel(title="On Nesterov’s chain", marks=chain, **shared)
    title = "Acceleration takes the root of the condition number; TMM and ITEM go furthest"
    text = caption(CAPTION.replace("{d}", str(DIM)), results)
    return Drawing(title=title, caption=text, rows=((left, right),))


def _curve(results: Mapping[str, xr.Dataset], label: str, where: str, R: float, end: str = "") -> Curve:
    s = Series(results[f"{label} {where}"], "distance_sq")
    return Curve(
        label=f"{label} {where}", kind="run", name=METHODS[label].name, x=s.steps, y=s.stat("mean") / R**2, end=end
    )


def _tight(T: Floats) -> tuple[Curve, ...]:
    """Return what is proved of GD, TMM and ITEM, in ||x - x*||^2 / R^2 on L x^2 / 2."""
    h = 2 / (1 + MU / L)
    gd = bound_at(CLAIMS[0], T, {"D_0": 1, "rho": max(h - 1, 1 - h * MU / L)})
    tmm = bound_at(CLAIMS[2], T, {"L": L, "R": 1, "s": ROOT}) * 2 / L
    item = bound_at(CLAIMS[3], T, {"R": 1, "q": MU / L, "A_T": item_weights(int(T[-1]))[T.astype(int)]})
    laws = zip(TIGHT, (gd, tmm, item), strict=True)
    return tuple(
        Curve(label=f"tight bound of {label}", kind="exact", name=METHODS[label].name, x=T, y=y) for label, y in laws
    )


def _ceiling(data: xr.Dataset, T: Floats) -> Curve:
    """Return the bound of Nesterov’s method on f - f* >= (mu/2) ||x - x*||^2, as one on the distance."""
    gap = float(data["suboptimality_mean"].values[0][0])
    R = radius()
    y = bound_at(CLAIMS[1], T, {"L": L, "R": R, "s": ROOT, "Delta": gap}) * 2 / (MU * R**2)
    return Curve(label="bound of NAG", kind="upper", name="agd_sc", x=T, y=y, end="bound of NAG")


def radius() -> float:
    """Return ||x_0 - x*|| on the chain, which starts at 0."""
    return float(np.linalg.norm(CHAIN.minimizer()))


def item_weights(steps: int) -> Floats:
    """Return A_0, ..., A_steps of ITEM, `(steps + 1,)`: Taylor, Drori, MP 2023, the recursion of Algorithm 1."""
    q, weights = MU / L, [0.0]
    for _ in range(steps):
        a = weights[-1]
        weights.append(((1 + q) * a + 2 * (1 + sqrt((1 + a) * (1 + q * a)))) / (1 - q) ** 2)
    return np.array(weights)
