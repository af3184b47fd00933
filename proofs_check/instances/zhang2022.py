"""Experiments for RMSProp: with full gradients on x^2/2, and on the n-function, its components shown in turn."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.adam import Adam
from lab.sampling import Cyclic
from lab.schedules import Constant
from problems.adam_nonconvex import NFunction
from problems.gd_worst_cases import GDQuadratic


def full_batch(bound: sp.Expr, factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return two beta2 on a quadratic, each with the step of its horizon. bound: the claim's, squared."""
    found = []
    for beta2 in (0.1, 0.3):
        for T in (10, 30):
            found.append(
                Prediction(
                    says=f"beta2 = {beta2:g}, T = {T}",
                    problem=GDQuadratic(),
                    optimizer=Adam(lr=Constant(factor / T**0.5), betas=(0.0, beta2), eps=0.0, debias=False),
                    at=(T,),
                    values={"beta2": beta2, "Delta": 0.5, "eta_0": 1.0, "L": 1.0, "d": 1.0},
                    metric="best_grad_norm_sq",
                    bound=bound,
                )
            )
    return tuple(found)


def full_batch_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a thousandth as long, at a horizon at which the bound is below the start."""
    return (replace(full_batch(bound, factor=0.001)[1], at=(1000,)),)


# ------------------------------------------------------------------------------------------------ the n-function

IN_TURN = Cyclic()
PERIODS = 30


def _rmsprop(lr: float, beta2: float) -> Adam:
    return Adam(lr=Constant(lr), betas=(0.0, beta2), eps=0.0, debias=False)


def climbs() -> tuple[Prediction, ...]:
    """Return beta2 just below (a/C)^2, for the paper's slopes n and -1 and for those of the thesis."""
    found = []
    for n, a in ((3, 1.0), (10, 1.0), (4, 1 / 9)):
        large = 1 + (n - 1) * a
        beta2 = 0.99 * (a / large) ** 2
        found.append(
            Prediction(
                says=f"n = {n}, a = {a:.3g}, beta2 = {beta2:.3g}, after each of {PERIODS} periods",
                problem=NFunction(n=n, a=a, order=IN_TURN),
                optimizer=_rmsprop(0.1, beta2),
                at=tuple(n * k for k in range(1, PERIODS + 1)),
                since=0,
                values={"n": float(n), "a": a, "alpha": 0.1, "beta2": beta2},
                metric="iterate",
            )
        )
    return tuple(found)


def climbs_broken() -> tuple[Prediction, ...]:
    """Return beta2 = 0.99 for n = 3, with which x comes down."""
    (run, *_) = climbs()
    return (replace(run, says="n = 3, beta2 = 0.99", optimizer=_rmsprop(0.1, 0.99), at=(3 * PERIODS,)),)


def _period(says: str, n: int, beta2: float) -> Prediction:
    """Return one period's displacement on the linear part, once beta2^t has died out: it must not be above 0."""
    forgotten = n * (1 + int(40 / (1 - beta2) / n))
    return Prediction(
        says=says,
        problem=NFunction(n=n, a=1.0, x1=50.0, order=IN_TURN),
        optimizer=_rmsprop(1e-3, beta2),
        at=(forgotten + n,),
        since=forgotten,
        values={"n": float(n), "a": 1.0},
        metric="iterate",
        relation="<=",
        bound=sp.Integer(0),
    )


def comes_down() -> tuple[Prediction, ...]:
    """Return beta2 at the claim's bound (1 - 1/((n-1) C))^2, C = n: a settled period moves x downhill."""
    bounds = ((n, (1 - 1 / ((n - 1) * n)) ** 2) for n in (3, 5, 10))
    return tuple(_period(f"n = {n}, beta2 = {beta2:.4g}, the bound", n, beta2) for n, beta2 in bounds)


def comes_down_broken() -> tuple[Prediction, ...]:
    """Return beta2 below the threshold 0.9554 of small steps."""
    return (_period("n = 10, beta2 = 0.94", 10, 0.94),)
