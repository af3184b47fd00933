"""The last iterate of subgradient descent loses a factor log T; the average of the last half does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from figures.kit.drawing import Axis, Curve, Drawing, FigureRun, Panel, bound_at, caption, ends
from lab.experiment import Experiment
from lab.optimizer import Optimizer
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Inverse, InvSqrt, Schedule
from lab.transforms.averages import PolyakRuppert, SuffixAverage
from problems.last_iterate import LastIterateLipschitz, LastIterateStronglyConvex

CLAIMS = ("harvey2019.sgd_last_log_sc", "harvey2019.sgd_last_log_lip")
CAPTION = (
    r"Subgradient descent on the functions of Harvey, Liaw, Plan, Randhawa, COLT 2019, one for each $T$, in $T$ "
    r"coordinates on the unit ball, from the minimizer 0. Left: 1-strongly convex, steps $1/t$, $T (f - f^{\ast})$ "
    r"after $T$ steps, with the floor $\log(T)/4$ of Theorem 3.3. Right: 1-Lipschitz, steps $t^{-1/2}$, $T^{1/2} (f "
    r"- f^{\ast})$, with the floor $\log(T)/32$ (the order is theirs, Remark 3.7; the construction’s details and "
    r"the constant are the lab’s). Averages: of all iterates, and of the last half (Rakhlin, Shamir, Sridharan, "
    r"ICML 2012). N = {N} each, without interval because nothing is random."
)

HORIZONS = (8, 16, 32, 64, 128, 256)
STEPSIZES: Mapping[str, Schedule] = {"strongly convex": Inverse(1.0), "Lipschitz": InvSqrt(1.0)}
NAMES = {"last": "sgd", "last half": "orange", "average": "green"}
ENDS = {"last": "last", "last half": "half", "average": "all"}


def runs() -> Mapping[str, FigureRun]:
    """Return a run for each function, horizon and iterate returned."""
    made: dict[str, FigureRun] = {}
    for case, lr in STEPSIZES.items():
        for T in HORIZONS:
            problem = LastIterateStronglyConvex(T=T) if case == "strongly convex" else LastIterateLipschitz(T=T)
            made |= {f"{case}, {which}, {T}": _run(problem, returned(which, lr, T), T) for which in NAMES}
    return made


def returned(which: str, lr: Schedule, T: int) -> Optimizer[Any]:
    """Return subgradient descent that hands out its last iterate, or the average of the last half, or of all."""
    descent = SGD(lr=lr)
    if which == "last":
        return descent
    return SuffixAverage(inner=descent, horizon=T) if which == "last half" else PolyakRuppert(inner=descent)


def _run(problem: Problem, optimizer: Optimizer[Any], T: int) -> FigureRun:
    shared: dict[str, Any] = dict(steps=T, record=(0, 1, T), metrics=("suboptimality",))
    return FigureRun(Experiment(problem=problem, optimizers=(optimizer,), **shared))


def draw(results: Mapping[str, xr.Dataset]) -> Drawing:
    """Return the strongly convex and the Lipschitz case, each gap times the rate of the best methods."""
    strong = _panel(results, "strongly convex", 1.0, CLAIMS[0], Axis(r"$T\,(f - f^{\ast})$", (0, 2.6)))
    flat = _panel(results, "Lipschitz", 0.5, CLAIMS[1], Axis(r"$\sqrt{T}\,(f - f^{\ast})$", (0, 0.4)))
    title = "The last iterate loses a logarithm that averaging the last half regains"
    return Drawing(title=title, caption=caption(CAPTION, results), rows=((strong, flat),))


def _panel(results: Mapping[str, xr.Dataset], case: str, power: float, claim: str, axis: Axis) -> Panel:
    curves = []
    for which, name in NAMES.items():
        T, (gap, _, _) = ends(results, f"{case}, {which}", HORIZONS, "suboptimality")
        curves.append(Curve(label=which, kind="run", name=name, x=T, y=T**power * gap, end=ENDS[which]))
    T = curves[0].x
    floor = T**power * bound_at(claim, T, {"r": 1, "mu": 1, "G": 1})
    lower = Curve(label="lower bound, last iterate", kind="lower", name="sgd", x=T, y=floor, end="floor")
    time = Axis("number of steps, $T$", (7, 290), log=True, ticks=(10, 100))
    return Panel(title=case[0].upper() + case[1:], x=time, y=axis, marks=(lower, *curves), height=2.4)
