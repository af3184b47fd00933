"""Experiments for the steps of (L0, L1)-gradient descent: log(1 + u)/(L1 g), u = L1 g/(L0 + L1 g), and a shorter one.

The step 1/(L0 + 3/2 L1 g), soft clipping with lr = 1/L0 and gamma = 2/(3 L1), is log(1 + u)/(L1 g) with 2u/(2 + u) for
log(1 + u): for its length w <= log(1 + u) too, u w - (exp(w) - w - 1) >= (1 + u) w - u = u^2/(2 + u), the progress.
"""

from __future__ import annotations

import math
from typing import Any

import sympy as sp

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.mix_clip import GDClip
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant
from problems.clipping_hard import ExtremalL0L1, ZhangExponential
from problems.gd_worst_cases import GDQuadratic
from proofs_check.instances.l0l1 import PLATEAU, Slope, cliff, due, reached

EPS = sp.Symbol("epsilon", positive=True)

# ------------------------------------------------------------------------------------------------------- one step


def best(L0: float, L1: float, g: float) -> float:
    """Return log(1 + u)/(L1 g)."""
    return math.log1p(L1 * g / (L0 + L1 * g)) / (L1 * g)


def short(L0: float, L1: float, factor: float = 1.0) -> GDClip:
    """Return steps factor/(L0 + 3/2 L1 g)."""
    return GDClip(lr=Constant(factor / L0), gamma=factor / (1.5 * L1), soft=True)


def _step(
    says: str, problem: Problem, L: tuple[float, float], g: float, rule: Optimizer[Any], drop: sp.Expr
) -> Prediction:
    return Prediction(
        says=f"{problem.name} from slope {g:g}, {says}",
        problem=problem,
        optimizer=rule,
        at=(1,),
        values={"L_0": L[0], "L_1": L[1], "g": g},
        metric="value",
        since=0,
        relation="<=",
        bound=-drop,
    )


def progress(drop: sp.Expr) -> tuple[Prediction, ...]:
    """Return both steps on an almost L1-free quadratic, where nothing is lost, and on two exponentials."""
    cases: tuple[tuple[Problem, tuple[float, float], float], ...] = (
        (GDQuadratic(R=2.0), (1.0, 0.01), 2.0),
        (ExtremalL0L1(M=10.0), (1.0, 1.0), 10.0),
        (ZhangExponential(M=100.0), (1.0, 1.0), 100.0),
    )
    found = []
    for problem, L, g in cases:
        found.append(_step("the best step", problem, L, g, SGD(lr=Constant(best(*L, g))), drop))
        found.append(_step("the shorter step", problem, L, g, short(*L), drop))
    return tuple(found)


def progress_broken(drop: sp.Expr) -> tuple[Prediction, ...]:
    """Return twice the step on the quadratic, half of it, and a step that leads up the other side of an exponential."""
    smooth, L = GDQuadratic(R=2.0), (1.0, 0.01)
    wrong = (_step(f"{f:g} of it", smooth, L, 2.0, SGD(lr=Constant(f * best(*L, 2.0))), drop) for f in (2.0, 0.5))
    steep = _step("a step 0.7", ZhangExponential(M=10.0), (1.0, 1.0), 10.0, SGD(lr=Constant(0.7)), drop)
    return (*wrong, steep)


# ------------------------------------------------------------------------------------------------- how many steps


def _small(slope: Slope, eps: float, count: sp.Expr, factor: float = 1.0) -> Prediction:
    values = {"L_0": slope.L0, "L_1": slope.L1, "F_0": slope.Delta, "epsilon": eps}
    rule = short(slope.L0, slope.L1, factor)
    return reached(slope, rule, count, EPS**2, values, f"{factor:g} of the shorter step: slope {eps:g}")


def nonconvex(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return two wanted slopes on the plateau, and two on the exponential."""
    cases = ((PLATEAU, 0.19), (PLATEAU, 0.1), (cliff(100.0), 20.0), (cliff(100.0), 10.0))
    return tuple(_small(slope, eps, count) for slope, eps in cases)


def nonconvex_broken(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a tenth as long."""
    return (_small(PLATEAU, 0.19, count, factor=0.1), _small(cliff(100.0), 90.0, count, factor=0.01))


def _low(slope: Slope, eps: float, count: sp.Expr, factor: float = 1.0) -> Prediction:
    values = {"L_0": slope.L0, "L_1": slope.L1, "F_0": slope.Delta, "R": slope.R, "epsilon": eps}
    return Prediction(
        says=f"{slope.says}, {factor:g} of the shorter step: f - f* <= {eps:g}",
        problem=slope.problem,
        optimizer=short(slope.L0, slope.L1, factor),
        at=(due(count, values),),
        values=values,
        metric="best_suboptimality",
        relation="<=",
        bound=EPS,
    )


def convex(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return two wanted gaps on the plateau, and two on the exponential; no step leads away from x* = 0."""
    cases = ((PLATEAU, 0.6), (PLATEAU, 0.4), (cliff(100.0), 50.0), (cliff(100.0), 20.0))
    return tuple(_low(slope, eps, count) for slope, eps in cases)


def convex_broken(count: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a hundredth as long."""
    return (_low(PLATEAU, 0.5, count, factor=0.01), _low(cliff(100.0), 50.0, count, factor=0.01))
