"""Experiments for SGD under stable noise: the scale of the law of x_T, read off the median of |x_T|.

Second moments are infinite, and so is the mean of x_T^2; its median is (scale z)^2, z the upper quartile of the law of
scale 1. That the median lies between 0.9 and 1.1 times this is shown by two statements on probabilities.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import replace

import sympy as sp
from scipy import integrate, optimize

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, Inverse, Schedule
from problems.quadratic import StableQuadratic

ALPHAS, SCALE, LAM, H = (1.2, 1.5, 1.8), 1.0, 0.5, 0.4
SEEDS = 1 << 15
SLACK = sp.Rational(1, 10)


@functools.cache
def quartile(alpha: float) -> float:
    """Return z with P(Z <= z) = 3/4, Z of characteristic function exp(-|t|^alpha): the inversion integral, solved."""

    def excess(z: float) -> float:
        def density(t: float) -> float:
            return math.sin(t * z) / t * math.exp(-(t**alpha)) if t else z

        return float(integrate.quad(density, 0, 30, epsabs=1e-12, limit=400)[0] / math.pi - 0.25)

    return float(optimize.brentq(excess, 0.5, 2.0, xtol=1e-10))


def _medians(
    alpha: float, lr: Schedule, says: str, at: tuple[int, ...], values: Mapping[str, float], scale: sp.Expr
) -> tuple[Prediction, ...]:
    """Return the two halves of "the median of x^2 is (scale z)^2 to 10%"."""
    square = (scale * sp.Float(quartile(alpha), 15)) ** 2
    above = Prediction(
        says=f"alpha = {alpha:g}, {says}: the median from above",
        problem=StableQuadratic(spectrum=(LAM,), alpha=alpha, scale=SCALE, radius=0.0),
        optimizer=SGD(lr=lr),
        at=at,
        values={"alpha": alpha, "s": SCALE, **values},
        metric="distance_sq",
        relation="<=",
        bound=(1 + SLACK) * square,
        seeds=SEEDS,
        probability=0.5,
    )
    below = replace(above, says=above.says.replace("above", "below"), relation=">=", bound=(1 - SLACK) * square)
    return (above, below)


def scale(bound: sp.Expr, h: float = H) -> tuple[Prediction, ...]:
    """Return constant steps from the minimiser, after 1 to 30 of them."""
    values = {"r": 1 - H * LAM, "h": H}
    runs = (_medians(a, Constant(h), f"steps {h:g}", (1, 3, 10, 30), values, bound) for a in ALPHAS)
    return tuple(p for both in runs for p in both)


def at_rest(bound: sp.Expr, h: float = H) -> tuple[Prediction, ...]:
    """Return constant steps after 100 of them, by which r^(100 alpha) < 1e-11."""
    values = {"r": 1 - H * LAM, "h": H}
    runs = (_medians(a, Constant(h), f"steps {h:g}", (100,), values, bound) for a in ALPHAS)
    return tuple(p for both in runs for p in both)


def mean(bound: sp.Expr, lr: float = 1 / LAM) -> tuple[Prediction, ...]:
    """Return steps 1/(lambda k): the iterate is the noise's mean."""
    runs = (_medians(a, Inverse(lr), f"steps {lr:g}/k", (1, 10, 100, 300), {"lambda": LAM}, bound) for a in ALPHAS)
    return tuple(p for both in runs for p in both)


def shorter(found: tuple[Prediction, ...]) -> tuple[Prediction, ...]:
    """Return, of runs with shorter steps than said, the half that they break: the median is too small."""
    return (replace(found[1], at=found[1].at[-1:], seeds=1 << 13),)
