"""Experiments for the exact law of SGD on a quadratic: the whole curve, and where it settles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lab.claim import Prediction, Variance
from lab.experiment import record_steps
from lab.optimizers.momentum import Momentum
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.quadratic import NoisyQuadratic

ALPHA, LAM, SIGMA, RADIUS = 0.2, 1.0, 0.5, 2.0
SEEDS = 200_000
CURVE = tuple(t for t in record_steps("log", 100) if t > 0)
WHY = "x_t is exactly normal, so Var x^2 = 2 v^2 + 4 m^2 v with its exact mean m and variance v"


def variance_of_square(problem: NoisyQuadratic, alpha: float, steps: int) -> Callable[[float], float]:
    """Return t -> Var ||x_t||^2 of SGD: the sum over coordinates of 2 v^2 + 4 m^2 v."""
    mean, v = problem.sgd_law(Constant(alpha), steps)
    spread = (2 * v**2 + 4 * mean**2 * v).sum(1)
    return lambda t: float(spread[int(t)])


def _prediction(says: str, at: tuple[int, ...], radius: float, tolerance: float) -> Prediction:
    problem = NoisyQuadratic(spectrum=(LAM,), sigma=SIGMA, radius=radius)
    return Prediction(
        says=says,
        problem=problem,
        optimizer=SGD(lr=Constant(ALPHA)),
        at=at,
        values={"x0": radius, "a": ALPHA, "lambda": LAM, "s2": SIGMA**2},
        seeds=SEEDS,
        certified=Variance(variance_of_square(problem, ALPHA, max(at)), WHY),
        tolerance=tolerance,
    )


def curve() -> tuple[Prediction, ...]:
    """Return E||x_t - x*||^2 at every recorded step: falling from afar, and rising from the optimum."""
    return (
        _prediction("the whole curve from x_1 = 2", CURVE, RADIUS, 0.03),
        _prediction("the whole curve from the optimum", CURVE, 0.0, 0.03),
    )


def stationary() -> tuple[Prediction, ...]:
    """Return where the curve settles: after 100 steps (1 - alpha lam)^200 < 1e-19."""
    return (_settled(_prediction("E||x_t - x*||^2 after 100 steps", (100, 110, 120), RADIUS, 0.03)),)


def _settled(p: Prediction) -> Prediction:
    """Return the same prediction without the start, which the stationary law has forgotten."""
    return replace(p, values={name: v for name, v in p.values.items() if name != "x0"})


def _momentum(at: tuple[int, ...], beta: float = 0.5) -> Prediction:
    """Return heavy ball, whose point and buffer are jointly normal: (x, b) -> A (x, b) + xi (-alpha, 1)."""
    A = np.array([[1 - ALPHA * LAM, -ALPHA * beta], [LAM, beta]])
    noise = SIGMA**2 * np.outer((-ALPHA, 1.0), (-ALPHA, 1.0))
    mean, cov = np.array([RADIUS, 0.0]), np.zeros((2, 2))
    spread = [0.0]
    for _ in range(max(at)):
        mean, cov = A @ mean, A @ cov @ A.T + noise
        spread.append(float(2 * cov[0, 0] ** 2 + 4 * mean[0] ** 2 * cov[0, 0]))
    return Prediction(
        says=f"momentum {beta:g} with the same step size",
        problem=NoisyQuadratic(spectrum=(LAM,), sigma=SIGMA, radius=RADIUS),
        optimizer=Momentum(lr=Constant(ALPHA), momentum=beta),
        at=at,
        values={"x0": RADIUS, "a": ALPHA, "lambda": LAM, "s2": SIGMA**2},
        seeds=SEEDS,
        certified=Variance(lambda t: spread[int(t)], WHY),
    )


def curve_broken() -> tuple[Prediction, ...]:
    """Return momentum, whose law is another one."""
    return (_momentum((100,)),)


def stationary_broken() -> tuple[Prediction, ...]:
    """Return momentum, which settles higher."""
    return (_settled(_momentum((120,))),)
