"""Experiments for the quantity that Adam's proof takes to be positive, read off the size of the second step.

With A_t = alpha_t/sqrt(v_t) the claim is 1/A_2 - 1/A_1 <= -3 s/(2 alpha): A_2 is at least 1/(1/A_1 - 3 s/(2 alpha)).
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lab.claim import Prediction
from lab.optimizers.adam import Adam
from lab.optimizers.amsgrad import AMSGrad
from lab.schedules import InvSqrt
from problems.reddi import ReddiCycle
from proofs_check.symbols import alpha, s

ALPHA, BETAS = 0.5, (0.0, 0.01)


def second_step(gamma: sp.Expr) -> tuple[Prediction, ...]:
    """Return Adam on the slopes 3, -1, -1, and what its second step is at least. gamma: the claim's bound."""
    first = sp.sqrt(sp.Rational(891, 100)) * s / alpha  # 1/A_1
    run = Prediction(
        says="the slopes 3, -1: what the second step adds to the step sizes",
        problem=ReddiCycle(C=3.0),
        optimizer=Adam(lr=InvSqrt(ALPHA), betas=BETAS, eps=0.0, debias=False),
        at=(2,),
        since=1,
        values={"s": 1.0, "alpha": ALPHA},
        metric="effective_step_sum",
        relation=">=",
        bound=1 / (first + gamma),
    )
    return (run,)


def second_step_broken(gamma: sp.Expr) -> tuple[Prediction, ...]:
    """Return AMSGrad, whose v does not fall."""
    amsgrad = AMSGrad(lr=InvSqrt(ALPHA), betas=BETAS, eps=0.0)
    return tuple(replace(p, says="AMSGrad", optimizer=amsgrad) for p in second_step(gamma))
