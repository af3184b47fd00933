"""Experiments for SPIDER without noise: its v is the gradient, its steps eps/(4 (L0 + L1 ||grad f||)), soft clipping.

u/(L0 + L1 u) grows with u, so that its mean is at least its value at the least gradient met, which the bound B then
bounds by L0 B/(1 - L1 B).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.mix_clip import GDClip
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant
from problems.clipping_hard import ExtremalL0L1
from problems.gd_worst_cases import GDQuadratic

L0, L1 = sp.symbols("L_0 L_1", positive=True)
EPS, M = 0.4, 10.0


def _short(L_0: float, L_1: float) -> GDClip:
    return GDClip(lr=Constant(EPS / (4 * L_0)), gamma=EPS / (4 * L_1), soft=True)


def _run(
    problem: Problem, method: Optimizer[Any], L: tuple[float, float], Delta: float, at: tuple[int, ...], bound: sp.Expr
) -> Prediction:
    return Prediction(
        says=f"{problem.name}, exact gradients",
        problem=problem,
        optimizer=method,
        at=at,
        values={"L_0": L[0], "L_1": L[1], "epsilon": EPS, "Delta": Delta},
        metric="best_grad_norm_sq",
        bound=(L0 * bound / (1 - L1 * bound)) ** 2,
    )


def exact(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return f'' = L0 + L1 |f'| from slope 10, and x^2/2 from slope 4. bound: of the mean of u/(L0 + L1 u)."""
    fall = M - sp.log(1 + sp.Float(M))  # f(x_0) - inf f at L0 = L1 = 1
    steep, flat = (1.0, 1.0), (1.0, 1 / 64)
    return (
        _run(ExtremalL0L1(M=M), _short(*steep), steep, float(fall) * (1 + 1e-12), (200, 250, 300), bound),
        _run(GDQuadratic(R=4.0), _short(*flat), flat, 8.0, (10, 30, 100, 300), bound),
    )


def exact_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousandth as long on x^2/2."""
    run = exact(bound)[1]
    slow = SGD(lr=Constant(EPS / 4000))
    return (replace(run, says="steps a thousandth as long", optimizer=slow, at=(300,)),)
