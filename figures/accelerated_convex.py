"""Gradient descent, Nesterov's and the optimised gradient method: at their worst, and on Nesterov's worst function."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import numpy as np
import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Floats, Mark, Note, Panel, Series, bound_at, caption
from lab.experiment import Experiment
from lab.optimizer import Optimizer
from lab.optimizers.agd import AGDConvex
from lab.optimizers.ogm import OGM
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant
from problems.gd_worst_cases import GDHuber, GDQuadratic, Huber
from problems.nesterov_chains import NesterovConvex

CLAIMS = (
    "drori2014.gd_smooth_convex_tight",
    "beck2009.fgm_upper",
    "kim2016.ogm_tight",
    "nesterov2004.nesterov_lower_convex",
)
CAPTION = (
    r"$f(x_T) - f^{\ast}$ after $T$ steps, in units of $L R^2$, $R = \Vert x_0 - x^{\ast}\Vert$, $L = 1$; each "
    r"point a run on the function built for that $T$ (N = {N} each, without interval because nothing is random). "
    r"Left, each method on a function that is bad for it: gradient descent with step $1/L$ (GD) on a Huber "
    r"function, where its bound $1/(4T + 2)$ is attained (Drori, Teboulle, MP 2014, Theorems 3.1, 3.2); the "
    r"optimised method (OGM) on $x^2/2$, where $1/(2\theta_T^2)$ is attained (Kim, Fessler, MP 2016, Theorem 2), "
    r"both drawn pale; Nesterov’s method (FGM) on the Huber function whose knee it just reaches, under $2/(T + "
    r"1)^2$ (Beck, Teboulle, SIIMS 2009, Theorem 4.4). Right: all three on Nesterov’s chain of $2T + 1$ "
    r"coordinates, above $3/(32 (T + 1)^2)$, binding on every method that stays in the span of its gradients "
    r"(Nesterov 2004, Theorem 2.1.7)."
)

HORIZONS = (1, 2, 4, 8, 16, 32, 64, 100)
METHODS: Mapping[str, Optimizer[Any]] = {"GD": SGD(lr=Constant(1.0)), "FGM": AGDConvex(), "OGM": OGM()}
NOTES = (
    Note(r"$1/(4T + 2)$", 24, 2e-2, "sgd"),
    Note(r"$2/(T + 1)^2$", 2.6, 0.33, "agd_c"),
    Note(r"$1/(2\theta_T^2)$", 4, 3.5e-3, "ogm", "right"),
)
TIME = Axis("number of steps, $T$", (0.9, 110), log=True, ticks=(1, 10, 100))
GAP = Axis(r"$(f(x_T) - f^{\ast})/(L R^2)$", (5e-6, 1), log=True)


def runs() -> Mapping[str, FigureRun]:
    """Return a run for every method, function and horizon; OGM’s worst function is the same for all horizons."""
    made = {}
    for T in HORIZONS:
        made[f"GD at its worst, {T}"] = _run(GDHuber(n=T), METHODS["GD"], T)
        made[f"FGM at its worst, {T}"] = _run(fgm_huber(T), METHODS["FGM"], T)
        made |= {f"{label} on the chain, {T}": _run(NesterovConvex(k=T), METHODS[label], T) for label in METHODS}
    return made | {"OGM at its worst": _run(GDQuadratic(), METHODS["OGM"], *HORIZONS)}


def _run(problem: Problem, method: Optimizer[Any], *horizons: int) -> FigureRun:
    shared: dict[str, Any] = dict(steps=horizons[-1], record=(0, *horizons), metrics=("suboptimality",))
    return FigureRun(Experiment(problem=problem, optimizers=(method,), **shared))


def fgm_huber(T: int) -> Huber:
    """Return the Huber function of R = 1 on whose linear part all of Nesterov's T steps lie, the last at its worst.

    Where the slope is constant, L delta, the method travels s delta, s depending on T alone; f(x_T) is then
    L delta (1 - s delta) - L delta^2 / 2, which is largest, 1 / (2 (2 s + 1)), at delta = 1 / (2 s + 1).
    """
    return Huber(R=1.0, d=1, delta=1 / (2 * travelled(T) + 1))


def travelled(T: int) -> float:
    """Return how far T steps of Nesterov's method go under the constant slope 1, L = 1."""
    x, before, theta = 0.0, 0.0, 0.0
    for _ in range(T):
        after = (1 + sqrt(1 + 4 * theta**2)) / 2
        x, before, theta = x + (theta - 1) / after * (x - before) + 1, x, after
    return x


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the two panels on common axes."""
    T = np.array(HORIZONS, dtype=np.float64)
    worst = Panel(
        title="Each on its bad function",
        x=TIME,
        y=GAP,
        marks=(*_bounds(T), *(_curve(results, label, "at its worst", 1.0) for label in METHODS)),
        notes=NOTES,
        height=2.9,
    )
    floor = bound_at(CLAIMS[3], T, {"L": 1, "R": 1})
    chains = np.array([chain_radius(int(t)) for t in T])
    lower = Curve(label="lower bound, every span method", kind="lower", name="", x=T, y=floor, end="lower bound")
    marks = (lower, *(_curve(results, label, "on the chain", chains, end=label) for label in METHODS))
    chain = Panel(title="All on Nesterov’s chain", x=TIME, y=GAP, marks=marks, height=2.9)
    title = "Acceleration turns 1/T into 1/T², and no span method can do better than that"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((worst, chain),))


def _bounds(T: Floats) -> tuple[Mark, ...]:
    unit = {"L": 1, "R": 1}
    gd = bound_at(CLAIMS[0], T, unit | {"h": 1})
    ogm = bound_at(CLAIMS[2], T, unit | {"theta_N": np.array([last_theta(int(t)) for t in T])})
    fgm = bound_at(CLAIMS[1], T, unit)
    return (
        Curve(label="tight bound of GD", kind="exact", name="sgd", x=T, y=gd),
        Curve(label="bound of FGM", kind="upper", name="agd_c", x=T, y=fgm),
        Curve(label="tight bound of OGM", kind="exact", name="ogm", x=T, y=ogm),
    )


def _curve(results: Mapping[str, xr.Dataset], label: str, where: str, R: Floats | float, end: str = "") -> Curve:
    keys = [f"{label} {where}, {T}" for T in HORIZONS]
    if f"{label} {where}" in results:  # one run, in which every step is the last of a shorter one
        y = Series(results[f"{label} {where}"], "suboptimality").stat("mean")
    else:
        y = np.array([Series(results[key], "suboptimality").stat("mean")[-1] for key in keys])
    T = np.array(HORIZONS, dtype=np.float64)
    return Curve(label=f"{label} {where}", kind="run", name=METHODS[label].name, x=T, y=y / R**2, end=end)


def chain_radius(T: int) -> float:
    """Return ||x_0 - x*|| on Nesterov's chain for T steps, which starts at 0."""
    minimizer = NesterovConvex(k=T).minimizer()
    return float(np.linalg.norm(minimizer))


def last_theta(T: int) -> float:
    """Return theta_T of the optimised gradient method with T steps: theta_0 = 1, and 8 for 4 in the last."""
    theta = 1.0
    for factor in [4] * (T - 1) + [8]:
        theta = (1 + sqrt(1 + factor * theta**2)) / 2
    return theta
