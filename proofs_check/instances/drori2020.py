"""Experiments for the lower bound on the gradients of SGD: for each step the quadratic that is worst for it."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.stationarity import StationarityQuadratic
from proofs_check.instances import normal_law as law

T, L, SIGMA, DELTA = 100, 1.0, 1.0, 1.0
AT = (2, 5, 10, 20, 50, 100)


def _run(gamma: float, l: float, bound: sp.Expr) -> Prediction:
    """Return SGD on L x^2/2 + l y^2/2, noisy in x from 0, exact in y: only x^2 is random, and normal."""
    spread = law.variance_of_square(law.sgd(Constant(gamma), L, T), 0.0, SIGMA)
    return Prediction(
        says=f"steps {gamma:g} on the curvatures {L:g} and {l:.3g}, none of {T} steps",
        problem=StationarityQuadratic(L=L, l=l, sigma=SIGMA, Delta=DELTA),
        optimizer=SGD(lr=Constant(gamma)),
        at=AT,
        values={"L": L, "Delta": DELTA, "sigma": SIGMA},
        metric="grad_norm_sq",
        bound=bound.subs(sp.Symbol("T", integer=True, positive=True), T),
        seeds=1 << 14,
        certified=law.certified(spread, lambda t: L**2),
    )


def worst(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return four steps, each with the curvature l = 1/(2 gamma T) that its T steps hardly forget."""
    return tuple(_run(gamma, min(L, 1 / (2 * gamma * T)), bound) for gamma in (0.03, 0.1, 0.3, 1.0))


def worst_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return a short step on an easy quadratic, where the start is forgotten and little noise comes in."""
    return (replace(_run(0.04, L, bound), at=(T,)),)


EPSILON, FEW = 0.2, 58  # 3 L Delta sigma^2 / (32 eps^4) is 58.6


def few(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the same steps on their worst quadratics, for fewer steps than are needed. bound: eps^2."""
    return tuple(
        replace(
            _run(gamma, min(L, 1 / (2 * gamma * FEW)), bound), says=f"steps {gamma:g}, none of {FEW}",
            at=(1, 2, 5, 10, 20, FEW), values={"L": L, "Delta": DELTA, "sigma": SIGMA, "epsilon": EPSILON},
        )
        for gamma in (0.03, 0.1, 0.3, 1.0)
    )  # fmt: skip


def few_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return a short step on an easy quadratic."""
    return (replace(_run(0.05, L, bound), says="an easy quadratic", at=(FEW,), values=few(bound)[0].values),)
