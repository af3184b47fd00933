"""LARS, LAMB and LAMBC where the layers’ norms differ by orders of magnitude: gain and cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Mark, Panel, Series, bound_at, caption
from lab.experiment import Experiment, record_steps
from lab.optimizer import Optimizer
from lab.optimizers.adam import Adam
from lab.optimizers.lamb import LAMB, LAMBC
from lab.optimizers.lars import LARS
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.layered import LayeredQuadratic

CLAIMS = ("you2020.phi_identity_growth",)
CAPTION = (
    r"$\Vert x_T - x^{\ast}\Vert / \Vert x_0 - x^{\ast}\Vert$, no less than $10^{-3}$ being shown, on layered "
    r"quadratics; constant steps, $\beta = (0, 0.99)$, no decay; N = {N} each, without interval because nothing is "
    r"random. 1: three layers of curvature $10^{-4}$, $10^{-2}$, 1, optimum 0: LARS (step 0.05, no momentum) "
    r"shrinks each by 0.95 a step (pale: that law), gradient descent with step $1/L$ waits for the flattest. 2: a "
    r"layer whose optimum has the norm 100, step 0.1: LAMB goes on in steps of $0.1\,\Vert x\Vert$ and stays about "
    r"so far away; with its ratio clipped at 1 (LAMBC) the steps are Adam’s. 3: a layer of norm $10^{-4}$ on its "
    r"way to an optimum of norm 1, step 0.02: under LAMB its norm grows by at most the factor 1.02 a step (dashed: "
    r"the distance that this leaves); a lower clip at 0.5 frees it. LAMB: You et al., ICLR 2020; LAMBC: Fong, Chen, "
    r"Chen, arXiv 2020; laws and bounds are the lab’s."
)

STEPS, SHOWN = 2000, 1e-3
RATES = {"conditioning": 0.05, "large": 0.1, "small": 0.02}
PROBLEMS: Mapping[str, LayeredQuadratic] = {
    "conditioning": LayeredQuadratic(
        shapes=((4,),) * 3, curvatures=(1e-4, 1e-2, 1.0), centres=(0.0,) * 3, radii=(1.0,) * 3
    ),
    "large": LayeredQuadratic(shapes=((4,),), curvatures=(1.0,), centres=(100.0,), radii=(100.0,)),
    "small": LayeredQuadratic(shapes=((4,),), curvatures=(1.0,), centres=(1.0,), radii=(1e-4,)),
}
TITLES = {"conditioning": "1. Curvatures apart", "large": "2. A large optimum", "small": "3. A small start"}
TIME = Axis("step $T$", (1, 1.1 * STEPS), log=True, ticks=(1, 10, 100, 1000))
DISTANCE = Axis("relative distance", (0.7e-3, 2.2), log=True)


def methods(case: str) -> Mapping[str, Optimizer[Any]]:
    """Return the methods that are compared on a problem, by label."""
    lr = Constant(RATES[case])
    if case == "conditioning":
        return {"LARS": LARS(lr=lr, momentum=0.0, trust_coefficient=1.0), "SGD": SGD(lr=Constant(1.0))}
    betas = (0.0, 0.99)
    clipped = LAMBC(lr=lr, betas=betas, lower=0.5 if case == "small" else 0.0, upper=1.0)
    return {"LAMB": LAMB(lr=lr, betas=betas), "LAMBC": clipped, "Adam": Adam(lr=lr, betas=betas)}


def runs() -> Mapping[str, FigureRun]:
    """Return a run for each problem and method."""
    shared: dict[str, Any] = dict(steps=STEPS, record=record_steps("log", STEPS), metrics=("distance_sq",))
    return {
        f"{case}, {label}": FigureRun(Experiment(problem=problem, optimizers=(method,), **shared))
        for case, problem in PROBLEMS.items()
        for label, method in methods(case).items()
    }


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return a panel a problem, on common axes."""
    rows = tuple((_panel(case, results),) for case in PROBLEMS)
    title = "Trust ratios undo bad conditioning; extreme norms call for clips"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=rows)


def _panel(case: str, results: Mapping[str, xr.Dataset]) -> Panel:
    marks: list[Mark] = []
    for label, method in methods(case).items():
        s = Series(results[f"{case}, {label}"], "distance_sq")
        y = np.maximum(np.sqrt(s.stat("mean")) / start_distance(case), SHOWN)
        marks.append(Curve(label=label, kind="run", name=method.name, x=s.steps, y=y, end=label))
    if case == "conditioning":
        law = np.maximum((1 - RATES[case]) ** s.steps, SHOWN)
        marks.append(Curve(label="law of LARS", kind="exact", name="", x=s.steps, y=law))
    if case == "small":
        y = least_distance(s.steps)
        marks.append(Curve(label="LAMB is no nearer", kind="lower", name="lamb", x=s.steps, y=y))
    return Panel(title=TITLES[case], x=TIME, y=DISTANCE, marks=tuple(marks), height=1.15)


def start_distance(case: str) -> float:
    """Return ||x_0 - x*||: start and centre of every layer are orthogonal."""
    problem = PROBLEMS[case]
    return float(np.linalg.norm([*problem.centres, *problem.radii]))


def least_distance(T: Floats) -> Floats:
    """Return what the growth of the layer’s norm leaves of the relative distance under LAMB, `(n,)`.

    ||x_T|| is at most radius (1 + lr)^T, the claim, and the optimum has the norm ||c||. Beyond that time it says
    nothing: a tenth of what is shown.
    """
    problem = PROBLEMS["small"]
    with np.errstate(over="ignore"):
        norm = bound_at(CLAIMS[0], T, {"eta": RATES["small"], "R": problem.radii[0]})
    return np.maximum((problem.centres[0] - norm) / start_distance("small"), SHOWN / 10)
