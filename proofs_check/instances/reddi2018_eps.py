"""Experiments for Theorem 6: slopes 3, -1, -1 on [-1, 1], and an epsilon of at most 1/100 under Adam's root."""

from __future__ import annotations

from dataclasses import replace

from lab.claim import Prediction
from lab.optimizers.amsgrad import AMSGrad
from lab.optimizers.rmsprop import RMSpropOptax
from lab.schedules import Constant, InvSqrt, Schedule
from problems.reddi import ReddiCycle

BETA2 = 0.01


def linear_regret() -> tuple[Prediction, ...]:
    """Return the largest epsilon with steps of 1/2 and 1/(2 sqrt(t)), and none; regret at every step.

    alpha_{3k+1} <= 1/2 is the theorem's first condition; alpha_{3k+3} >= alpha_{3k+1}/sqrt(3) is enough for the second.
    """
    cases: tuple[tuple[Schedule, float], ...] = (
        (Constant(0.5), 0.01),
        (InvSqrt(0.5), 0.01),
        (InvSqrt(0.5), 0.0),
    )
    return tuple(
        Prediction(
            says=f"eps = {eps:g}, {lr}",
            problem=ReddiCycle(C=3.0),
            optimizer=RMSpropOptax(lr=lr, alpha=BETA2, eps=eps),
            at=tuple(range(1, 601)),
            values={"eps": eps},
        )
        for lr, eps in cases
    )


def linear_regret_broken() -> tuple[Prediction, ...]:
    """Return AMSGrad with that epsilon beside its root."""
    method = AMSGrad(lr=InvSqrt(0.5), betas=(0.0, BETA2), eps=0.1)
    return (replace(linear_regret()[0], says="AMSGrad", optimizer=method, at=(600,)),)
