"""Experiments for the 2-cycle of Adam on x^2/2: without momentum it is met at once from alpha/2, where vhat = g^2.

(Intervals cannot follow a fall into a cycle for long; exact numbers can stay on one.)
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.adam import Adam
from lab.optimizers.sgd import SGD
from lab.schedules import Constant
from problems.gd_worst_cases import GDQuadratic

LR = 0.5


def stays(cycle: sp.Expr) -> tuple[Prediction, ...]:
    """Return Adam from a point of the cycle, for three beta2. cycle: |x| on it."""
    return tuple(
        Prediction(
            says=f"betas = (0, {beta2:g}): on the cycle for 50 steps",
            problem=GDQuadratic(),
            optimizer=Adam(lr=Constant(LR), betas=(0.0, beta2), eps=0.0),
            at=(1, 2, 3, 10, 49, 50),
            values={"alpha": LR, "beta1": 0.0},
            start=(LR / 2,),
            metric="distance_sq",
            bound=cycle**2,
            tolerance=0.0,
        )
        for beta2 in (0.25, 0.5, 0.75)
    )


def stays_broken(cycle: sp.Expr) -> tuple[Prediction, ...]:
    """Return gradient descent with the same step, which halves x."""
    return (replace(stays(cycle)[0], says="SGD", optimizer=SGD(lr=Constant(LR))),)
