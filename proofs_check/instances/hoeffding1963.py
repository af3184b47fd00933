"""Experiments for the sample mean: with steps 1/t on x^2/2 SGD's iterate is minus the mean of the noise so far."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.sgd import SGD
from lab.schedules import Constant, Inverse
from problems.quadratic import TwoPointQuadratic

WIDTH = 1.25  # of the noise, 1 with probability 1/5 and -1/4 else
FAILS = 0.01


def sample_mean(radius: sp.Expr) -> tuple[Prediction, ...]:
    """Return means of 10, 100 and 1000 draws against the squared radius."""
    return tuple(_mean(n, radius) for n in (10, 100, 1000))


def _mean(n: int, radius: sp.Expr) -> Prediction:
    return Prediction(
        says=f"skewed coins, n = {n}",
        problem=TwoPointQuadratic(p=0.2, high=1.0),
        optimizer=SGD(lr=Inverse(1.0)),
        at=(n,),
        values={"c": WIDTH, "n": n, "delta": FAILS},
        metric="distance_sq",
        bound=radius**2,
        seeds=4096,
        probability=FAILS,
    )


def sample_mean_broken(radius: sp.Expr) -> tuple[Prediction, ...]:
    """Return steps that stay at 1/2, which forget all but the last draws."""
    return (replace(_mean(100, radius), says="steps of 1/2", optimizer=SGD(lr=Constant(0.5))),)
