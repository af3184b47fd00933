"""What the runs on (L0, L1)-smooth functions share: two slopes, and counts of steps read as "by then it is reached".

At most N steps from points with ||grad f|| > eps: so among the first floor(N) + 1 points is one with ||grad f|| <= eps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import sympy as sp

from lab.bounds import bounds
from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.problem import Problem
from problems.clipping_hard import ZhangExponential, ZhangPlateau


class Slope(NamedTuple):
    """A convex function on the line, and what theorems are told of it: Delta = f(x_1) - f*, M = |f'(x_1)|, R = x_1."""

    says: str
    problem: Problem
    L0: float
    L1: float
    Delta: float
    M: float
    R: float


PLATEAU = Slope("the plateau of slope 1/5", ZhangPlateau(eps=0.1, Delta=1.0), 0.3, 0.1, 1.0, 0.2, 5.375)


def cliff(M: float) -> Slope:
    """Return the exponential from where its slope is M: L0 = L1 = 1, f(x_1) - f* = M - 1/2, here rounded up."""
    return Slope(
        f"the exponential from slope {M:g}", ZhangExponential(M=M), 1.0, 1.0, M - 0.499, M, 1.001 + math.log(M)
    )


def due(count: sp.Expr, values: Mapping[str, float]) -> int:
    """Return floor(N) + 1 for a bound N on a number of steps; rho = 1, which is a unit."""
    return math.floor(bounds(count, {"rho": 1.0, **values})[1]) + 1


def reached(
    slope: Slope, optimizer: Optimizer[Any], count: sp.Expr, goal: sp.Expr, values: Mapping[str, float], says: str
) -> Prediction:
    """Return that the least ||grad f||^2 is at most `goal` once `count` says so."""
    return Prediction(
        says=f"{slope.says}, {says}",
        problem=slope.problem,
        optimizer=optimizer,
        at=(due(count, values),),
        values=values,
        metric="best_grad_norm_sq",
        relation="<=",
        bound=goal,
    )
