"""Experiments for the exact laws of SGD on a quadratic: other schedules, the average, and the stochastic heavy ball."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from lab.claim import Prediction
from lab.optimizer import Optimizer
from lab.optimizers.momentum import Momentum
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, Inverse, Polynomial
from problems.quadratic import NoisyQuadratic
from proofs_check.instances import normal_law as law

Values = Mapping[str, float | str]
LAM, SIGMA, RADIUS = 0.5, 0.5, 2.0
AT = (1, 2, 3, 5, 10, 20, 50, 100)
SEEDS, TOLERANCE = 1 << 17, 0.05


def _run(
    says: str,
    optimizer: Optimizer[Any],
    values: Values,
    spread: list[float],
    factor: float = 1.0,
    at: tuple[int, ...] = AT,
) -> Prediction:
    """Return a run whose metric is factor z^2, z normal with the given Var z^2."""
    return Prediction(
        says=says,
        problem=NoisyQuadratic(spectrum=(LAM,), sigma=SIGMA, radius=RADIUS),
        optimizer=optimizer,
        at=at,
        values=values,
        metric="distance_sq",
        seeds=SEEDS,
        certified=law.certified(spread, lambda t: factor),
        tolerance=TOLERANCE,
    )


def mean_steps(c: float = 4.0) -> tuple[Prediction, ...]:
    """Return the whole curve with steps 1/(lam (k + c))."""
    lr = Inverse(1 / LAM, shift=c)
    spread = law.variance_of_square(law.sgd(lr, LAM, max(AT)), RADIUS, SIGMA)
    values = {"lambda": LAM, "s2": SIGMA**2, "x0": RADIUS, "c": c}
    return (_run(f"steps 1/(lam (k + {c:g}))", SGD(lr=lr), values, spread),)


def mean_steps_broken() -> tuple[Prediction, ...]:
    """Return the same steps without their offset."""
    lr = Inverse(1 / LAM)
    spread = law.variance_of_square(law.sgd(lr, LAM, 10), RADIUS, SIGMA)
    return (replace(_run("steps 1/(lam k)", SGD(lr=lr), mean_steps()[0].values, spread), at=(10,)),)


def any_schedule() -> tuple[Prediction, ...]:
    """Return steps 0.8 k^-0.7: the start's product and the noise's sum, from the schedule."""
    lr, at = Polynomial(0.8, power=0.7), (5, 50)
    spread = law.variance_of_square(law.sgd(lr, LAM, max(at)), RADIUS, SIGMA)
    return tuple(
        replace(_run(f"steps 0.8 k^-0.7, {t} of them", SGD(lr=lr), _sums(law.rates(lr, t)), spread), at=(t,))
        for t in at
    )


def any_schedule_broken() -> tuple[Prediction, ...]:
    """Return other steps than those that the sums are of."""
    lr = Constant(0.8)
    spread = law.variance_of_square(law.sgd(lr, LAM, 50), RADIUS, SIGMA)
    values = _sums(law.rates(Polynomial(0.8, power=0.7), 50))
    return (replace(_run("constant steps 0.8", SGD(lr=lr), values, spread), at=(50,), seeds=1 << 14),)


def _sums(steps: list[float]) -> dict[str, float]:
    """Return the numbers of the claim: P, V of these steps, the noise's C and both coordinates of the start."""
    P, V = 1.0, 0.0
    for a in reversed(steps):
        V += a**2 * P
        P *= (1 - a * LAM) ** 2
    return {"x": RADIUS, "y": RADIUS, "C": SIGMA**2, "P": P, "V": V}


def settled(b: float = 0.5, a: float = 0.2) -> tuple[Prediction, ...]:
    """Return the heavy ball after 60 steps, by which the start is forgotten: its modes shrink by sqrt(b) a step."""
    lr = Constant(a)
    spread = law.variance_of_square(law.heavy_ball(lr, LAM, b, 80), RADIUS, SIGMA)
    values = {"a": a, "lambda": LAM, "s2": SIGMA**2, "b": b}
    return (_run(f"momentum {b:g}", Momentum(lr=lr, momentum=b), values, spread, at=(60, 80)),)


def settled_broken() -> tuple[Prediction, ...]:
    """Return SGD without momentum, which settles lower."""
    lr = Constant(0.2)
    spread = law.variance_of_square(law.sgd(lr, LAM, 80), RADIUS, SIGMA)
    return (_run("no momentum", SGD(lr=lr), settled()[0].values, spread, at=(80,)),)


# ------------------------------------------------------------------------------------------------------ the average

STEP = 0.5


def _average(says: str, bound: sp.Expr, values: Values, a: float = STEP) -> Prediction:
    """Return the average of the first T points; f there is lam/2 times its square."""
    sums = law.variance_of_square(law.sgd_and_sum(Constant(a), LAM, max(AT)), RADIUS, SIGMA, row=1)
    run = _run(says, SGD(lr=Constant(a)), values, [s / max(t, 1) ** 4 for t, s in enumerate(sums)], LAM / 2)
    return replace(run, metric="average_suboptimality", bound=bound)


def average_exact(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the average's whole curve. bound: lam/2 times the claim's."""
    q = 1 - STEP * LAM
    return (_average("the average of T points", bound, {"lambda": LAM, "s2": SIGMA**2, "x0": RADIUS, "q": q}),)


def average_exact_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return half the step, with which the start fades later."""
    (p,) = average_exact(bound)
    return (replace(_average("half the step", bound, p.values, STEP / 2), at=(10,)),)


def average_upper(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return the average's whole curve under its bound."""
    return (_average("the average of T points", bound, {"a": STEP, "lambda": LAM, "s2": SIGMA**2, "x0": RADIUS}),)


def average_upper_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return a step a tenth as long as it is said to be: the start is still there."""
    (p,) = average_upper(bound)
    return (replace(_average("a tenth of the step", bound, p.values, STEP / 10), at=(10, 20)),)
