"""Experiments for SGD on strongly convex functions: a quadratic of condition number 4, whose law is known exactly."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, Inverse, Schedule
from problems.quadratic import NoisyQuadratic
from proofs_check.instances import normal_law as law

L, C, SIGMA, RADIUS = 1.0, 0.25, 0.5, 2.0
SPECTRUM = (L, C)
AT = (1, 3, 10, 30, 100, 300)
START = RADIUS / 2**0.5  # of each coordinate
F1 = START**2 / 2 * (L + C) * (1 + 1e-12)
NOISE = 2 * SIGMA**2


def spread(lr: Schedule, steps: int, weights: tuple[float, float]) -> list[float]:
    """Return Var sum_i weight_i x_i^2 of SGD at t = 0, 1, ...: the coordinates are independent."""
    parts = [law.variance_of_square(law.sgd(lr, lam, steps), START, SIGMA) for lam in SPECTRUM]
    return [sum(w**2 * v for w, v in zip(weights, both, strict=True)) for both in zip(*parts, strict=True)]


def quadratic() -> NoisyQuadratic:
    """Return the problem."""
    return NoisyQuadratic(spectrum=SPECTRUM, sigma=SIGMA, radius=RADIUS)


def _gap(says: str, lr: Schedule, values: dict[str, float]) -> Prediction:
    return Prediction(
        says=says,
        problem=quadratic(),
        optimizer=SGD(lr=lr),
        at=AT,
        values=values,
        metric="suboptimality",
        seeds=1 << 15,
        certified=law.certified(spread(lr, max(AT), (L / 2, C / 2))),
    )


def fixed(a: float = 0.5, said: float = 0.5) -> tuple[Prediction, ...]:
    """Return the whole curve with a constant step."""
    values = {"L": L, "c": C, "M": NOISE, "mu": 1.0, "M_G": 1.0, "F_1": F1, "a": said}
    return (_gap(f"steps {a:g}", Constant(a), values),)


def fixed_broken() -> tuple[Prediction, ...]:
    """Return steps three times as long as they are said to be: a higher floor."""
    return (replace(fixed(a=1.5, said=0.1)[0], at=(300,), seeds=4096),)


def falling(bound: sp.Expr, beta: float = 8.0) -> tuple[Prediction, ...]:
    """Return steps 8/(7 + k). bound: the claim's for T + 1, as its w_T comes after T - 1 steps."""
    values = {"L": L, "c": C, "M": NOISE, "mu": 1.0, "M_G": 1.0, "F_1": F1, "beta": 8.0, "gamma": 7.0}
    return (replace(_gap(f"steps {beta:g}/(7 + k)", Inverse(beta, shift=7.0), values), bound=bound),)


def falling_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps a hundredth as long: the start is still there."""
    return (replace(falling(bound, beta=0.08)[0], at=(300,), seeds=4096),)
