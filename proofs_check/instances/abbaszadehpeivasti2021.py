"""Experiments for the smallest gradient of gradient descent on smooth functions: the sawtooth, whose numbers are whole.

Every iterate lies where f' turns, so that only exact arithmetic tells on which side; the gradient there is 2.
"""

from __future__ import annotations

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.problem import Problem
from lab.schedules import Constant
from problems.gd_sawtooth import GDSawtooth
from problems.gd_worst_cases import GDQuadratic

TEETH = {1.0: (5, 17.0), 0.5: (8, 16.0)}  # h: (n, delta), such that g = 2
METRIC = "best_grad_norm_sq"  # of the points queried: after T + 1 steps those of x_0, ..., x_T


def _run(says: str, problem: Problem, lr: float, at: tuple[int, ...], bound: sp.Expr, **values: float) -> Prediction:
    p = min(4 * values["h"] - values["h"] ** 2, 4 * values["h"] - values["h"] ** 3)
    return Prediction(
        says=says, problem=problem, optimizer=SGD(lr=Constant(lr)), at=at, values={"L": 1.0, "p": p, **values},
        metric=METRIC, bound=bound,
    )  # fmt: skip


def by_gap(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return two steps h, with more and fewer iterates too. bound: the claim's at T - 1."""
    return tuple(
        _run(f"h = {h:g}, attained at T = {n}", _sawtooth(h), h, (*range(2, n + 6),), bound, h=h, Delta=delta)
        for h, (n, delta) in TEETH.items()
    )


def by_drop(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the same, with what f falls by in T steps: g^2 (4 h - h^2)/4 in each. bound: the claim's at T - 1."""
    return tuple(
        _run(f"h = {h:g}, T = {T}", _sawtooth(h), h, (T + 1,), bound, h=h, Delta=T * (4 * h - h * h))
        for h, (n, _) in TEETH.items()
        for T in (1, n)
    )


def _sawtooth(h: float) -> GDSawtooth:
    n, delta = TEETH[h]
    return GDSawtooth(n=n, h=h, delta=delta)


def by_gap_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return a step with which gradient descent diverges: no gradient is smaller than the first."""
    return (_run("steps 2.1 / L", GDQuadratic(), 2.1, (11,), bound, h=1.0, Delta=0.5),)


def by_drop_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a hundredth as long, in which f falls by less than 1/4."""
    return (_run("a hundredth of the step", _sawtooth(1.0), 0.01, (6,), bound, h=1.0, Delta=0.25),)
