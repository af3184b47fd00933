"""Experiments for SGD that returns a random iterate: on x^2/2, whose law is known exactly.

The mean of the squared gradients of T points is the expectation over the index. Its variance is at most the largest of
theirs, by the convexity of the square.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.quadratic import NoisyQuadratic
from proofs_check.instances import normal_law as law

L, SIGMA, RADIUS, T = 1.0, 1.0, 2.0, 10
DELTA = RADIUS**2 / 2
SEEDS = 1 << 15


def _mean_square(gamma: float, values: Mapping[str, float], at: tuple[int, ...]) -> Prediction:
    """Return SGD with a constant step: E of the mean of x_1^2, ..., x_T^2."""
    lr = Constant(gamma)
    spread = law.variance_of_square(law.sgd(lr, L, max(at)), RADIUS, SIGMA)
    return Prediction(
        says=f"steps {gamma:g}",
        problem=NoisyQuadratic(spectrum=(L,), sigma=SIGMA, radius=RADIUS),
        optimizer=SGD(lr=lr),
        at=at,
        values=values,
        metric="mean_grad_norm_sq",
        seeds=SEEDS,
        certified=law.certified(list(accumulate(spread, max))),
    )


def any_steps(gamma: float = 0.1, said: float = 0.1) -> tuple[Prediction, ...]:
    """Return constant steps, for which all indices weigh alike."""
    values = {"L": L, "Delta": DELTA, "sigma": SIGMA, "A": T * said**2, "W": T * (2 * said - L * said**2)}
    return (_mean_square(gamma, values, (T,)),)


def any_steps_broken() -> tuple[Prediction, ...]:
    """Return steps a hundredth as long as they are said to be."""
    return any_steps(gamma=0.001)


def tuned(guess: float = 2.0, factor: float = 1.0) -> tuple[Prediction, ...]:
    """Return the step min(1/L, Dt/(sigma sqrt(T))) of three horizons."""
    values = {"L": L, "Delta": DELTA, "sigma": SIGMA, "Dt": guess}
    horizons = (10, 100, 1000)
    return tuple(_mean_square(factor * min(1 / L, guess / (SIGMA * t**0.5)), values, (t,)) for t in horizons)


def tuned_broken() -> tuple[Prediction, ...]:
    """Return steps a hundredth as long."""
    return (replace(tuned(factor=0.01)[2], seeds=4096),)


def exact(bound: sp.Expr, gamma: float = 0.1) -> tuple[Prediction, ...]:
    """Return the mean itself at four horizons. bound: the claim's factor times the bound of any steps."""
    values = {"L": L, "Delta": DELTA, "sigma": SIGMA, "gamma": 0.1}
    return (replace(_mean_square(gamma, values, (3, 10, 30, 100)), bound=bound),)


def exact_broken(bound: sp.Expr) -> tuple[Prediction, ...]:
    """Return half the step."""
    return exact(bound, gamma=0.05)
